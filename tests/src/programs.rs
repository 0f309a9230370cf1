//! The programs of the repository, run as people run them.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::Command;

const BOUND: Duration = Duration::from_secs(60);

/// What a program said, and whether it was content.
#[derive(Clone, Debug)]
pub struct Said {
    /// It ended with success.
    pub success: bool,
    /// Standard output, then standard error.
    pub text: String,
}

/// A program of the build: in `ODR_BIN_DIR`, or beside the running test.
///
/// # Errors
/// When it was not built.
pub fn path(name: &str) -> Result<PathBuf> {
    let places: Vec<PathBuf> = match std::env::var_os("ODR_BIN_DIR") {
        Some(folder) => vec![folder.into()],
        None => {
            let own = std::env::current_exe()?;
            own.ancestors().skip(1).take(2).map(PathBuf::from).collect()
        }
    };
    let found = places
        .iter()
        .map(|place| place.join(name))
        .find(|program| program.is_file());
    found.with_context(|| format!("no program {name} in {places:?}: build it first"))
}

/// Where the programs of this build are.
///
/// # Errors
/// When the services were not built.
pub fn folder() -> Result<PathBuf> {
    let program = path("intake")?;
    Ok(program
        .parent()
        .context("a program lies in a folder")?
        .to_owned())
}

/// Where the programs of the previous release are; none where `./dev test` could not build them.
pub fn previous_release() -> Option<PathBuf> {
    std::env::var_os("ODR_PREVIOUS_BIN_DIR").map(PathBuf::from)
}

/// Runs a program to its end with these arguments and more environment variables.
///
/// # Errors
/// When it was not built or does not end within a minute.
pub async fn run(name: &str, arguments: &[&str], variables: &[(&str, String)]) -> Result<Said> {
    let mut command = Command::new(path(name)?);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command.envs(
        variables
            .iter()
            .map(|(name, value)| (*name, value.as_str())),
    );
    let ended = tokio::time::timeout(BOUND, command.output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = ended.with_context(|| format!("{name} did not end"))??;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
    Ok(Said {
        success: status.success(),
        text,
    })
}
