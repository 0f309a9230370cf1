//! The settings of routing: those every service has, the directory's folder, and the law's open questions it decides by.

use std::path::PathBuf;

use chassis::config::{Common, Problems, check};
use clap::{ArgAction, Args};
use law::directory::Directory;
use law::{Law, Period, Policy};

use crate::directory;

/// Every setting.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// What every service has.
    #[command(flatten)]
    pub common: Common,

    /// Folder with `regions.csv`, `authorities.csv` and `units.csv`. No default: a guess could send cases to strangers.
    #[arg(long, env = "ODR_DIRECTORY")]
    pub directory: PathBuf,

    /// Time an ODR enterprise has to negotiate, like 10WD or 14D. Default 10WD: a rule of the national platform.
    #[arg(long, env = "ODR_POLICY_NEGOTIATION", default_value_t = Policy::default().negotiation)]
    pub policy_negotiation: Period,

    /// Time after which a held case is brought up for supervision, like 3WD. Default 3WD: inferred, no rule names one.
    #[arg(long, env = "ODR_POLICY_ROUTING", default_value_t = Policy::default().routing)]
    pub policy_routing: Period,

    /// Whether a period of calendar days that ends on a plain weekend ends later. Default false: the rules name holidays only.
    #[arg(long, env = "ODR_POLICY_ROLL_WEEKENDS", action = ArgAction::Set, default_value_t = Policy::default().roll_weekends)]
    pub policy_roll_weekends: bool,
}

impl Config {
    /// Checks every setting and reads the directory; reaches nothing and binds nothing.
    ///
    /// # Errors
    /// All faults together; of the directory the first, with file and line.
    pub fn validate(&self) -> Result<Directory, Problems> {
        let mut problems = Problems::default();
        check(&self.common, &mut problems);
        match directory::load(&self.directory) {
            Ok(directory) => problems.into_result().map(|()| directory),
            Err(error) => {
                problems.require(false, "ODR_DIRECTORY", error);
                Err(problems)
            }
        }
    }

    /// Calendar and policy.
    pub fn law(&self) -> Law {
        let mut law = Law::default();
        law.policy.negotiation = self.policy_negotiation;
        law.policy.routing = self.policy_routing;
        law.policy.roll_weekends = self.policy_roll_weekends;
        law
    }
}
