//! The program `mediation`: serve, migrate, check-config, probe.

use chassis::config::Command;
use chassis::shutdown::Shutdown;
use chassis::telemetry;
use clap::Parser;
use docket::launch::Listeners;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Negotiation, authority handling, mediation, performance, and the archive of all case events.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: mediation::Config,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let Cli { command, config } = Cli::parse();
    config.validate()?;
    if let Command::Probe = command {
        return Ok(chassis::probe::ask(config.common.ops_listen)?);
    }
    let guard = telemetry::init("mediation", &config.common.replica, &config.common)?;
    let done = match command {
        Command::CheckConfig | Command::Probe => Ok(()),
        Command::Migrate => docket::launch::migrate(&config.common, &mediation::MIGRATOR).await,
        Command::Serve => serve(config).await,
    };
    guard.shutdown().await;
    done
}

async fn serve(config: mediation::Config) -> anyhow::Result<()> {
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let listeners = Listeners::bind(&config.common).await?;
    mediation::run(config, listeners, shutdown).await
}
