//! The service's settings: the shared ones; figures leave nothing to choose.

use chassis::config::{Common, Problems, check};
use clap::Args;

/// Every setting of the service.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Settings every service has.
    #[command(flatten)]
    pub common: Common,
}

impl Config {
    /// Checks every setting; reaches nothing and binds nothing.
    ///
    /// # Errors
    /// All faults together.
    pub fn validate(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        check(&self.common, &mut problems);
        problems.into_result()
    }
}
