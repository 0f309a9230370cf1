//! The end of a scenario: nothing waits anywhere, every service's cases are the log's, the logs are clean.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use devstack::replay::{Audit, audit};
use uuid::Uuid;

use crate::stage::Stage;
use crate::tables;

const DRAIN_BOUND: Duration = Duration::from_secs(20);

/// What a slow machine, or one that stood still for some seconds, makes services say: it ends their sessions and leases.
/// How fast the machine is proves nothing; that nothing was lost by it is checked all the same.
const SLOWNESS: [&str; 9] = [
    "slow statement",
    "time to acquire exceeded slow threshold",
    "idle-session timeout",
    "librdkafka: SESSTMOUT",
    "librdkafka: REQTMOUT [thrd:GroupCoordinator]",
    "librdkafka: COMMITFAIL",
    "librdkafka: GETPID",
    "AllBrokersDown",
    "the broker cannot be reached",
];

/// What people of the scenarios are called and write: in no log, and on no topic.
const PERSONAL: [&str; 5] = [
    crate::form::NAME,
    crate::form::PHONE,
    crate::form::FACTS,
    crate::act::TEXT,
    crate::act::REASONS,
];

/// A service that starts later than routing finds the directory on the registry's topic and reads it first.
const FIRST_READING: [&str; 2] = [
    "the database is older than its words",
    ".odr.registry.events.v1",
];

/// What is left on purpose.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    parked: Vec<String>,
    blocked: Vec<Uuid>,
    faults: Option<u64>,
    broken: bool,
    allowed: Vec<String>,
    out_of_order: Vec<Uuid>,
}

impl Ending {
    /// Nothing is left.
    pub fn clean() -> Ending {
        Ending {
            faults: Some(0),
            ..Ending::default()
        }
    }

    /// Nothing is left; the database did not answer for a while, which is said each time somebody asks for it.
    pub fn without_database() -> Ending {
        [
            "a batch is tried again",
            "the relay lost its connection",
            "the deadline loop lost its connection",
            "the store did not answer",
            "error occurred while testing the connection on-release",
            "readiness could not be told",
            "pending steps could not be read",
            "an assignment could not be positioned yet",
            "old answers could not be forgotten",
        ]
        .into_iter()
        .fold(Ending::clean(), Ending::allow)
    }

    /// Nothing is left; the broker did not answer for a while.
    pub fn without_broker() -> Ending {
        [
            "the broker cannot be reached",
            "events could not be published yet",
            "the producer did not deliver in time and is made anew",
            "the consumer's client has lost the broker for good and is made anew",
            "positions cannot be checked yet",
            "an assignment could not be positioned yet",
            "librdkafka: ",
        ]
        .into_iter()
        .fold(Ending::clean(), Ending::allow)
    }

    /// Part of the log was lost and published again: it holds events before those they build on, however many.
    #[must_use]
    pub fn published_again(mut self) -> Ending {
        self.faults = None;
        self
    }

    /// Every service has parked a record for this reason.
    #[must_use]
    pub fn parked(mut self, reason: &str) -> Ending {
        self.parked.push(reason.to_owned());
        self.parked.sort();
        self
    }

    /// This case is blocked everywhere.
    #[must_use]
    pub fn blocked(mut self, case_id: Uuid) -> Ending {
        self.blocked.push(case_id);
        self
    }

    /// The log holds so many records that are no right events.
    #[must_use]
    pub fn faults(mut self, count: u64) -> Ending {
        self.faults = Some(count);
        self
    }

    /// Some of them do not follow the chain.
    #[must_use]
    pub fn broken(mut self) -> Ending {
        self.broken = true;
        self
    }

    /// The events of this case do not stand on the log in order: whoever folds it from the beginning lacks the later ones.
    #[must_use]
    pub fn out_of_order(mut self, case_id: Uuid) -> Ending {
        self.out_of_order.push(case_id);
        self
    }

    /// Warnings and errors that hold these words are expected.
    #[must_use]
    pub fn allow(mut self, words: &str) -> Ending {
        self.allowed.push(words.to_owned());
        self
    }
}

pub(crate) async fn check(mut stage: Stage, ending: Ending) -> Result<()> {
    stage.coordinator.wait_quiet().await?;
    nothing_waits(&stage, &ending).await?;
    cases_are_the_logs(&stage, &ending).await?;
    nothing_personal(&stage).await?;
    let (services, replicas) = (stage.services(), stage.stack.options().replicas);
    for service in &services {
        for replica in 0..replicas {
            if !stage.stack.is_running(service, replica) {
                continue;
            }
            let status = stage.stack.terminate(service, replica, DRAIN_BOUND).await?;
            ensure!(status.success(), "{service}-{replica} ended with {status}");
        }
    }
    for log in stage.stack.logs() {
        is_clean(&log, &ending.allowed)?;
    }
    stage.stack.remove_data().await?;
    fs::remove_dir_all(&stage.stack.options().state_directory).context("the stack's folder")?;
    stage.own.remove()
}

async fn nothing_waits(stage: &Stage, ending: &Ending) -> Result<()> {
    for status in stage.coordinator.statuses().await? {
        let left = [
            status.outbox_pending,
            status.lag,
            status.steps_pending,
            status.deadlines_due,
            status.queue_length,
        ];
        ensure!(
            left == [0; 5] && status.recovering == 0,
            "something is left: {status:?}"
        );
        let blocked = i64::try_from(ending.blocked.len())?;
        ensure!(
            status.blocked == blocked,
            "{blocked} cases are to be blocked: {status:?}"
        );
        let parked = tables::parked(stage.stack.database_url(&status.service)).await?;
        ensure!(
            parked == ending.parked,
            "{} has parked {parked:?} instead of {:?}",
            status.service,
            ending.parked
        );
    }
    Ok(())
}

/// Folding the log gives the stored state, in every service.
async fn cases_are_the_logs(stage: &Stage, ending: &Ending) -> Result<()> {
    let (kafka, topic) = (stage.servers.kafka.clone(), stage.topic());
    let log: Audit = tokio::task::spawn_blocking(move || audit(&kafka, &topic)).await??;
    ensure!(
        ending.faults.is_none_or(|faults| faults == log.faults),
        "{} faults on the log instead of {:?}",
        log.faults,
        ending.faults
    );
    ensure!(
        log.chain_valid != ending.broken,
        "chains on the log: valid {}",
        log.chain_valid
    );
    let mut first: Option<BTreeMap<Uuid, tables::Stored>> = None;
    for service in stage.services() {
        let stored = tables::cases(stage.stack.database_url(&service)).await?;
        let first = first.get_or_insert_with(|| stored.clone());
        for id in &ending.out_of_order {
            let cases =
                [first, &stored].map(|cases| cases.get(id).and_then(|stored| stored.case.as_ref()));
            ensure!(
                cases[0].is_some() && cases[0] == cases[1],
                "{service}: case {id} differs: {cases:?}"
            );
        }
        let apart = |id: &Uuid| ending.blocked.contains(id) || ending.out_of_order.contains(id);
        for (id, case) in log.cases.iter().filter(|(id, _)| !apart(id)) {
            let found = stored
                .get(id)
                .with_context(|| format!("{service} lacks case {id}"))?;
            ensure!(
                found.blocked.is_none(),
                "{service}: case {id} is blocked: {:?}",
                found.blocked
            );
            let same = found.case.as_ref() == Some(case);
            ensure!(
                same,
                "{service}: case {id} is not the log's:\n{}",
                differences(&found.case, &Some(case))
            );
        }
        if let Some(id) = stored
            .keys()
            .find(|id| !log.cases.contains_key(*id) && !apart(id))
        {
            bail!("{service} has case {id}, the log has not");
        }
    }
    Ok(())
}

/// The lines in which two values differ, as they are shown.
fn differences(one: &impl Debug, other: &impl Debug) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let lines = one
        .lines()
        .zip(other.lines())
        .filter(|(one, other)| one != other);
    lines
        .map(|(one, other)| format!("  {} instead of {}\n", one.trim(), other.trim()))
        .collect()
}

/// No record holds a name, a telephone number or a free text.
async fn nothing_personal(stage: &Stage) -> Result<()> {
    for record in stage.records().await? {
        let headers = record.headers.iter().map(|(_, value)| value.as_bytes());
        let value = record.value.as_deref().unwrap_or_default();
        for bytes in headers.chain([value, &record.key]) {
            let found = PERSONAL.iter().find(|words| holds(bytes, words));
            ensure!(
                found.is_none(),
                "an event at offset {} holds {found:?}",
                record.offset
            );
        }
    }
    Ok(())
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes
        .windows(words.len())
        .any(|window| window == words.as_bytes())
}

/// A log holds no warning and no error beyond the allowed ones.
fn is_clean(log: &Path, allowed: &[String]) -> Result<()> {
    let text = fs::read_to_string(log).with_context(|| format!("{}", log.display()))?;
    let told = PERSONAL.iter().find(|words| text.contains(*words));
    ensure!(told.is_none(), "{} holds {told:?}", log.display());
    let lines = text.lines().filter(|line| {
        let calm = line.contains("\"level\":\"INFO\"") || line.contains("\"level\":\"DEBUG\"");
        let first = FIRST_READING.iter().all(|words| line.contains(words));
        let slow = SLOWNESS.iter().any(|words| line.contains(words));
        !calm && !first && !slow && !allowed.iter().any(|words| line.contains(words.as_str()))
    });
    let lines: Vec<&str> = lines.collect();
    ensure!(
        lines.is_empty(),
        "{} holds:\n{}",
        log.display(),
        lines.join("\n")
    );
    Ok(())
}
