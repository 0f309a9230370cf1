//! The running stack, as its users see it: clients, clock, and the counts that must agree whatever happened.

use std::time::Duration;

use anyhow::{Context, Error, Result, ensure};
use chassis::pb::GetStatusResponse;
use devstack::coordinator::Coordinator;
use devstack::replay::{Addresses, Audit, People};
use devstack::services::NAMES;
use e2e::{Clients, Play, ShortReplay, Unseen, agreed, eventually};

use crate::compose::Compose;

/// Rows that are replayed.
const ROWS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(120);
const REST: Duration = Duration::from_secs(240);
const TOPIC: &str = "odr.case.events.v1";

/// The stack and what was filed in it.
pub(crate) struct Platform {
    /// Its containers.
    pub(crate) compose: Compose,
    /// Its callers.
    pub(crate) clients: Clients,
    coordinator: Coordinator,
    people: People,
    filed: Vec<Play>,
    backed_up: usize,
}

impl Platform {
    /// Starts everything, as on the first day.
    pub(crate) async fn up(compose: Compose) -> Result<Platform> {
        compose.run("docker compose up --wait")?;
        let address = |service: &str| format!("http://{}", compose.address(service));
        let endpoints = NAMES.map(address);
        let people = People::new(&Addresses {
            intake: address("intake"),
            routing: address("routing"),
            mediation: address("mediation"),
            analytics: address("analytics"),
        })?;
        Ok(Platform {
            clients: Clients::at(endpoints.clone())?,
            coordinator: Coordinator::new(&endpoints, PATIENCE)?,
            people,
            filed: Vec::new(),
            backed_up: 0,
            compose,
        })
    }

    /// The replay of real complaints gives its plain count.
    pub(crate) async fn replay(&self) -> Result<()> {
        let replay = ShortReplay::new(ROWS)?;
        replay
            .play(&self.people, &self.coordinator, &Unseen)
            .await?;
        replay.is_counted_by(&self.agreed().await?)
    }

    /// Notes complaints that were taken.
    pub(crate) fn note(&mut self, filed: Vec<Play>) {
        self.filed.extend(filed);
    }

    /// Notes that everything up to now is in the backup.
    pub(crate) fn is_backed_up(&mut self) {
        self.backed_up = self.filed.len();
    }

    /// What was taken before the backup, and what after it.
    pub(crate) fn around_backup(&self) -> (&[Play], &[Play]) {
        self.filed.split_at(self.backed_up)
    }

    /// Everything that was ever taken is there exactly once, everywhere, and nothing waits.
    pub(crate) async fn lost_nothing(&self, after: &str) -> Result<()> {
        let log = self.agreed().await.context(after.to_owned())?;
        let wanted = ROWS + self.filed.len();
        ensure!(
            usize::try_from(log.counts.filed)? == wanted,
            "{after}: {} filings instead of {wanted}",
            log.counts.filed
        );
        for play in &self.filed {
            let known = log.cases.contains_key(&play.id());
            ensure!(known, "{after}: case {} is lost", play.case_id);
        }
        println!("          {after}: {wanted} filings, {} events", log.events);
        Ok(())
    }

    /// What these consumers read of their own complaints, if every part of it is there.
    pub(crate) async fn whole(&self, filed: &[Play]) -> Result<()> {
        for play in filed {
            let complaint = play.in_intake().await.context("GetComplaint")?;
            let (form, sent) = (complaint.form.unwrap_or_default(), &play.request.form);
            let sent = sent.clone().unwrap_or_default();
            let (read, wrote) = (
                form.complainant.unwrap_or_default(),
                sent.complainant.unwrap_or_default(),
            );
            ensure!(
                (&read.name, &read.phone) == (&wrote.name, &wrote.phone),
                "the parties of {} are lost",
                play.case_id
            );
            ensure!(
                !sent.facts.is_empty() && form.facts == sent.facts,
                "the texts of {} are lost",
                play.case_id
            );
        }
        Ok(())
    }

    /// The statuses at rest; after an upheaval on a busy machine a service may not answer at once.
    async fn at_rest(&self) -> Result<Vec<GetStatusResponse>> {
        self.coordinator.wait_quiet().await?;
        self.coordinator.statuses().await
    }

    /// Rest, and the same story from log and analytics.
    pub(crate) async fn agreed(&self) -> Result<Audit> {
        let statuses = eventually("the platform is at rest", REST, || async {
            Ok(self.at_rest().await.inspect_err(note).ok())
        });
        let statuses = statuses.await?;
        let left =
            |status: &GetStatusResponse| status.parked + status.blocked + status.outbox_pending;
        let left: i64 = statuses.iter().map(left).sum();
        ensure!(left == 0, "parked, blocked or unpublished: {statuses:?}");
        let kafka = self.compose.address("kafka");
        agreed(&self.people, &kafka, TOPIC).await
    }
}

fn note(error: &Error) {
    println!("          not at rest yet: {error:#}");
}
