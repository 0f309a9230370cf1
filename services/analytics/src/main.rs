//! The program `analytics`: serve, migrate, check-config, probe.

use chassis::config::Command;
use chassis::shutdown::Shutdown;
use chassis::telemetry;
use clap::Parser;
use docket::launch::Listeners;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Figures from the log alone: facts, totals, indicators.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: analytics::Config,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let Cli { command, config } = Cli::parse();
    config.validate()?;
    if let Command::Probe = command {
        return Ok(chassis::probe::ask(config.common.ops_listen)?);
    }
    let guard = telemetry::init("analytics", &config.common.replica, &config.common)?;
    let done = match command {
        Command::CheckConfig | Command::Probe => Ok(()),
        Command::Migrate => docket::launch::migrate(&config.common, &analytics::MIGRATOR).await,
        Command::Serve => serve(config).await,
    };
    guard.shutdown().await;
    done
}

async fn serve(config: analytics::Config) -> anyhow::Result<()> {
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let listeners = Listeners::bind(&config.common).await?;
    analytics::run(config, listeners, shutdown).await
}
