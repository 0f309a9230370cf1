//! Servers of a test's own, which it may kill, pause and start again without disturbing anybody.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Child;

use anyhow::{Result, ensure};

use super::{Instance, Kind, Servers, kafka_address, postgres_address};
use crate::artifacts::Artifacts;
use crate::ports::free_port;
use crate::process::Lifetime;

/// A PostgreSQL, a Kafka, or both, that end with this value, or with the process, however it ends.
#[derive(Debug)]
pub struct PrivateServers {
    artifacts: Artifacts,
    running: BTreeMap<Kind, Running>,
}

/// A server of ours; dropping it ends it at once.
#[derive(Debug)]
struct Running {
    instance: Instance,
    child: Child,
}

impl PrivateServers {
    pub(super) fn start(directory: &Path, kinds: &[Kind]) -> Result<PrivateServers> {
        let artifacts = Artifacts::prepare()?;
        let start = |kind: Kind| {
            let place = super::data_directory(directory, kind);
            let log = directory.join(kind.name()).with_extension("log");
            Running::start(kind, &artifacts, &place, &log, free_port()?)
        };
        // side by side: each spends most of its start waiting for its own threads and disk
        let running = std::thread::scope(|scope| {
            let starting: Vec<_> = kinds
                .iter()
                .map(|kind| (*kind, scope.spawn(|| start(*kind))))
                .collect();
            let started = starting.into_iter().map(|(kind, starting)| {
                let running = starting.join().expect("starting a server does not panic")?;
                Ok((kind, running))
            });
            started.collect::<Result<BTreeMap<_, _>>>()
        })?;
        Ok(PrivateServers { artifacts, running })
    }

    /// Their addresses.
    ///
    /// # Panics
    /// When one of the two is not among them.
    pub fn addresses(&self) -> Servers {
        Servers {
            database_url: postgres_address(self.instance(Kind::Postgres).port),
            kafka: kafka_address(self.instance(Kind::Kafka).port),
        }
    }

    /// Their addresses, and those of others for what is not among them.
    pub fn addresses_beside(&self, others: &Servers) -> Servers {
        let port = |kind| self.running.get(&kind).map(|running| running.instance.port);
        Servers {
            database_url: port(Kind::Postgres)
                .map_or_else(|| others.database_url.clone(), postgres_address),
            kafka: port(Kind::Kafka).map_or_else(|| others.kafka.clone(), kafka_address),
        }
    }

    /// The process id of one of them.
    pub fn pid(&self, kind: Kind) -> u32 {
        self.instance(kind).identity.pid
    }

    /// Whether one of them runs; a paused one does.
    pub fn is_alive(&self, kind: Kind) -> bool {
        self.instance(kind).is_alive()
    }

    /// The log file of one of them.
    pub fn log(&self, kind: Kind) -> PathBuf {
        self.instance(kind).log.clone()
    }

    /// The folder that holds the data directory `data` of one of them.
    pub fn directory(&self, kind: Kind) -> PathBuf {
        self.instance(kind).directory.clone()
    }

    /// Kills one with SIGKILL, as a failing machine would.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn kill(&mut self, kind: Kind) -> Result<()> {
        let running = self.running(kind);
        running.child.kill()?;
        running.child.wait()?;
        Ok(())
    }

    /// Stops one in order.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn stop(&mut self, kind: Kind) -> Result<()> {
        let running = self.running(kind);
        running.instance.stop()?;
        running.child.wait()?;
        Ok(())
    }

    /// Stops its clock with SIGSTOP: it holds its connections and answers nothing. Of PostgreSQL this is the process
    /// that takes connections; those that serve them go on.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn pause(&mut self, kind: Kind) -> Result<()> {
        Ok(self.instance(kind).identity.signal(libc::SIGSTOP)?)
    }

    /// Lets a paused one go on.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn resume(&mut self, kind: Kind) -> Result<()> {
        Ok(self.instance(kind).identity.signal(libc::SIGCONT)?)
    }

    /// Stops the clocks of all processes of one, those that serve connections too.
    ///
    /// # Errors
    /// When a process cannot be signalled.
    pub fn pause_all(&self, kind: Kind) -> Result<()> {
        self.signal_all(kind, libc::SIGSTOP)
    }

    /// Lets all processes of a paused one go on.
    ///
    /// # Errors
    /// When a process cannot be signalled.
    pub fn resume_all(&self, kind: Kind) -> Result<()> {
        self.signal_all(kind, libc::SIGCONT)
    }

    /// Starts one that was killed or stopped again, on the same port with the same data.
    ///
    /// # Errors
    /// When it runs, or does not get ready.
    pub fn start_again(&mut self, kind: Kind) -> Result<()> {
        let before = self.instance(kind).clone();
        ensure!(!before.is_alive(), "{} still runs", kind.name());
        let artifacts = self.artifacts.clone();
        *self.running(kind) = Running::start(
            kind,
            &artifacts,
            &before.directory,
            &before.log,
            before.port,
        )?;
        Ok(())
    }

    fn signal_all(&self, kind: Kind, signal: i32) -> Result<()> {
        // the first one first: it makes no more of the others meanwhile
        let first = self.instance(kind).identity;
        first.signal(signal)?;
        for child in crate::process::children(first.pid) {
            child.signal(signal)?;
        }
        Ok(())
    }

    fn instance(&self, kind: Kind) -> &Instance {
        &self.found(kind).instance
    }

    fn found(&self, kind: Kind) -> &Running {
        let found = self.running.get(&kind);
        found.unwrap_or_else(|| panic!("no {} of its own was asked for", kind.name()))
    }

    fn running(&mut self, kind: Kind) -> &mut Running {
        let found = self.running.get_mut(&kind);
        found.unwrap_or_else(|| panic!("no {} of its own was asked for", kind.name()))
    }
}

impl Running {
    fn start(
        kind: Kind,
        artifacts: &Artifacts,
        directory: &Path,
        log: &Path,
        port: u16,
    ) -> Result<Running> {
        let (instance, child) =
            Instance::start(kind, artifacts, directory, log, port, Lifetime::WithParent)?;
        Ok(Running { instance, child })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // nothing more can be done for a process that cannot be signalled or reaped
        drop(self.instance.end_at_once());
        drop(self.child.wait());
    }
}
