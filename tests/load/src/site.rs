//! A site: the four services with databases and topics of their own, fresh for each group of phases.

use std::time::{Duration, Instant};

use anyhow::Result;
use devstack::coordinator::Coordinator;
use devstack::services::{ClockMode, NAMES, Stack, StackOptions};
use devstack::{databases, root, state_directory, topics};
use sqlx::{Connection, Executor, PgConnection};

use crate::bench::{Bench, DRAIN_BOUND};
use crate::wal;

/// How long services may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(900);

/// Running services.
pub(crate) struct Site {
    pub(crate) stack: Stack,
    pub(crate) coordinator: Coordinator,
}

impl Site {
    /// Starts services on empty databases and topics.
    pub(crate) async fn start(bench: &Bench, name: &str, clock: ClockMode) -> Result<Self> {
        let servers = &bench.servers;
        wal::lay_out(&servers.database_url).await?;
        for service in NAMES {
            databases::remove(&servers.database_url, &format!("{name}_{service}")).await?;
        }
        topics::remove(&servers.kafka, &format!("{name}.")).await?;
        let options = StackOptions {
            clock,
            replicas: bench.arguments.replicas,
            partitions: Some(bench.arguments.partitions),
            directory: Some(root().join("deploy/directories/us")),
            state_directory: state_directory(),
            ..StackOptions::new(servers, name)
        };
        let stack = Stack::start(options.variable("RUST_LOG", "warn")).await?;
        let endpoints: Vec<String> = NAMES
            .iter()
            .flat_map(|service| stack.endpoints(service))
            .collect();
        let coordinator = Coordinator::new(&endpoints, PATIENCE)?;
        Ok(Self { stack, coordinator })
    }

    /// Waits until all services have taken everything in; gives the seconds it took.
    pub(crate) async fn rest(&self) -> Result<f64> {
        let started = Instant::now();
        self.coordinator.wait_quiet().await?;
        Ok(started.elapsed().as_secs_f64())
    }

    /// Has PostgreSQL look at the tables, as it does by itself after a while.
    pub(crate) async fn analyze(&self) -> Result<()> {
        for service in NAMES {
            let mut connection = PgConnection::connect(self.stack.database_url(service)).await?;
            connection.execute("analyze").await?;
            connection.close().await?;
        }
        Ok(())
    }

    /// Ends all replicas of a service in order.
    pub(crate) async fn end(&mut self, service: &str) -> Result<()> {
        for replica in 0..self.stack.options().replicas {
            self.stack.terminate(service, replica, DRAIN_BOUND).await?;
        }
        Ok(())
    }

    /// Starts all replicas of a service again; waits until they are ready.
    pub(crate) async fn begin(&mut self, service: &str) -> Result<()> {
        for replica in 0..self.stack.options().replicas {
            self.stack.restart(service, replica).await?;
        }
        Ok(())
    }

    /// Starts all replicas of a service again; does not wait.
    pub(crate) fn start_again(&mut self, service: &str) -> Result<()> {
        let replicas = self.stack.options().replicas;
        (0..replicas).try_for_each(|replica| self.stack.start_again(service, replica))
    }

    /// Waits until all replicas of a service are ready.
    pub(crate) async fn wait_ready(&self, service: &str) -> Result<()> {
        for replica in 0..self.stack.options().replicas {
            self.stack.wait_ready(service, replica).await?;
        }
        Ok(())
    }

    /// Ends the services and removes their data.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.stack.shutdown(DRAIN_BOUND).await?;
        self.stack.remove_data().await
    }
}
