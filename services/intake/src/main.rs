//! The intake service: `intake serve | migrate | check-config | probe`.

use std::time::Duration;

use anyhow::Context as _;
use chassis::config::Command;
use chassis::shutdown::Shutdown;
use chassis::telemetry;
use clap::Parser;
use docket::launch::Listeners;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Takes complaints and keeps who the parties are and what they wrote.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: intake::Config,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let Cli { command, config } = Cli::parse();
    let common = &config.common;
    match command {
        Command::CheckConfig => return Ok(config.check().map(drop)?),
        Command::Probe => return Ok(chassis::probe::ask(common.ops_listen)?),
        Command::Migrate => return docket::launch::migrate(common, &intake::MIGRATOR).await,
        Command::Serve => config.check()?,
    };
    let guard = telemetry::init("intake", &common.replica, common)?;
    let shutdown = Shutdown::new();
    shutdown.on_signals().context("signals cannot be heard")?;
    let listeners = Listeners::bind(common).await?;
    let served = intake::run(config, listeners, shutdown).await;
    // The collector must not keep a stopped service alive.
    let _late = tokio::time::timeout(Duration::from_secs(4), guard.shutdown()).await;
    served
}
