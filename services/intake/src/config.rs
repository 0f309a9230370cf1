//! Intake's settings beside those every service has.

use std::path::{Path, PathBuf};

use chassis::config::{Common, Mode, Problems, Secret, check};
use clap::Args;
use law::directory::Directory;

use crate::domain::progress_code::ProgressCodes;

/// The key of progress codes in a sandbox that names none. Worth nothing: a sandbox has no secrets.
const SANDBOX_PROGRESS_KEY: &str =
    "73616e64626f782073616e64626f782073616e64626f782073616e64626f7821";

/// Every setting of intake.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// The settings shared by all services.
    #[command(flatten)]
    pub common: Common,

    /// Folder with regions.csv, authorities.csv and units.csv, read once at the start. No default: codes that are right in one country are wrong in another.
    #[arg(long, env = "ODR_DIRECTORY")]
    pub directory: PathBuf,

    /// Key of progress codes, 32 bytes or more as hexadecimal digits. No default outside a sandbox: who knows it can read where any case stands.
    #[arg(long, env = "ODR_PROGRESS_KEY", hide_env_values = true)]
    pub progress_key: Option<Secret>,

    /// File with the key of progress codes, instead of the key itself. Default none.
    #[arg(long = "progress-key-file", env = "ODR_PROGRESS_KEY_FILE", value_name = "FILE", value_parser = Secret::read, conflicts_with = "progress_key")]
    pub progress_key_from_file: Option<Secret>,

    /// Looks at progress codes one caller may make at once. Default 20: a page with a person's cases.
    #[arg(long, env = "ODR_PROGRESS_BURST", default_value_t = 20)]
    pub progress_burst: u32,

    /// Looks at progress codes one caller may make per minute in the long run. Default 60: more than people click, too few to try codes.
    #[arg(long, env = "ODR_PROGRESS_PER_MINUTE", default_value_t = 60)]
    pub progress_per_minute: u32,
}

/// What the settings name, read and found right.
pub struct Checked {
    /// Regions and authorities.
    pub(crate) directory: Directory,
    /// The maker of progress codes.
    pub(crate) progress_codes: ProgressCodes,
}

impl Config {
    /// Checks every setting and reads the directory; reaches no server and binds nothing.
    ///
    /// # Errors
    /// All faults together; of a wrong directory file the first one, with its line.
    pub fn check(&self) -> Result<Checked, Problems> {
        let mut problems = Problems::default();
        check(&self.common, &mut problems);
        problems.range("ODR_PROGRESS_BURST", self.progress_burst, 1..=100_000);
        problems.range(
            "ODR_PROGRESS_PER_MINUTE",
            self.progress_per_minute,
            1..=1_000_000,
        );
        let key = self.progress_key(&mut problems);
        let directory = match read_directory(&self.directory) {
            Ok(directory) => Some(directory),
            Err(fault) => {
                problems.require(false, "ODR_DIRECTORY", fault);
                None
            }
        };
        problems.clone().into_result()?;
        match (directory, key) {
            (Some(directory), Some(key)) => Ok(Checked {
                directory,
                progress_codes: ProgressCodes::new(&key),
            }),
            _ => Err(problems),
        }
    }

    fn progress_key(&self, problems: &mut Problems) -> Option<Vec<u8>> {
        let given = self.progress_key.as_ref();
        let given = given.or(self.progress_key_from_file.as_ref());
        let text = match (given, self.common.mode) {
            (Some(key), _) => key.expose(),
            (None, Mode::Sandbox) => SANDBOX_PROGRESS_KEY,
            (None, Mode::Production) => {
                problems.require(false, "ODR_PROGRESS_KEY", "must be set outside a sandbox");
                return None;
            }
        };
        let key = hex::decode(text).ok().filter(|key| key.len() >= 32);
        problems.require(
            key.is_some(),
            "ODR_PROGRESS_KEY",
            "must be 64 or more hexadecimal digits",
        );
        key
    }
}

fn read_directory(folder: &Path) -> Result<Directory, String> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (regions, authorities, units) = (
        read("regions.csv")?,
        read("authorities.csv")?,
        read("units.csv")?,
    );
    Directory::parse(&regions, &authorities, &units).map_err(|error| error.to_string())
}
