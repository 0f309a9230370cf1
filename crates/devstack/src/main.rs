//! `devstack`: the servers and services of this machine, for `./dev`.

#[cfg(feature = "replay")]
mod demo;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};
use devstack::servers::{ServerOptions, Servers};
use devstack::services::{self, Stack, StackOptions};
use devstack::topics::{self, TopicOptions};
use devstack::{Lifetime, databases, query_cache, state_directory};

/// Ports of services that `up` starts: gRPC from 7101, HTTP probes from 7201.
const BASE_PORT: u16 = 7100;

/// How long a service may take to finish its work when it is stopped.
const DRAIN_BOUND: Duration = Duration::from_secs(20);

#[derive(Parser)]
#[command(about = "PostgreSQL, Kafka and the services on this machine")]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Start the servers and the services; they go on after this program has ended
    Up {
        /// Throw away all data first
        #[arg(long)]
        fresh: bool,
        /// Folder with regions and authorities; those of China when left out
        #[arg(long, env = "ODR_DIRECTORY")]
        directory: Option<PathBuf>,
        /// Processes per service
        #[arg(long, default_value_t = 1)]
        replicas: usize,
    },
    /// Start the servers only and print their addresses as environment variables
    Servers {
        /// Throw away all data first
        #[arg(long)]
        fresh: bool,
    },
    /// Stop services and servers; data stays
    Down {
        /// Remove data, logs and the state directory too
        #[arg(long)]
        purge: bool,
    },
    /// Say what runs and where
    Status,
    /// Create the topics that are missing
    Topics {
        /// Put before every topic's name
        #[arg(long, env = "ODR_TOPIC_PREFIX", default_value = "")]
        prefix: String,
        /// This many partitions instead of the declared number
        #[arg(long)]
        partitions: Option<i32>,
    },
    /// Replay real complaints through the services and print the figures
    #[cfg(feature = "replay")]
    Demo(demo::Arguments),
    /// Refresh the query caches of the crates with SQL
    Sqlx {
        /// Only these crates; their schemas are made anew within the existing development database
        crates: Vec<String>,
        /// Migrate the development database and leave the caches alone
        #[arg(long)]
        database_only: bool,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().action {
        Action::Up {
            fresh,
            directory,
            replicas,
        } => up(fresh, directory, replicas).await,
        Action::Servers { fresh } => {
            let servers = start_servers(fresh).await?;
            println!(
                "ODR_DATABASE_URL={}\nODR_KAFKA={}",
                servers.database_url, servers.kafka
            );
            Ok(())
        }
        Action::Down { purge } => down(purge),
        Action::Status => status(),
        Action::Topics { prefix, partitions } => {
            let servers = start_servers(false).await?;
            let names =
                topics::create(&servers.kafka, &TopicOptions { prefix, partitions }).await?;
            println!("{}", names.join("\n"));
            Ok(())
        }
        #[cfg(feature = "replay")]
        Action::Demo(arguments) => demo::run(arguments).await,
        Action::Sqlx {
            crates,
            database_only,
        } => sqlx(&crates, database_only).await,
    }
}

async fn start_servers(fresh: bool) -> Result<Servers> {
    let options = ServerOptions {
        fresh,
        ..ServerOptions::from_environment()
    };
    tokio::task::spawn_blocking(move || Servers::start(&options)).await?
}

async fn up(fresh: bool, directory: Option<PathBuf>, replicas: usize) -> Result<()> {
    let state_directory = state_directory();
    let running = services::recorded(&state_directory)?;
    let complete = !running.is_empty() && running.iter().all(|replica| replica.identity.is_alive());
    if complete && !fresh && running.len() == replicas * services::NAMES.len() {
        return status();
    }
    services::stop_recorded(&state_directory, DRAIN_BOUND)?;
    let servers = start_servers(fresh).await?;
    let defaults = StackOptions::new(&servers, "odr");
    let options = StackOptions {
        topic_prefix: String::new(),
        replicas,
        directory: directory.or(defaults.directory.clone()),
        state_directory,
        lifetime: Lifetime::Detached,
        base_port: Some(BASE_PORT),
        ..defaults
    };
    if fresh {
        // on servers that are not ours, fresh means our databases and topics
        for service in services::NAMES {
            databases::remove(&servers.database_url, &format!("odr_{service}")).await?;
        }
        topics::remove(&servers.kafka, "").await?;
    }
    Stack::start(options).await?;
    status()
}

fn down(purge: bool) -> Result<()> {
    let state_directory = state_directory();
    services::stop_recorded(&state_directory, DRAIN_BOUND)?;
    Servers::stop(&state_directory)?;
    if purge {
        Servers::purge(&state_directory)
    } else {
        Ok(())
    }
}

fn status() -> Result<()> {
    let state_directory = state_directory();
    let word = |alive: bool, ready: bool| match (alive, ready) {
        (false, _) => "ended",
        (true, false) => "not ready",
        (true, true) => "ready",
    };
    let line = |name: &str, state: &str, port: u16, pid: u32, log: &std::path::Path| {
        println!(
            "{name:<12} {state:<10} 127.0.0.1:{port:<6} pid {pid:<8} {}",
            log.display()
        );
    };
    for server in Servers::recorded(&state_directory)? {
        let state = word(server.is_alive(), server.is_ready());
        line(
            server.kind.name(),
            state,
            server.port,
            server.identity.pid,
            &server.log,
        );
    }
    for replica in services::recorded(&state_directory)? {
        let state = word(replica.identity.is_alive(), replica.is_ready());
        let name = format!("{}-{}", replica.service, replica.replica);
        line(
            &name,
            state,
            replica.grpc_port,
            replica.identity.pid,
            &replica.log,
        );
    }
    Ok(())
}

async fn sqlx(names: &[String], database_only: bool) -> Result<()> {
    let servers = start_servers(false).await?;
    let crates = query_cache::choose(query_cache::crates()?, names)?;
    let url = if names.is_empty() {
        query_cache::rebuild_database(&servers.database_url, &crates).await?
    } else {
        query_cache::rebuild_schemas(&servers.database_url, &crates).await?
    };
    println!("DATABASE_URL={url}");
    if !database_only {
        for (name, statements) in query_cache::refresh(&url, &crates)? {
            println!("{name}: {statements} statements");
        }
    }
    Ok(())
}
