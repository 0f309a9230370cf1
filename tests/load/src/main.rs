//! `load`: how many filings and whole lifecycles a second the platform carries, beside a floor measured in the same run.

mod callers;
mod floor;
mod measure;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use devstack::coordinator::Coordinator;
use devstack::servers::{ServerOptions, Servers};
use devstack::services::{NAMES, Stack, StackOptions};
use devstack::{databases, root, services, state_directory, topics};
use indicatif::{ProgressBar, ProgressStyle};

use crate::callers::Callers;
use crate::report::{Figures, FileFigures, LifecycleFigures};

const NAME: &str = "bench";
const PATIENCE: Duration = Duration::from_secs(120);
const DRAIN_BOUND: Duration = Duration::from_secs(20);

#[derive(Parser)]
#[command(about = "Measure filings and lifecycles per second")]
struct Arguments {
    /// Shorter phases: about a minute in all
    #[arg(long)]
    quick: bool,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Callers at once; each number is a phase of filings
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    callers: Vec<usize>,
    /// Callers of whole lifecycles at once
    #[arg(long, default_value_t = 64)]
    lifecycles: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let state_directory = state_directory();
    services::stop_recorded(&state_directory, DRAIN_BOUND)?;
    let options = ServerOptions::from_environment();
    let servers = tokio::task::spawn_blocking(move || Servers::start(&options)).await??;
    for service in NAMES {
        databases::remove(&servers.database_url, &format!("{NAME}_{service}")).await?;
    }
    topics::remove(&servers.kafka, &format!("{NAME}.")).await?;
    let stack_options = StackOptions {
        topic_prefix: format!("{NAME}."),
        directory: Some(root().join("deploy/directories/us")),
        state_directory: state_directory.clone(),
        ..StackOptions::new(&servers, NAME)
    };
    let mut stack = Stack::start(stack_options.variable("RUST_LOG", "warn")).await?;
    let figures = run(&arguments, &servers, &stack).await;
    stack.shutdown(DRAIN_BOUND).await?;
    Servers::stop(&state_directory)?;
    let figures = figures?;
    println!("{}", report::table(&figures));
    if let Some(path) = arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&figures)?)?;
    }
    Ok(())
}

async fn run(arguments: &Arguments, servers: &Servers, stack: &Stack) -> Result<Figures> {
    let phase = Duration::from_secs(if arguments.quick { 4 } else { 12 });
    let endpoints: Vec<String> = NAMES
        .iter()
        .flat_map(|service| stack.endpoints(service))
        .collect();
    let coordinator = Coordinator::new(&endpoints, PATIENCE)?;
    let bar = ProgressBar::new(arguments.callers.len() as u64 + 3);
    bar.set_style(ProgressStyle::with_template(
        "{msg:32} {bar:30} {pos}/{len} {elapsed}",
    )?);

    bar.set_message("floor");
    let floor = floor::measure(&servers.database_url, phase).await?;
    bar.inc(1);
    let callers = Callers::new(stack).await?;
    bar.set_message("warm-up");
    callers.file(64, Duration::from_secs(2)).await?;
    coordinator.wait_quiet().await?;
    bar.inc(1);
    let mut file = Vec::new();
    for count in &arguments.callers {
        bar.set_message(format!("filings, {count} callers"));
        let measured = callers.file(*count, phase).await?;
        let settled_in_s = rest(&coordinator).await?;
        file.push(FileFigures {
            callers: *count,
            settled_in_s,
            measured,
        });
        bar.inc(1);
    }
    bar.set_message(format!("lifecycles, {} callers", arguments.lifecycles));
    let measured = callers.lifecycle(arguments.lifecycles, phase).await?;
    let settled_in_s = rest(&coordinator).await?;
    bar.inc(1);
    bar.finish_and_clear();
    Ok(Figures::new(
        floor,
        file,
        LifecycleFigures {
            callers: arguments.lifecycles,
            settled_in_s,
            measured,
        },
    ))
}

/// Seconds until all services are at rest.
async fn rest(coordinator: &Coordinator) -> Result<f64> {
    let started = std::time::Instant::now();
    coordinator.wait_quiet().await?;
    Ok(started.elapsed().as_secs_f64())
}
