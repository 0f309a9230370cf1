//! What a stack consists of and the settings its services get.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::Lifetime;
use crate::repository;
use crate::servers::Servers;

/// The four services, in the order in which they are started.
pub const NAMES: [&str; 4] = ["intake", "routing", "mediation", "analytics"];

/// Services that read the directory of regions and authorities.
const DIRECTORY_READERS: [&str; 2] = ["intake", "routing"];

/// Whether the services run on real time or on a clock that is set over `odr.ops.v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// The machine's clock.
    Real,
    /// Time stands still until it is set.
    Stepped,
}

/// What to start and how. [`StackOptions::new`] fills in what a test wants.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// URL of the maintenance database of the PostgreSQL server.
    pub database_url: String,
    /// URL of the maintenance database as the services reach it; none: as above. A proxy may stand between.
    pub database_line: Option<String>,
    /// Kafka's bootstrap servers.
    pub kafka: String,
    /// The services to start.
    pub names: Vec<String>,
    /// How many processes of each.
    pub replicas: usize,
    /// A service's database is named `{database_prefix}_{service}`.
    pub database_prefix: String,
    /// Put before every topic name.
    pub topic_prefix: String,
    /// This many partitions instead of those of `deploy/kafka/topics.yaml`.
    pub partitions: Option<i32>,
    /// Whose time it is.
    pub clock: ClockMode,
    /// The folder with regions and authorities for intake and routing.
    pub directory: Option<PathBuf>,
    /// Where the programs are; none: `ODR_BIN_DIR`, or beside the running program.
    pub binaries: Option<PathBuf>,
    /// More environment variables: service (none: all of them), name, value. Later ones win.
    pub variables: Vec<(Option<String>, String, String)>,
    /// Logs go to `logs/` below it, and the record of detached services to `services.json`.
    pub state_directory: PathBuf,
    /// Whether the services end with this process.
    pub lifetime: Lifetime,
    /// Replica r of the i-th service (both from 0) gets gRPC port `base + 1 + i + 10 r` and HTTP port 100 above;
    /// none: free ports.
    pub base_port: Option<u16>,
    /// How long a replica may take until it is ready.
    pub ready_within: Duration,
}

impl StackOptions {
    /// One replica of every service on these servers, on free ports and real time, ending with this process.
    /// `name` (lower-case letters, digits, underscores) keeps its databases, topics and logs apart from others.
    pub fn new(servers: &Servers, name: &str) -> StackOptions {
        StackOptions {
            database_url: servers.database_url.clone(),
            database_line: None,
            kafka: servers.kafka.clone(),
            names: NAMES.map(str::to_owned).to_vec(),
            replicas: 1,
            database_prefix: name.to_owned(),
            topic_prefix: format!("{name}."),
            partitions: None,
            clock: ClockMode::Real,
            directory: Some(repository::root().join("deploy/directories/cn")),
            binaries: None,
            variables: Vec::new(),
            state_directory: repository::state_directory().join("stacks").join(name),
            lifetime: Lifetime::WithParent,
            base_port: None,
            ready_within: Duration::from_secs(30),
        }
    }

    /// The same with an environment variable for all services.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl ToString) -> StackOptions {
        self.variables
            .push((None, name.to_owned(), value.to_string()));
        self
    }

    /// The same with an environment variable for one service.
    #[must_use]
    pub fn variable_of(mut self, service: &str, name: &str, value: impl ToString) -> StackOptions {
        self.variables
            .push((Some(service.to_owned()), name.to_owned(), value.to_string()));
        self
    }

    /// Where the services' logs are.
    pub fn log_directory(&self) -> PathBuf {
        self.state_directory.join("logs")
    }

    /// The settings of a service, apart from its database and what is a replica's own.
    pub(super) fn environment(&self, service: &str) -> Vec<(String, String)> {
        let clock = match self.clock {
            ClockMode::Real => "real",
            ClockMode::Stepped => "stepped",
        };
        let level = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
        let mut environment = vec![
            ("ODR_KAFKA".to_owned(), self.kafka.clone()),
            ("ODR_TOPIC_PREFIX".to_owned(), self.topic_prefix.clone()),
            ("ODR_MODE".to_owned(), "sandbox".to_owned()),
            ("ODR_CLOCK".to_owned(), clock.to_owned()),
            ("RUST_LOG".to_owned(), level),
        ];
        if let Some(directory) = self
            .directory
            .as_ref()
            .filter(|_| DIRECTORY_READERS.contains(&service))
        {
            environment.push((
                "ODR_DIRECTORY".to_owned(),
                directory.to_string_lossy().into_owned(),
            ));
        }
        let ours = |owner: &Option<String>| owner.as_deref().is_none_or(|owner| owner == service);
        let more = self.variables.iter().filter(|(owner, _, _)| ours(owner));
        environment.extend(more.map(|(_, name, value)| (name.clone(), value.clone())));
        environment
    }

    /// The program file of a service.
    pub(super) fn program(&self, service: &str) -> Result<PathBuf> {
        let named = self
            .binaries
            .clone()
            .or_else(|| std::env::var_os("ODR_BIN_DIR").map(PathBuf::from));
        let places = match named {
            Some(directory) => vec![directory],
            None => {
                let own =
                    std::env::current_exe().context("cannot tell where the running program is")?;
                // a test program lies in `deps/`, one folder below the programs
                own.ancestors().skip(1).take(2).map(PathBuf::from).collect()
            }
        };
        program_in(&places, service)
    }
}

/// The program of a service in the first of these folders that has one.
pub(super) fn program_in(places: &[PathBuf], service: &str) -> Result<PathBuf> {
    let found = places
        .iter()
        .map(|place| place.join(service))
        .find(|program| program.is_file());
    found.with_context(|| {
        format!("no program `{service}` in {places:?}: build it first (cargo build --bins)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> StackOptions {
        let servers = Servers {
            database_url: "postgres://h/postgres".into(),
            kafka: "h:1".into(),
        };
        StackOptions::new(&servers, "t1")
    }

    fn value<'a>(environment: &'a [(String, String)], name: &str) -> Option<&'a str> {
        environment
            .iter()
            .rfind(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    #[test]
    fn only_directory_readers_get_the_directory() {
        let options = StackOptions {
            directory: Some("/d".into()),
            ..options()
        };
        for (service, wanted) in [
            ("intake", Some("/d")),
            ("routing", Some("/d")),
            ("mediation", None),
        ] {
            assert_eq!(
                value(&options.environment(service), "ODR_DIRECTORY"),
                wanted,
                "{service}"
            );
        }
    }

    #[test]
    fn variable_of_one_service_reaches_no_other_and_the_last_wins() {
        let options = options()
            .variable("ODR_CLOCK", "late")
            .variable("ODR_PACE_MS", 5)
            .variable_of("routing", "ODR_PACE_MS", 7);
        let (intake, routing) = (
            options.environment("intake"),
            options.environment("routing"),
        );
        assert_eq!(
            (
                value(&intake, "ODR_PACE_MS"),
                value(&routing, "ODR_PACE_MS")
            ),
            (Some("5"), Some("7"))
        );
        assert_eq!(value(&intake, "ODR_CLOCK"), Some("late"));
        assert_eq!(value(&intake, "ODR_TOPIC_PREFIX"), Some("t1."));
    }

    #[test]
    fn missing_program_is_named() {
        let options = StackOptions {
            binaries: Some(std::env::temp_dir()),
            ..options()
        };
        assert!(
            options
                .program("no_such_service")
                .unwrap_err()
                .to_string()
                .contains("no_such_service")
        );
    }
}
