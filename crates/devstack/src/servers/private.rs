//! Servers of a test's own, which it may kill, pause and start again without disturbing anybody.

use std::path::{Path, PathBuf};
use std::process::Child;

use anyhow::{Result, ensure};

use super::{Instance, Kind, Servers, kafka_address, postgres_address};
use crate::artifacts::Artifacts;
use crate::ports::free_port;
use crate::process::Lifetime;

/// A PostgreSQL and a Kafka that end with this value, or with the process, however it ends.
#[derive(Debug)]
pub struct PrivateServers {
    artifacts: Artifacts,
    kafka: Running,
    postgres: Running,
}

/// A server of ours; dropping it ends it at once.
#[derive(Debug)]
struct Running {
    instance: Instance,
    child: Child,
}

impl PrivateServers {
    pub(super) fn start(directory: &Path) -> Result<PrivateServers> {
        let artifacts = Artifacts::prepare()?;
        let start = |kind: Kind| {
            let place = super::data_directory(directory, kind);
            let log = directory.join(kind.name()).with_extension("log");
            Running::start(kind, &artifacts, &place, &log, free_port()?)
        };
        // side by side: each spends most of its start waiting for its own threads and disk
        let (postgres, kafka) = std::thread::scope(|scope| {
            let kafka = scope.spawn(|| start(Kind::Kafka));
            (
                start(Kind::Postgres),
                kafka.join().expect("starting a server does not panic"),
            )
        });
        Ok(PrivateServers {
            kafka: kafka?,
            postgres: postgres?,
            artifacts,
        })
    }

    /// Their addresses.
    pub fn addresses(&self) -> Servers {
        Servers {
            database_url: postgres_address(self.postgres.instance.port),
            kafka: kafka_address(self.kafka.instance.port),
        }
    }

    /// The process id of one of them.
    pub fn pid(&self, kind: Kind) -> u32 {
        self.instance(kind).identity.pid
    }

    /// The log file of one of them.
    pub fn log(&self, kind: Kind) -> PathBuf {
        self.instance(kind).log.clone()
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

    /// Stops its clock with SIGSTOP: it holds its connections and answers nothing.
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

    fn instance(&self, kind: Kind) -> &Instance {
        match kind {
            Kind::Postgres => &self.postgres.instance,
            Kind::Kafka => &self.kafka.instance,
        }
    }

    fn running(&mut self, kind: Kind) -> &mut Running {
        match kind {
            Kind::Postgres => &mut self.postgres,
            Kind::Kafka => &mut self.kafka,
        }
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
