//! The routing service as a program: read the settings, then serve, migrate, probe or say what is wrong.

use chassis::config::Command;
use chassis::shutdown::Shutdown;
use chassis::telemetry;
use clap::Parser;
use docket::launch::{self, Listeners};
use routing::Config;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Chooses who holds a case; keeps the directory and the registry of ODR enterprises.
#[derive(Parser)]
#[command(name = "routing", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: Config,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let Cli { command, config } = Cli::parse();
    match command {
        Command::CheckConfig => Ok(config.validate().map(drop)?),
        Command::Probe => Ok(chassis::probe::ask(config.common.ops_listen)?),
        Command::Migrate => launch::migrate(&config.common, &routing::MIGRATOR).await,
        Command::Serve => {
            config.validate()?;
            let guard = telemetry::init("routing", &config.common.replica, &config.common)?;
            let shutdown = Shutdown::new();
            shutdown.on_signals()?;
            let listeners = Listeners::bind(&config.common).await?;
            let served = routing::run(config, listeners, shutdown).await;
            guard.shutdown().await;
            served
        }
    }
}
