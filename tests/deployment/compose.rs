//! Docker compose, as an operator runs it: from the root of the repository, in a shell.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use devstack::root;

/// No command may take longer.
const BOUND: &str = "400";

/// A compose project of the test's own.
#[derive(Clone, Debug)]
pub(crate) struct Compose {
    variables: Vec<(String, String)>,
}

impl Compose {
    /// A project with fresh secrets in `folder`, on free ports, on stepped time.
    pub(crate) fn new(folder: &Path) -> Result<Compose> {
        let mut compose = Compose {
            variables: Vec::new(),
        };
        let secrets = folder.join("secrets");
        compose.set("ODR_PROJECT", format!("odrtest{}", std::process::id()));
        compose.set("ODR_SECRETS", secrets.display());
        compose.set("ODR_DIRECTORY", "./deploy/directories/us");
        compose.set("ODR_CLOCK", "stepped");
        // other tests are told of other servers by this name
        compose.set("ODR_KAFKA", "kafka:9092");
        compose.set("ODR_WAL_SYNCHRONOUS", "on");
        compose.set("COMPOSE_DISABLE_ENV_FILE", "1");
        compose.set("COMPOSE_PROGRESS", "plain");
        compose.set("BACKUP", folder.join("backup").display());
        for service in ["INTAKE", "ROUTING", "MEDIATION", "ANALYTICS", "KAFKA"] {
            compose.set(&format!("ODR_{service}_PORT"), devstack::free_port()?);
        }
        compose.run("deploy/secrets/generate \"$ODR_SECRETS\"")?;
        Ok(compose)
    }

    /// Sets a variable for all later commands.
    pub(crate) fn set(&mut self, name: &str, value: impl ToString) {
        self.variables.retain(|(set, _)| set != name);
        self.variables.push((name.to_owned(), value.to_string()));
    }

    /// The value of a variable.
    pub(crate) fn variable(&self, name: &str) -> &str {
        let found = self.variables.iter().find(|(set, _)| set == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The address at which a service's published port answers.
    pub(crate) fn address(&self, service: &str) -> String {
        let port = self.variable(&format!("ODR_{}_PORT", service.to_uppercase()));
        format!("127.0.0.1:{port}")
    }

    /// The folder of the backups.
    pub(crate) fn backup(&self) -> PathBuf {
        self.variable("BACKUP").into()
    }

    /// Runs commands as they stand, and says how long they took; gives what they print.
    pub(crate) fn run(&self, commands: &str) -> Result<String> {
        let started = Instant::now();
        let printed = self.shell(commands);
        let elapsed_s = started.elapsed().as_secs_f32();
        println!("{elapsed_s:6.1} s  {}", commands.trim().replace('\n', "; "));
        printed
    }

    fn shell(&self, commands: &str) -> Result<String> {
        let output = Command::new("timeout")
            .args(["--kill-after=5", BOUND, "bash", "-euo", "pipefail", "-c"])
            .arg(commands)
            .current_dir(root())
            .envs(self.variables.clone())
            .output()
            .context("no shell")?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "{commands}\n{errors}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The same beside what goes on.
    pub(crate) async fn run_beside(&self, commands: &str) -> Result<String> {
        let (this, commands) = (self.clone(), commands.to_owned());
        tokio::task::spawn_blocking(move || this.run(&commands)).await?
    }

    /// Asks something that is asked again and again.
    pub(crate) async fn look(&self, question: &str) -> Result<String> {
        let (this, question) = (self.clone(), question.to_owned());
        tokio::task::spawn_blocking(move || this.shell(&question)).await?
    }

    /// The end of what all containers said, for a failure.
    pub(crate) fn last_words(&self) -> String {
        let words = self.run("docker compose ps --all; docker compose logs --no-color --tail 12");
        words.unwrap_or_else(|error| format!("{error:#}"))
    }
}
