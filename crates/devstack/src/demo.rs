//! `devstack demo`: starts everything, replays a file of real complaints, prints and checks the figures.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use clap::Args;
use devstack::coordinator::Coordinator;
use devstack::replay::{self, Addresses, Audit, ByAnswer, Counts, Figures, People, Plan, SPACE};
use devstack::servers::{ServerOptions, Servers};
use devstack::services::{ClockMode, NAMES, Stack, StackOptions};
use devstack::{Lifetime, databases, root, services, state_directory, topics};
use indicatif::{ProgressBar, ProgressStyle};
use law::directory::Directory;

/// Databases and topics of the demo carry this name.
const NAME: &str = "demo";
const PATIENCE: Duration = Duration::from_secs(60);
const DRAIN_BOUND: Duration = Duration::from_secs(20);

/// What `demo` can be told.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A file with the columns of the Consumer Complaint Database
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Leave PostgreSQL, Kafka and the services running
    #[arg(long)]
    keep: bool,
}

/// Runs the demo; fails when the figures do not agree.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let file = arguments
        .replay
        .clone()
        .unwrap_or_else(|| root().join("tests/data/cfpb-2016.csv"));
    let folder = root().join("deploy/directories/us");
    let rows =
        replay::read_file(&file).with_context(|| format!("{} is refused", file.display()))?;
    let directory = directory(&folder)?;
    let plan = Plan::of(&rows, |code| directory.region(code).is_some())
        .with_context(|| format!("{} is refused", file.display()))?;

    let state_directory = state_directory();
    services::stop_recorded(&state_directory, DRAIN_BOUND)?;
    let options = ServerOptions::from_environment();
    let servers = tokio::task::spawn_blocking(move || Servers::start(&options)).await??;
    let mut stack = start(&servers, folder, state_directory.clone(), arguments.keep).await?;
    let outcome = play(&servers, &stack, &plan).await;
    if arguments.keep {
        println!(
            "PostgreSQL, Kafka and the services go on running; ./dev status shows them, ./dev down stops them."
        );
    } else {
        stack.shutdown(DRAIN_BOUND).await?;
        Servers::stop(&state_directory)?;
    }
    let figures = outcome?;
    println!("{}", replay::table(&figures, &Counts::of_plan(&plan)));
    if let Some(path) = arguments.json {
        std::fs::write(&path, serde_json::to_vec_pretty(&figures)?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let healthy = figures.chain_valid
        && figures.analytics_equals_log
        && figures.parked == 0
        && figures.open == 0;
    if healthy {
        Ok(())
    } else {
        bail!("the figures do not agree")
    }
}

fn directory(folder: &std::path::Path) -> Result<Directory> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
    };
    Ok(Directory::parse(
        &read("regions.csv")?,
        &read("authorities.csv")?,
        &read("units.csv")?,
    )?)
}

async fn start(
    servers: &Servers,
    directory: PathBuf,
    state_directory: PathBuf,
    keep: bool,
) -> Result<Stack> {
    let topic_prefix = format!("{NAME}.");
    for service in NAMES {
        databases::remove(&servers.database_url, &format!("{NAME}_{service}")).await?;
    }
    topics::remove(&servers.kafka, &topic_prefix).await?;
    let options = StackOptions {
        topic_prefix,
        clock: ClockMode::Stepped,
        directory: Some(directory),
        state_directory,
        base_port: keep.then_some(crate::BASE_PORT),
        lifetime: if keep {
            Lifetime::Detached
        } else {
            StackOptions::new(servers, NAME).lifetime
        },
        ..StackOptions::new(servers, NAME)
    };
    Stack::start(options).await
}

async fn play(servers: &Servers, stack: &Stack, plan: &Plan) -> Result<Figures> {
    let address = |service: &str| stack.endpoint(service, 0);
    let addresses = Addresses {
        intake: address("intake"),
        routing: address("routing"),
        mediation: address("mediation"),
        analytics: address("analytics"),
    };
    let people = People::new(&addresses)?;
    let endpoints: Vec<String> = NAMES
        .iter()
        .flat_map(|service| stack.endpoints(service))
        .collect();
    let coordinator = Coordinator::new(&endpoints, PATIENCE)?;
    let first = plan.rows.first().context("a plan has rows")?.row.received;
    coordinator
        .set_clock(SPACE, law::day::start_of(first))
        .await?;
    println!("{} companies become ODR enterprises", plan.companies.len());
    replay::set_up(&people, plan).await?;

    let bar = Bar::new(plan.rows.len() as u64);
    let started = Instant::now();
    let steps = replay::replay(&people, &coordinator, plan, &bar).await?;
    let elapsed_s = started.elapsed().as_secs_f64();
    bar.0.finish_and_clear();
    println!(
        "{} complaints in {steps} steps of the clock",
        plan.rows.len()
    );

    let topic = format!("{NAME}.odr.case.events.v1");
    let kafka = servers.kafka.clone();
    let audit = tokio::task::spawn_blocking(move || replay::audit(&kafka, &topic)).await??;
    figures(&people, &coordinator, plan, &audit, elapsed_s).await
}

async fn figures(
    people: &People,
    coordinator: &Coordinator,
    plan: &Plan,
    audit: &Audit,
    elapsed_s: f64,
) -> Result<Figures> {
    let totals = people.totals().await?;
    let statuses = coordinator.statuses().await?;
    let counts = Counts::of_totals(&totals);
    let plain = Counts::of_plan(plan);
    let same_events = u64::try_from(totals.event_count) == Ok(audit.events);
    Ok(Figures {
        filed: counts.filed,
        settled_directly: totals.settled_directly,
        expired: counts.expired,
        escalated: counts.escalated,
        let_rest: counts.let_rest,
        refused: counts.refused,
        mediated: counts.mediated,
        mediation_ended: counts.mediation_ended,
        open: counts.open,
        events: audit.events,
        parked: statuses.iter().map(|status| status.parked).sum(),
        outbox_pending: statuses.iter().map(|status| status.outbox_pending).sum(),
        consumer_lag: statuses.iter().map(|status| status.lag).sum(),
        chain_valid: audit.chain_valid && audit.faults == 0,
        analytics_equals_log: counts == audit.counts && counts == plain && same_events,
        elapsed_s,
        by_answer: ByAnswer {
            settled_directly_explanation: counts.explanation,
            settled_directly_closed: counts.closed,
            settled_directly_non_monetary: counts.non_monetary,
            settled_directly_monetary: counts.monetary,
            events_per_s: audit.events as f64 / elapsed_s.max(f64::EPSILON),
        },
    })
}

struct Bar(ProgressBar);

impl Bar {
    fn new(rows: u64) -> Self {
        let bar = ProgressBar::new(rows);
        let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {elapsed}")
            .expect("the template is well formed");
        bar.set_style(style);
        Self(bar)
    }
}

impl replay::Progress for Bar {
    fn filed(&self, rows: u64, day: NaiveDate) {
        self.0.set_message(day.to_string());
        self.0.inc(rows);
    }
}
