//! A short replay of real complaints, and the counts that must agree: analytics, the log, a plain count of the file.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, NaiveDate, Utc};
use devstack::coordinator::Coordinator;
use devstack::replay::{Audit, Counts, People, Plan, Progress, audit, read_bytes, replay, set_up};
use devstack::root;
use law::directory::Directory;

use crate::stage::SPACE;

/// The first complaints of the file.
pub struct ShortReplay {
    plan: Plan,
    morning: DateTime<Utc>,
}

/// Nobody looks.
pub struct Unseen;

impl Progress for Unseen {
    fn filed(&self, _: u64, _: NaiveDate) {}
}

impl ShortReplay {
    /// The first `rows` complaints, for services that know the directory of the United States.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn new(rows: usize) -> Result<ShortReplay> {
        let text = std::fs::read_to_string(root().join("tests/data/cfpb-2016.csv"))?;
        let cut: Vec<&str> = text.lines().take(rows + 1).collect();
        let rows = read_bytes(cut.join("\n").as_bytes())?;
        let folder = root().join("deploy/directories/us");
        let read = |name: &str| std::fs::read_to_string(folder.join(name));
        let directory = Directory::parse(
            &read("regions.csv")?,
            &read("authorities.csv")?,
            &read("units.csv")?,
        )?;
        let plan = Plan::of(&rows, |code| directory.region(code).is_some())?;
        let first = plan.rows.first().context("rows")?.row.received;
        let morning = law::day::start_of(first);
        Ok(ShortReplay { plan, morning })
    }

    /// When its first day begins.
    pub fn morning(&self) -> DateTime<Utc> {
        self.morning
    }

    /// Replays them, from their first day on.
    ///
    /// # Errors
    /// When a call is refused, or the services do not come to rest.
    pub async fn play(
        &self,
        people: &People,
        coordinator: &Coordinator,
        progress: &impl Progress,
    ) -> Result<()> {
        coordinator.set_clock(SPACE, self.morning).await?;
        set_up(people, &self.plan).await?;
        replay(people, coordinator, &self.plan, progress).await?;
        Ok(())
    }

    /// A log that holds nothing but this replay says what a plain count of the file says, and no case is open.
    ///
    /// # Errors
    /// When it does not.
    pub fn is_counted_by(&self, log: &Audit) -> Result<()> {
        let wanted = Counts::of_plan(&self.plan);
        ensure!(
            usize::try_from(wanted.filed)? == self.plan.rows.len()
                && wanted.open == 0
                && wanted.escalated > 10,
            "{wanted:?}"
        );
        ensure!(
            log.counts == wanted,
            "the log says {:?}, the file {wanted:?}",
            log.counts
        );
        Ok(())
    }
}

/// What the log says, if analytics says the same, counted as many events, and every chain is valid.
///
/// # Errors
/// When they differ.
pub async fn agreed(people: &People, kafka: &str, topic: &str) -> Result<Audit> {
    let (kafka, topic) = (kafka.to_owned(), topic.to_owned());
    let log = tokio::task::spawn_blocking(move || audit(&kafka, &topic)).await??;
    let totals = people.totals().await?;
    ensure!(
        Counts::of_totals(&totals) == log.counts
            && u64::try_from(totals.event_count)? == log.events,
        "the log says {:?} in {} events, analytics {totals:?}",
        log.counts,
        log.events
    );
    ensure!(
        log.chain_valid && log.faults == 0,
        "{} faults on the log",
        log.faults
    );
    Ok(log)
}
