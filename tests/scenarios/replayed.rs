//! A short replay of real complaints: analytics, the log and a plain count of the file say the same.

use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use devstack::replay::{
    Addresses, Counts, People, Plan, Progress, audit, read_bytes, replay, set_up,
};
use devstack::root;
use e2e::{Ending, SPACE, Scene, Stage};
use law::directory::Directory;

/// Rows that are replayed.
const ROWS: usize = 150;

/// Nobody looks.
struct Unseen;

impl Progress for Unseen {
    fn filed(&self, _: u64, _: NaiveDate) {}
}

/// What becomes of the first rows of the file.
pub(crate) fn plan(count: usize) -> Result<Plan> {
    let text = std::fs::read_to_string(root().join("tests/data/cfpb-2016.csv"))?;
    let cut: Vec<&str> = text.lines().take(count + 1).collect();
    let rows = read_bytes(cut.join("\n").as_bytes())?;
    let folder = root().join("deploy/directories/us");
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let directory = Directory::parse(
        &read("regions.csv")?,
        &read("authorities.csv")?,
        &read("units.csv")?,
    )?;
    Ok(Plan::of(&rows, |code| directory.region(code).is_some())?)
}

/// Where the services of a replica are.
pub(crate) fn addresses(stage: &Stage, replica: usize) -> Addresses {
    let address = |service: &str| stage.stack.endpoint(service, replica);
    Addresses {
        intake: address("intake"),
        routing: address("routing"),
        mediation: address("mediation"),
        analytics: address("analytics"),
    }
}

#[tokio::test]
async fn replay_of_a_short_file_is_its_plain_count() -> Result<()> {
    let plan = plan(ROWS)?;
    let first = plan.rows.first().context("rows")?.row.received;
    let stage = Scene::new("replay")
        .at(law::day::start_of(first))
        .open()
        .await?;
    let people = People::new(&addresses(&stage, 0))?;
    stage
        .coordinator
        .set_clock(SPACE, law::day::start_of(first))
        .await?;
    set_up(&people, &plan).await?;
    replay(&people, &stage.coordinator, &plan, &Unseen).await?;

    figures_are_exact(&stage, &people, &plan).await?;
    stage.close(Ending::clean()).await
}

/// Analytics, the log and the plain count of the file say the same, and nothing is left to happen.
pub(crate) async fn figures_are_exact(stage: &Stage, people: &People, plan: &Plan) -> Result<()> {
    let (kafka, topic) = (stage.servers.kafka.clone(), stage.topic());
    let log = tokio::task::spawn_blocking(move || audit(&kafka, &topic)).await??;
    let (wanted, totals) = (Counts::of_plan(plan), people.totals().await?);
    ensure!(
        usize::try_from(wanted.filed)? == plan.rows.len()
            && wanted.open == 0
            && wanted.escalated > 10,
        "{wanted:?}"
    );
    ensure!(
        log.counts == wanted,
        "the log says {:?}, the file {wanted:?}",
        log.counts
    );
    ensure!(
        Counts::of_totals(&totals) == wanted,
        "analytics says {totals:?}, the file {wanted:?}"
    );
    ensure!(
        log.chain_valid && u64::try_from(totals.event_count)? == log.events,
        "{} events",
        log.events
    );
    ensure!(
        stage.coordinator.next_due(SPACE).await?.is_none(),
        "a deadline is left"
    );
    Ok(())
}
