//! The stage: servers, services as processes, clients, the clock's coordinator; taken down with everything checked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use devstack::coordinator::Coordinator;
use devstack::root;
use devstack::servers::{Kind, Servers};
use devstack::services::{ClockMode, Stack, StackOptions};
use proto::routing::v1::{AdmitEnterpriseRequest, FiveOnes, RegisterEnterpriseRequest};
use tonic::Status;

use crate::clients::{Clients, OPERATOR, by};
use crate::ending::{self, Ending};
use crate::form::{Filing, synthetic_uscc};
use crate::own::OwnServers;
use crate::play::Play;
use crate::proxy::Lines;

/// The space of all cases.
pub const SPACE: &str = "main";

/// How long a call of a [`crate::Crowd`] may take.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the services may take until they are at rest.
const PATIENCE: Duration = Duration::from_secs(60);
const PARTITIONS: i32 = 3;

/// What a scenario needs; [`Scene::open`] makes it.
#[derive(Clone, Debug)]
pub struct Scene {
    name: String,
    programs: Option<PathBuf>,
    through_proxies: bool,
    clock: Option<DateTime<Utc>>,
    replicas: usize,
    services: Option<Vec<String>>,
    variables: Vec<(Option<String>, String, String)>,
    own: Vec<Kind>,
    disk_mib: Option<u32>,
}

impl Scene {
    /// All services, one replica each, on real time, with the directory of the United States.
    /// `name` is the scenario's own: lower-case letters, digits, underscores.
    pub fn new(name: &str) -> Scene {
        Scene {
            name: format!("e2e_{name}_{}", std::process::id()),
            programs: None,
            through_proxies: false,
            clock: None,
            replicas: 1,
            services: None,
            variables: Vec::new(),
            own: Vec::new(),
            disk_mib: None,
        }
    }

    /// A server of its own, which the scenario may stop.
    #[must_use]
    pub fn own(mut self, kind: Kind) -> Scene {
        self.own.push(kind);
        self
    }

    /// A PostgreSQL of its own, whose data lies on a disk of so many MiB.
    #[must_use]
    pub fn own_disk(mut self, mib: u32) -> Scene {
        self.disk_mib = Some(mib);
        self.own(Kind::Postgres)
    }

    /// For a [`crate::Crowd`]: calls without a deadline get [`CALL_TIMEOUT`], and a killed replica is given up soon.
    #[must_use]
    pub fn crowded(self) -> Scene {
        let timeout_ms = CALL_TIMEOUT.as_millis().to_string();
        self.setting_of_all("ODR_REQUEST_TIMEOUT_MS", &timeout_ms)
            .setting_of_all("ODR_SESSION_TIMEOUT_MS", "2000")
    }

    /// A setting of every service.
    #[must_use]
    pub fn setting_of_all(mut self, name: &str, value: &str) -> Scene {
        self.variables
            .push((None, name.to_owned(), value.to_owned()));
        self
    }

    /// Time stands still at this instant until it is set.
    #[must_use]
    pub fn at(mut self, now: DateTime<Utc>) -> Scene {
        self.clock = Some(now);
        self
    }

    /// The programs of another release.
    #[must_use]
    pub fn programs(mut self, folder: &Path) -> Scene {
        self.programs = Some(folder.to_owned());
        self
    }

    /// The services reach PostgreSQL and Kafka over [`Stage::lines`]; the scenario itself goes straight to them.
    #[must_use]
    pub fn through_proxies(mut self) -> Scene {
        self.through_proxies = true;
        self
    }

    /// So many processes of every service.
    #[must_use]
    pub fn replicas(mut self, replicas: usize) -> Scene {
        self.replicas = replicas;
        self
    }

    /// Only these services.
    #[must_use]
    pub fn only(mut self, services: &[&str]) -> Scene {
        self.services = Some(services.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    /// A setting of one service.
    #[must_use]
    pub fn setting(mut self, service: &str, name: &str, value: &str) -> Scene {
        self.variables
            .push((Some(service.to_owned()), name.to_owned(), value.to_owned()));
        self
    }

    /// Starts the services and waits until they are ready.
    ///
    /// # Errors
    /// When one does not start; the message holds the end of its log.
    pub async fn open(mut self) -> Result<Stage> {
        let (name, own, disk_mib) = (self.name.clone(), self.own.clone(), self.disk_mib);
        let started = tokio::task::spawn_blocking(move || OwnServers::start(&name, &own, disk_mib));
        let (servers, own) = started.await??;
        let lines = match self.through_proxies {
            true => Some(Lines::to(&servers).await?),
            false => None,
        };
        if let Some(lines) = &lines {
            self.variables
                .push((None, "ODR_KAFKA".to_owned(), lines.kafka()));
        }
        let defaults = StackOptions::new(&servers, &self.name);
        let options = StackOptions {
            names: self.services.unwrap_or(defaults.names.clone()),
            replicas: self.replicas,
            binaries: self.programs,
            database_line: lines.as_ref().map(|lines| lines.database_url(&servers)),
            partitions: Some(PARTITIONS),
            clock: if self.clock.is_some() {
                ClockMode::Stepped
            } else {
                ClockMode::Real
            },
            directory: Some(root().join("deploy/directories/us")),
            variables: self.variables,
            ..defaults
        };
        let stack = Stack::start(options).await?;
        let stage = Stage::of(servers, own, lines, stack)?;
        if let Some(now) = self.clock {
            stage.coordinator.set_clock(SPACE, now).await?;
        }
        Ok(stage)
    }
}

/// Running services and those who speak to them.
#[derive(Debug)]
pub struct Stage {
    /// The processes: they can be killed, paused and started again.
    pub stack: Stack,
    /// Clients of the first replicas.
    pub clients: Clients,
    /// Steps the clock and waits for quiet.
    pub coordinator: Coordinator,
    /// PostgreSQL and Kafka.
    pub servers: Servers,
    /// Those of them that are the scenario's own.
    pub own: OwnServers,
    lines: Option<Lines>,
}

impl Stage {
    fn of(servers: Servers, own: OwnServers, lines: Option<Lines>, stack: Stack) -> Result<Stage> {
        let names = &stack.options().names;
        let endpoints: Vec<String> = names
            .iter()
            .flat_map(|name| stack.endpoints(name))
            .collect();
        Ok(Stage {
            clients: Clients::new(&stack, 0)?,
            coordinator: Coordinator::new(&endpoints, PATIENCE)?,
            servers,
            lines,
            stack,
            own,
        })
    }

    /// The proxies between the services and their servers.
    ///
    /// # Panics
    /// When the scene has none.
    pub fn lines(&self) -> &Lines {
        self.lines.as_ref().expect("the scene goes through proxies")
    }

    /// The topic of case events.
    pub fn topic(&self) -> String {
        format!("{}odr.case.events.v1", self.stack.options().topic_prefix)
    }

    /// The services that run.
    pub fn services(&self) -> Vec<String> {
        self.stack.options().names.clone()
    }

    /// The URL of a service's database.
    pub fn database(&self, service: &str) -> String {
        self.stack.database_url(service).to_owned()
    }

    /// An admitted ODR enterprise, one for each number; gives its credit code.
    ///
    /// # Errors
    /// When routing refuses it.
    pub async fn enterprise(&self, number: u32) -> Result<String> {
        let uscc = synthetic_uscc(number);
        let mut routing = self.clients.routing.clone();
        let register = RegisterEnterpriseRequest {
            request_id: format!("register-{uscc}"),
            uscc: uscc.clone(),
            name: format!("Synthetic {number}"),
            region: "VA".into(),
            industry: "retail".into(),
            five_ones: Some(FiveOnes {
                fixed_place: true,
                staff: true,
                computer: true,
                telephone: true,
                rules: true,
            }),
            delegate_uscc: String::new(),
            synthetic: true,
        };
        routing
            .register_enterprise(by(OPERATOR, register))
            .await
            .context("RegisterEnterprise")?;
        let admit = AdmitEnterpriseRequest {
            request_id: format!("admit-{uscc}"),
            uscc: uscc.clone(),
            etag: String::new(),
        };
        routing
            .admit_enterprise(by(OPERATOR, admit))
            .await
            .context("AdmitEnterprise")?;
        Ok(uscc)
    }

    /// Files a complaint as a consumer of its own.
    ///
    /// # Errors
    /// The status of intake's answer.
    pub async fn file(&self, filing: Filing) -> Result<Play, Status> {
        Play::file(&self.clients, filing).await
    }

    /// Publishes an event as its service would.
    ///
    /// # Errors
    /// When the broker does not take it.
    pub async fn publish(&self, envelope: &chassis::envelope::Envelope) -> Result<()> {
        crate::log::publish(&self.servers.kafka, &self.topic(), envelope).await
    }

    /// All records of the topic of case events.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn records(&self) -> Result<Vec<chassis::envelope::RawRecord>> {
        let (kafka, topic) = (self.servers.kafka.clone(), self.topic());
        tokio::task::spawn_blocking(move || crate::log::read(&kafka, &topic)).await?
    }

    /// Waits for rest, checks that all services agree with the log and nothing is left, ends them, reads their logs,
    /// and removes databases, topics and logs.
    ///
    /// # Errors
    /// Everything that differs from `ending`.
    pub async fn close(self, ending: Ending) -> Result<()> {
        ending::check(self, ending).await
    }
}
