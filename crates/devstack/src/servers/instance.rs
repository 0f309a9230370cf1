//! One running server, of either kind: start it and wait until it is ready, stop it, find it again.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::{kafka, postgres};
use crate::artifacts::Artifacts;
use crate::process::{Identity, Lifetime, spawn, tail};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// PostgreSQL 18.
    Postgres,
    /// Apache Kafka 4.3.1.
    Kafka,
}

/// What is recorded of a server, so that a later process finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Which server it is.
    pub kind: Kind,
    /// The process.
    pub identity: Identity,
    /// Its loopback port.
    pub port: u16,
    /// Where its data and settings are.
    pub directory: PathBuf,
    /// Its log file.
    pub log: PathBuf,
}

impl Kind {
    /// The name used for directories and log files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Postgres => "postgres",
            Kind::Kafka => "kafka",
        }
    }

    /// The signal that ends it in order: PostgreSQL then drops its connections instead of waiting for them.
    fn stop_signal(self) -> i32 {
        match self {
            Kind::Postgres => libc::SIGINT,
            Kind::Kafka => libc::SIGTERM,
        }
    }

    /// The signal it gets when its parent dies: PostgreSQL must still end its own children.
    fn death_signal(self) -> i32 {
        match self {
            Kind::Postgres => libc::SIGQUIT,
            Kind::Kafka => libc::SIGKILL,
        }
    }

    /// How long a start may take: after a crash a large log is replayed first.
    fn start_bound(self) -> Duration {
        Duration::from_secs(90)
    }
}

impl Instance {
    /// Starts the server on `port` with its data in `directory`, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not get ready in time; the message has the end of its log and the name of the log file.
    pub(super) fn start(
        kind: Kind,
        artifacts: &Artifacts,
        directory: &Path,
        log: &Path,
        port: u16,
        lifetime: Lifetime,
    ) -> Result<(Instance, Child)> {
        match kind {
            Kind::Postgres => postgres::prepare(artifacts, directory)?,
            Kind::Kafka => kafka::prepare(artifacts, directory)?,
        }
        let give_up_at = Instant::now() + kind.start_bound();
        loop {
            let mut child = launch(kind, artifacts, directory, log, port, lifetime)?;
            while Instant::now() < give_up_at {
                if let Some(status) = child.try_wait()? {
                    if kind == Kind::Postgres
                        && memory_still_held(log)
                        && Instant::now() < give_up_at
                    {
                        break;
                    }
                    bail!(
                        "{} ended at once ({status}); its log {} ends:\n{}",
                        kind.name(),
                        log.display(),
                        tail(log)
                    );
                }
                if is_ready(kind, directory, child.id(), port) {
                    let identity = Identity::of(child.id())
                        .context("the server ended just after it was ready")?;
                    let (directory, log) = (directory.to_owned(), log.to_owned());
                    return Ok((
                        Instance {
                            kind,
                            identity,
                            port,
                            directory,
                            log,
                        },
                        child,
                    ));
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            if Instant::now() >= give_up_at {
                child.kill()?;
                child.wait()?;
                bail!(
                    "{} is not ready in time; its log {} ends:\n{}",
                    kind.name(),
                    log.display(),
                    tail(log)
                );
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Whether the process runs.
    pub fn is_alive(&self) -> bool {
        self.identity.is_alive()
    }

    /// Whether it runs and accepts connections.
    pub fn is_ready(&self) -> bool {
        self.is_alive() && is_ready(self.kind, &self.directory, self.identity.pid, self.port)
    }

    /// Ends the process in order, or by force when it does not within half a minute.
    pub(super) fn stop(&self) -> Result<()> {
        Ok(self
            .identity
            .end(self.kind.stop_signal(), Duration::from_secs(30))?)
    }

    /// Ends the process without care for its data.
    pub(super) fn end_at_once(&self) -> Result<()> {
        Ok(self
            .identity
            .end(self.kind.death_signal(), Duration::from_secs(10))?)
    }
}

fn launch(
    kind: Kind,
    artifacts: &Artifacts,
    directory: &Path,
    log: &Path,
    port: u16,
    lifetime: Lifetime,
) -> Result<Child> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(log)?;
    let command = match kind {
        Kind::Postgres => postgres::server(artifacts, directory, port, file)?,
        Kind::Kafka => kafka::server(artifacts, directory, port, file)?,
    };
    spawn(command, lifetime, kind.death_signal())
        .with_context(|| format!("cannot run {}", kind.name()))
}

fn is_ready(kind: Kind, directory: &Path, pid: u32, port: u16) -> bool {
    match kind {
        Kind::Postgres => postgres::is_ready(directory, pid),
        Kind::Kafka => kafka::is_ready(port),
    }
}

/// After a killed PostgreSQL its own children need a moment to notice; until then its memory is taken.
fn memory_still_held(log: &Path) -> bool {
    tail(log).contains("pre-existing shared memory block")
}
