//! A short replay of real complaints, and the counts that must agree: analytics, the log, a plain count of the file.

use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use devstack::coordinator::Coordinator;
use devstack::replay::{
    Addresses, Audit, Counts, People, Plan, Progress, audit, read_bytes, replay, set_up,
};
use devstack::root;
use law::directory::Directory;

use crate::stage::SPACE;

/// The first complaints of the file, and who speaks to the services about them.
pub struct ShortReplay {
    /// What is to happen.
    pub plan: Plan,
    people: People,
}

/// Nobody looks.
struct Unseen;

impl Progress for Unseen {
    fn filed(&self, _: u64, _: NaiveDate) {}
}

impl ShortReplay {
    /// The first `rows` complaints, for services that know the directory of the United States.
    ///
    /// # Errors
    /// When a file cannot be read, or an address is none.
    pub fn new(rows: usize, addresses: &Addresses) -> Result<ShortReplay> {
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
        Ok(ShortReplay {
            plan: Plan::of(&rows, |code| directory.region(code).is_some())?,
            people: People::new(addresses)?,
        })
    }

    /// Replays them, from their first day on.
    ///
    /// # Errors
    /// When a call is refused, or the services do not come to rest.
    pub async fn play(&self, coordinator: &Coordinator) -> Result<()> {
        let first = self.plan.rows.first().context("rows")?.row.received;
        let morning = law::day::start_of(first);
        coordinator.set_clock(SPACE, morning).await?;
        set_up(&self.people, &self.plan).await?;
        replay(&self.people, coordinator, &self.plan, &Unseen).await?;
        Ok(())
    }

    /// What the log says, if analytics says the same, counted as many events, and every chain is valid.
    ///
    /// # Errors
    /// When they differ.
    pub async fn agreed(&self, kafka: &str, topic: &str) -> Result<Audit> {
        let (kafka, topic) = (kafka.to_owned(), topic.to_owned());
        let log = tokio::task::spawn_blocking(move || audit(&kafka, &topic)).await??;
        let totals = self.people.totals().await?;
        let counted = Counts::of_totals(&totals);
        ensure!(
            counted == log.counts && u64::try_from(totals.event_count)? == log.events,
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
}
