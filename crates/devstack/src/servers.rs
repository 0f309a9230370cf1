//! PostgreSQL and Kafka on loopback ports: found when they run, started when they do not, or private to a test.
//!
//! All functions block; async callers wrap them in `spawn_blocking`.

pub(crate) mod kafka;
pub(crate) mod postgres;

mod instance;
mod private;
mod record;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

pub use instance::{Instance, Kind};
pub use private::PrivateServers;

use crate::artifacts::{Artifacts, remove};
use crate::ports::{free_port, is_free};
use crate::process::Lifetime;
use crate::repository::{everyone_may_enter, state_directory, unprivileged_account};
use record::Record;

/// How to start the shared servers.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where data, logs and process ids are kept.
    pub state_directory: PathBuf,
    /// Port of PostgreSQL; none: the one used before, or any free one.
    pub postgres_port: Option<u16>,
    /// Port of Kafka; none: the one used before, or any free one.
    pub kafka_port: Option<u16>,
    /// Throw away the data of earlier runs first.
    pub fresh: bool,
}

impl ServerOptions {
    /// Settings from the environment: `ODR_STATE_DIR`, `ODR_POSTGRES_PORT`, `ODR_KAFKA_PORT`.
    pub fn from_environment() -> ServerOptions {
        let port = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
        ServerOptions {
            state_directory: state_directory(),
            postgres_port: port("ODR_POSTGRES_PORT"),
            kafka_port: port("ODR_KAFKA_PORT"),
            fresh: false,
        }
    }

    fn port(&self, kind: Kind) -> Option<u16> {
        match kind {
            Kind::Postgres => self.postgres_port,
            Kind::Kafka => self.kafka_port,
        }
    }
}

/// The addresses of a PostgreSQL server and a Kafka cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Servers {
    /// URL of the maintenance database, e.g. `postgres://postgres@127.0.0.1:5432/postgres`.
    pub database_url: String,
    /// Bootstrap servers, e.g. `127.0.0.1:9092`.
    pub kafka: String,
}

impl Servers {
    /// The servers that `ODR_DATABASE_URL` and `ODR_KAFKA` name; for what they do not name, the shared servers of
    /// the state directory, started when they do not run. They outlive this process. Concurrent callers wait
    /// for each other and get the same servers.
    ///
    /// # Errors
    /// When a program cannot be fetched or a server does not get ready; the message names its log file.
    pub fn start(options: &ServerOptions) -> Result<Servers> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (variable("ODR_DATABASE_URL"), variable("ODR_KAFKA")) {
            (Some(database_url), Some(kafka)) => Ok(Servers {
                database_url,
                kafka,
            }),
            (Some(database_url), None) => Ok(Servers {
                database_url,
                kafka: kafka_address(start_one(options, Kind::Kafka)?),
            }),
            (None, Some(kafka)) => Ok(Servers {
                database_url: postgres_address(start_one(options, Kind::Postgres)?),
                kafka,
            }),
            (None, None) => Servers::start_local(options),
        }
    }

    /// The shared servers of the state directory, whatever the environment names.
    ///
    /// # Errors
    /// Like [`Servers::start`].
    pub fn start_local(options: &ServerOptions) -> Result<Servers> {
        let postgres = start_one(options, Kind::Postgres)?;
        let kafka = start_one(options, Kind::Kafka)?;
        Ok(Servers {
            database_url: postgres_address(postgres),
            kafka: kafka_address(kafka),
        })
    }

    /// Own servers for a test, with data and logs in `directory`, killed when the value is dropped.
    ///
    /// # Errors
    /// Like [`Servers::start`].
    pub fn private(directory: &Path) -> Result<PrivateServers> {
        PrivateServers::start(directory, &[Kind::Postgres, Kind::Kafka])
    }

    /// The same with these kinds only.
    ///
    /// # Errors
    /// Like [`Servers::start`].
    pub fn private_of(directory: &Path, kinds: &[Kind]) -> Result<PrivateServers> {
        PrivateServers::start(directory, kinds)
    }

    /// The folder of a server whose data and logs are to be in `directory`: a test may lay a disk of its own there first.
    pub fn place_of(directory: &Path, kind: Kind) -> PathBuf {
        data_directory(directory, kind)
    }

    /// Stops the shared servers of a state directory; their data stays.
    ///
    /// # Errors
    /// When a process cannot be signalled.
    pub fn stop(state_directory: &Path) -> Result<()> {
        if !state_directory.exists() {
            return Ok(());
        }
        let record = Record::lock(state_directory)?;
        record.instances.iter().rev().try_for_each(Instance::stop)
    }

    /// Stops the shared servers of a state directory and removes it, with the data wherever it lies.
    ///
    /// # Errors
    /// When a process cannot be signalled or a file not removed.
    pub fn purge(state_directory: &Path) -> Result<()> {
        Servers::stop(state_directory)?;
        for kind in [Kind::Postgres, Kind::Kafka] {
            let data = data_directory(state_directory, kind);
            // the state directory itself, or the folder that stands in for it
            data.parent().map_or(Ok(()), remove)?;
        }
        remove(state_directory)
    }

    /// The shared servers recorded in a state directory, whether they run or not.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn recorded(state_directory: &Path) -> Result<Vec<Instance>> {
        if state_directory.exists() {
            Ok(Record::lock(state_directory)?.instances.clone())
        } else {
            Ok(Vec::new())
        }
    }
}

/// Finds or starts one shared server; gives its port.
fn start_one(options: &ServerOptions, kind: Kind) -> Result<u16> {
    let mut record = Record::lock(&options.state_directory)?;
    let (state_directory, configured) = (&options.state_directory, options.port(kind));
    let directory = data_directory(state_directory, kind);
    let before = record.of(kind).cloned();
    if options.fresh {
        before.iter().try_for_each(Instance::stop)?;
        remove(&directory)?;
    }
    if let Some(running) = before.as_ref().filter(|instance| instance.is_alive()) {
        let fits = configured.is_none_or(|port| port == running.port);
        ensure!(
            fits,
            "{} runs on port {}: stop it before giving it another",
            kind.name(),
            running.port
        );
        if running.is_ready() {
            return Ok(running.port);
        }
        running.stop()?;
    }
    let artifacts = Artifacts::prepare()?;
    let used = before
        .map(|instance| instance.port)
        .filter(|port| is_free(*port));
    let port = configured.or(used).map_or_else(free_port, Ok)?;
    let log = log_file(state_directory, kind);
    let (instance, _) =
        Instance::start(kind, &artifacts, &directory, &log, port, Lifetime::Detached)?;
    record.put(instance)?;
    Ok(port)
}

/// Where a server's data lies: below the state directory, unless PostgreSQL's account could not enter it.
fn data_directory(state_directory: &Path, kind: Kind) -> PathBuf {
    let preferred = state_directory.join(kind.name());
    if kind == Kind::Kafka
        || unprivileged_account().is_none()
        || everyone_may_enter(state_directory)
    {
        return preferred;
    }
    let name = state_directory
        .to_string_lossy()
        .trim_matches('/')
        .replace(['/', ' '], "-");
    Path::new("/var/tmp/odr-devstack")
        .join(name)
        .join(kind.name())
}

fn log_file(state_directory: &Path, kind: Kind) -> PathBuf {
    state_directory
        .join("logs")
        .join(kind.name())
        .with_extension("log")
}

fn postgres_address(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

fn kafka_address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_what_was_never_started_is_no_error() {
        let directory = std::env::temp_dir().join("devstack-never-started");
        Servers::stop(&directory).unwrap();
        assert!(Servers::recorded(&directory).unwrap().is_empty());
        assert!(!directory.exists());
    }

    #[test]
    fn postgres_data_lies_where_its_account_can_enter() {
        if unprivileged_account().is_some() {
            let found = data_directory(Path::new("/proc/1/fd/state"), Kind::Postgres);
            assert!(everyone_may_enter(found.parent().unwrap()) || found.starts_with("/var/tmp"));
        }
    }
}
