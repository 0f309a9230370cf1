//! `promtool`, which knows the grammar and evaluates rules as Prometheus does.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Runs it; gives what it said.
///
/// # Errors
/// When there is none, or it was not content.
pub(crate) fn promtool(words: &[&str], files: &[impl AsRef<Path>]) -> Result<String> {
    let program = std::env::var_os("ODR_PROMTOOL").unwrap_or_else(|| "promtool".into());
    let mut command = Command::new(&program);
    command.args(words).args(files.iter().map(AsRef::as_ref));
    let ran = command.output().with_context(|| {
        format!("{} does not run: `./dev test` fetches it, or install Debian's package prometheus, or say where it is in ODR_PROMTOOL", program.display())
    })?;
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(ran.status.success(), "promtool {words:?}:\n{said}");
    Ok(said)
}
