//! One process of one service.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::RecordedReplica;
use super::readiness::is_ready;
use crate::process::{Identity, Lifetime, spawn, tail};
use crate::wait;

/// How a service's program is run: always the same way, however often.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) program: PathBuf,
    pub(super) environment: Vec<(String, String)>,
}

/// Which replica it is and where it is found.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) service: String,
    pub(super) number: usize,
    pub(super) grpc_port: u16,
    pub(super) ops_port: u16,
    pub(super) log: PathBuf,
}

/// A running replica, or one that has ended and can be started again. Dropping it ends it, unless it is detached.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) place: Place,
    recipe: Recipe,
    lifetime: Lifetime,
    child: Child,
    identity: Identity,
}

impl Recipe {
    /// Runs the program with one argument, its output going to the end of `log`.
    pub(super) fn run(&self, subcommand: &str, log: &Path, lifetime: Lifetime) -> Result<Child> {
        let file = open(log)?;
        let mut command = Command::new(&self.program);
        command.arg(subcommand).envs(self.environment.clone());
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        spawn(command, lifetime, libc::SIGKILL)
            .with_context(|| format!("cannot run {}", self.program.display()))
    }
}

impl Replica {
    /// Starts the process; does not wait until it is ready.
    pub(super) fn start(place: Place, mut recipe: Recipe, lifetime: Lifetime) -> Result<Replica> {
        let own = [
            ("ODR_LISTEN", format!("127.0.0.1:{}", place.grpc_port)),
            ("ODR_OPS_LISTEN", format!("127.0.0.1:{}", place.ops_port)),
            ("ODR_REPLICA", place.name()),
        ];
        recipe
            .environment
            .extend(own.map(|(name, value)| (name.to_owned(), value)));
        let (child, identity) = serve(&recipe, &place, lifetime)?;
        Ok(Replica {
            place,
            recipe,
            lifetime,
            child,
            identity,
        })
    }

    /// Runs another program from the next start on.
    pub(super) fn install(&mut self, program: PathBuf) {
        self.recipe.program = program;
    }

    /// The process of the last start.
    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    /// What a later process needs to find it.
    pub(super) fn recorded(&self) -> RecordedReplica {
        RecordedReplica {
            service: self.place.service.clone(),
            replica: self.place.number,
            identity: self.identity,
            grpc_port: self.place.grpc_port,
            ops_port: self.place.ops_port,
            log: self.place.log.clone(),
        }
    }

    /// Kills it with SIGKILL; one that has ended is no error.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends SIGTERM and waits for the end.
    pub(super) async fn terminate(&mut self, bound: Duration) -> Result<ExitStatus> {
        self.identity.signal(libc::SIGTERM)?;
        self.wait_ended(bound).await
    }

    /// Sets a variable for the next start, or takes it away.
    pub(super) fn set_variable(&mut self, name: &str, value: Option<&str>) {
        let environment = &mut self.recipe.environment;
        environment.retain(|(found, _)| found != name);
        environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// Waits for its end.
    pub(super) async fn wait_ended(&mut self, bound: Duration) -> Result<ExitStatus> {
        let child = &mut self.child;
        let ended = wait::until_async(bound, || child.try_wait().transpose()).await;
        Ok(ended
            .with_context(|| format!("{} did not end within {bound:?}", self.place.name()))??)
    }

    /// Starts it again on the same ports.
    pub(super) fn start_again(&mut self) -> Result<()> {
        ensure!(
            self.child.try_wait()?.is_some(),
            "{} still runs",
            self.place.name()
        );
        (self.child, self.identity) = serve(&self.recipe, &self.place, self.lifetime)?;
        Ok(())
    }

    /// Waits until it is ready; gives up at once when it has ended.
    pub(super) async fn wait_ready(&self, bound: Duration) -> Result<()> {
        let reached = wait::until_async(bound, || {
            let ended = !self.identity.is_alive();
            (ended || is_ready(self.place.ops_port)).then_some(ended)
        });
        let problem = match reached.await {
            Some(false) => return Ok(()),
            Some(true) => "has ended",
            None => "is not ready in time",
        };
        let log = &self.place.log;
        bail!(
            "{} {problem}; its log {} ends:\n{}",
            self.place.name(),
            log.display(),
            tail(log)
        )
    }
}

impl Place {
    /// The replica's name, e.g. `intake-0`.
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.service, self.number)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if self.lifetime == Lifetime::WithParent {
            // nothing more can be done for a process that cannot be signalled or reaped
            drop(self.kill());
        }
    }
}

fn serve(recipe: &Recipe, place: &Place, lifetime: Lifetime) -> Result<(Child, Identity)> {
    let child = recipe.run("serve", &place.log, lifetime)?;
    let identity = Identity::of(child.id());
    let log = &place.log;
    let identity = identity.with_context(|| {
        format!(
            "{} has ended; its log {} ends:\n{}",
            place.name(),
            log.display(),
            tail(log)
        )
    })?;
    Ok((child, identity))
}

fn open(log: &Path) -> Result<File> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let opened = OpenOptions::new().create(true).append(true).open(log);
    opened.with_context(|| format!("cannot write the log {}", log.display()))
}
