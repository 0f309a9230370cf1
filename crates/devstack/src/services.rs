//! The services as processes: each with its own database, on free or configured ports, with as many replicas as asked.
//!
//! A test may kill, pause and start every replica again; `./dev up` leaves them running and finds them later.

mod options;
mod readiness;
mod record;
mod replica;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::topics::TopicOptions;
use crate::{databases, ports, process, topics, wait};
pub use options::{ClockMode, NAMES, StackOptions};
pub use record::{RecordedReplica, recorded, stop_recorded};
use replica::{Place, Recipe, Replica};

/// How long the threads of a process may take to stand still on a busy machine.
const PAUSE_BOUND: Duration = Duration::from_secs(5);

const MIGRATION_BOUND: Duration = Duration::from_secs(60);

/// Running services. Dropping the value ends them, unless they were started detached.
#[derive(Debug)]
pub struct Stack {
    options: StackOptions,
    databases: BTreeMap<String, String>,
    replicas: Vec<Replica>,
}

impl Stack {
    /// Makes topics and databases, migrates each database, starts every replica and waits until all are ready.
    ///
    /// # Errors
    /// When a program is missing, a migration fails or a replica is not ready in time; the message names its log file.
    pub async fn start(options: StackOptions) -> Result<Stack> {
        let mut stack = Stack {
            databases: BTreeMap::new(),
            replicas: Vec::new(),
            options,
        };
        let started = stack.start_all().await;
        if let Err(problem) = started {
            // detached ones would otherwise go on without anybody knowing of them
            for replica in &mut stack.replicas {
                replica.kill()?;
            }
            return Err(problem);
        }
        Ok(stack)
    }

    /// The gRPC endpoint of a replica (they count from 0), e.g. `http://127.0.0.1:7101`.
    pub fn endpoint(&self, service: &str, replica: usize) -> String {
        format!(
            "http://127.0.0.1:{}",
            self.replica(service, replica).place.grpc_port
        )
    }

    /// The gRPC endpoints of all replicas of a service.
    pub fn endpoints(&self, service: &str) -> Vec<String> {
        (0..self.options.replicas)
            .map(|replica| self.endpoint(service, replica))
            .collect()
    }

    /// The HTTP endpoint with `/livez` and `/readyz` of a replica.
    pub fn ops_endpoint(&self, service: &str, replica: usize) -> String {
        format!(
            "http://127.0.0.1:{}",
            self.replica(service, replica).place.ops_port
        )
    }

    /// The URL of a service's database.
    pub fn database_url(&self, service: &str) -> &str {
        self.databases.get(service).map_or("", String::as_str)
    }

    /// The settings the stack was started with.
    pub fn options(&self) -> &StackOptions {
        &self.options
    }

    /// The process id of a replica.
    pub fn pid(&self, service: &str, replica: usize) -> u32 {
        self.replica(service, replica).identity().pid
    }

    /// Whether a replica's process runs; a paused one does.
    pub fn is_running(&self, service: &str, replica: usize) -> bool {
        self.replica(service, replica).identity().is_alive()
    }

    /// The log file of a replica.
    pub fn log(&self, service: &str, replica: usize) -> PathBuf {
        self.replica(service, replica).place.log.clone()
    }

    /// The log files of all replicas.
    pub fn logs(&self) -> Vec<PathBuf> {
        self.replicas
            .iter()
            .map(|replica| replica.place.log.clone())
            .collect()
    }

    /// Kills a replica with SIGKILL, as a failing machine would.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn kill(&mut self, service: &str, replica: usize) -> Result<()> {
        self.replica_mut(service, replica).kill()
    }

    /// Stops a replica's clock with SIGSTOP: it keeps its connections and locks and does nothing.
    ///
    /// # Errors
    /// When the process cannot be signalled, or does not stand still.
    pub fn stop(&self, service: &str, replica: usize) -> Result<()> {
        Ok(self
            .replica(service, replica)
            .identity()
            .pause(PAUSE_BOUND)?)
    }

    /// Lets a stopped replica go on.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn cont(&self, service: &str, replica: usize) -> Result<()> {
        Ok(self
            .replica(service, replica)
            .identity()
            .signal(libc::SIGCONT)?)
    }

    /// Asks a replica to end with SIGTERM and waits for it.
    ///
    /// # Errors
    /// When it has not ended within `bound`.
    pub async fn terminate(
        &mut self,
        service: &str,
        replica: usize,
        bound: Duration,
    ) -> Result<ExitStatus> {
        self.replica_mut(service, replica).terminate(bound).await
    }

    /// Starts a replica that was killed or terminated again, on the same ports, and waits until it is ready.
    ///
    /// # Errors
    /// When it still runs or is not ready in time.
    pub async fn restart(&mut self, service: &str, replica: usize) -> Result<()> {
        self.start_again(service, replica)?;
        self.wait_ready(service, replica).await
    }

    /// Like [`Stack::restart`], without waiting until it is ready.
    ///
    /// # Errors
    /// When it still runs or cannot be started.
    pub fn start_again(&mut self, service: &str, replica: usize) -> Result<()> {
        self.replica_mut(service, replica).start_again()
    }

    /// Sets an environment variable of a replica for its next start, or takes it away.
    pub fn set_variable(&mut self, service: &str, replica: usize, name: &str, value: Option<&str>) {
        self.replica_mut(service, replica).set_variable(name, value);
    }

    /// Waits until a replica has ended by itself.
    ///
    /// # Errors
    /// When it has not within `bound`.
    pub async fn wait_ended(
        &mut self,
        service: &str,
        replica: usize,
        bound: Duration,
    ) -> Result<ExitStatus> {
        self.replica_mut(service, replica).wait_ended(bound).await
    }

    /// Waits until a replica is ready.
    ///
    /// # Errors
    /// When it ends, or is not ready in time.
    pub async fn wait_ready(&self, service: &str, replica: usize) -> Result<()> {
        self.replica(service, replica)
            .wait_ready(self.options.ready_within)
            .await
    }

    /// Whether a replica says that it is ready now.
    pub fn is_ready(&self, service: &str, replica: usize) -> bool {
        readiness::is_ready(self.replica(service, replica).place.ops_port)
    }

    /// Ends all replicas in order with SIGTERM, all at once; a stopped one is let go on first.
    ///
    /// # Errors
    /// When one had not ended within `bound` and was killed; the message names it.
    pub async fn shutdown(&mut self, bound: Duration) -> Result<()> {
        for replica in &self.replicas {
            replica.identity().signal(libc::SIGCONT)?;
            replica.identity().signal(libc::SIGTERM)?;
        }
        let mut late = Vec::new();
        for replica in &mut self.replicas {
            if replica.identity().is_alive() && replica.terminate(bound).await.is_err() {
                replica.kill()?;
                late.push(replica.place.name());
            }
        }
        ensure!(
            late.is_empty(),
            "had to be killed, since they did not end within {bound:?}: {}",
            late.join(", ")
        );
        Ok(())
    }

    /// From its next start on, a replica runs the program of this folder: another release.
    ///
    /// # Errors
    /// When the folder has no program of the service.
    pub fn install(&mut self, service: &str, replica: usize, binaries: &Path) -> Result<()> {
        let program = options::program_in(&[binaries.to_owned()], service)?;
        self.replica_mut(service, replica).install(program);
        Ok(())
    }

    /// Migrates a service's database with the program of this folder, while replicas of another release run.
    ///
    /// # Errors
    /// When the folder has no program of the service, or the migration fails.
    pub async fn migrate_with(&self, service: &str, binaries: &Path) -> Result<()> {
        let program = options::program_in(&[binaries.to_owned()], service)?;
        let recipe = self.recipe(service)?;
        self.migrate(service, Recipe { program, ..recipe }).await
    }

    /// Drops the stack's databases and deletes its topics. The services must have ended.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn remove_data(&self) -> Result<()> {
        for name in self.databases.keys() {
            let database = format!("{}_{name}", self.options.database_prefix);
            databases::remove(&self.options.database_url, &database).await?;
        }
        topics::remove(&self.options.kafka, &self.options.topic_prefix).await
    }

    async fn start_all(&mut self) -> Result<()> {
        let topics = TopicOptions {
            prefix: self.options.topic_prefix.clone(),
            partitions: self.options.partitions,
        };
        topics::create(&self.options.kafka, &topics).await?;
        for (position, name) in self.options.names.clone().iter().enumerate() {
            let database = format!("{}_{name}", self.options.database_prefix);
            let url = databases::ensure_exists(&self.options.database_url, &database).await?;
            self.databases.insert(name.clone(), url);
            self.migrate(name, self.recipe(name)?).await?;
            for number in 0..self.options.replicas {
                let replica = self.start_replica(name, number, position)?;
                self.replicas.push(replica);
            }
        }
        for replica in &self.replicas {
            replica.wait_ready(self.options.ready_within).await?;
        }
        if self.options.lifetime == process::Lifetime::Detached {
            let replicas = self.replicas.iter().map(Replica::recorded).collect();
            record::write(&self.options.state_directory, replicas)?;
        }
        Ok(())
    }

    async fn migrate(&self, service: &str, recipe: Recipe) -> Result<()> {
        let log = self
            .options
            .log_directory()
            .join(format!("{service}-migrate.log"));
        let mut child = recipe.run("migrate", &log, process::Lifetime::WithParent)?;
        let ended = wait::until_async(MIGRATION_BOUND, || child.try_wait().transpose()).await;
        let Some(status) = ended.transpose()? else {
            child.kill()?;
            child.wait()?;
            bail!(
                "{service} migrate did not end within {MIGRATION_BOUND:?}; its log is {}",
                log.display()
            );
        };
        let (end, log) = (process::tail(&log), log.display());
        ensure!(
            status.success(),
            "{service} migrate failed ({status}); its log {log} ends:\n{end}"
        );
        Ok(())
    }

    fn start_replica(&self, service: &str, number: usize, position: usize) -> Result<Replica> {
        let (grpc_port, ops_port) = match self.options.base_port {
            Some(base) => {
                let offset = u16::try_from(position + 10 * number)?;
                (base + 1 + offset, base + 101 + offset)
            }
            None => (ports::free_port()?, ports::free_port()?),
        };
        for port in [grpc_port, ops_port] {
            ensure!(
                ports::is_free(port),
                "port {port}, wanted by {service}, is taken"
            );
        }
        let log = self
            .options
            .log_directory()
            .join(format!("{service}-{number}.log"));
        let place = Place {
            service: service.to_owned(),
            number,
            grpc_port,
            ops_port,
            log,
        };
        Replica::start(place, self.recipe(service)?, self.options.lifetime)
    }

    /// The program of a service with all settings that its replicas share.
    fn recipe(&self, service: &str) -> Result<Recipe> {
        let mut environment = self.options.environment(service);
        let url = match &self.options.database_line {
            None => self.database_url(service).to_owned(),
            Some(line) => {
                let database = format!("{}_{service}", self.options.database_prefix);
                databases::url(line, &database)
            }
        };
        environment.push(("ODR_DATABASE_URL".to_owned(), url));
        Ok(Recipe {
            program: self.options.program(service)?,
            environment,
        })
    }

    fn replica(&self, service: &str, number: usize) -> &Replica {
        let found = self
            .replicas
            .iter()
            .find(|replica| replica.place.service == service && replica.place.number == number);
        found.unwrap_or_else(|| panic!("the stack has no replica {number} of {service}"))
    }

    fn replica_mut(&mut self, service: &str, number: usize) -> &mut Replica {
        let found = self
            .replicas
            .iter_mut()
            .find(|replica| replica.place.service == service && replica.place.number == number);
        found.unwrap_or_else(|| panic!("the stack has no replica {number} of {service}"))
    }
}
