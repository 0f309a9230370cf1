//! The audit: the whole log read from its beginning, every chain verified, every case folded anew.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use case::Case;
use chassis::admission::{Admission, Position, admit};
use chassis::envelope::{Envelope, RawRecord};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use uuid::Uuid;

use super::outcome::Counts;

const PATIENCE: Duration = Duration::from_secs(60);

/// What the log says.
#[derive(Clone, Debug)]
pub struct Audit {
    /// Events, each once.
    pub events: u64,
    /// Records that are no event, do not follow, or come from the wrong service.
    pub faults: u64,
    /// Every event follows its chain.
    pub chain_valid: bool,
    /// The outcomes, counted from the folded cases.
    pub counts: Counts,
    /// The folded cases.
    pub cases: HashMap<Uuid, Case>,
}

/// Reads the topic of case events from its beginning to its end now. Blocks.
///
/// # Errors
/// When the broker does not answer.
pub fn audit(kafka: &str, topic: &str) -> Result<Audit> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", "odr-audit")
        .set("enable.auto.commit", "false")
        .create()
        .context("the consumer could not be made")?;
    let mut left = assign(&consumer, topic)?;
    let mut positions: HashMap<Uuid, Position> = HashMap::new();
    let mut audit = Audit {
        events: 0,
        faults: 0,
        chain_valid: true,
        counts: Counts::default(),
        cases: HashMap::new(),
    };
    let until = Instant::now() + PATIENCE;
    while left.values().any(|count| *count > 0) {
        if Instant::now() > until {
            bail!("the log could not be read to its end within {PATIENCE:?}");
        }
        let Some(message) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        let raw = RawRecord::from_message(&message.context("the log could not be read")?);
        if let Some(count) = left.get_mut(&raw.partition) {
            *count -= 1;
        }
        audit.take(&raw, &mut positions);
    }
    for case in audit.cases.values() {
        audit.counts.case(case);
    }
    Ok(audit)
}

fn assign(consumer: &BaseConsumer, topic: &str) -> Result<HashMap<i32, i64>> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let partitions = metadata
        .topics()
        .first()
        .context("the topic is not there")?
        .partitions();
    let mut list = TopicPartitionList::new();
    let mut left = HashMap::new();
    for partition in partitions {
        let (low, high) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE)?;
        list.add_partition_offset(topic, partition.id(), Offset::Beginning)?;
        left.insert(partition.id(), high - low);
    }
    consumer.assign(&list)?;
    Ok(left)
}

impl Audit {
    fn take(&mut self, raw: &RawRecord, positions: &mut HashMap<Uuid, Position>) {
        let Ok(envelope) = Envelope::read(raw) else {
            self.faults += 1;
            return;
        };
        let Ok(decoded) = docket::work::decode(&envelope) else {
            self.faults += 1;
            return;
        };
        let position = positions
            .entry(envelope.subject)
            .or_insert_with(Position::start);
        let case = self.cases.get(&envelope.subject);
        let owner = case.map_or("intake", |case| case.state.owner().code());
        match admit(position, owner, &envelope, &decoded.absorbed) {
            Admission::Next => {
                position.advance(&envelope, &decoded.absorbed);
                let case = self.cases.remove(&envelope.subject);
                if let Some(next) = case::evolve(case, &decoded.event) {
                    self.cases.insert(envelope.subject, next);
                    self.counts.event(&decoded.event);
                    self.events += 1;
                } else {
                    self.faults += 1;
                }
            }
            Admission::Duplicate => {}
            Admission::Broken | Admission::Conflict => {
                self.faults += 1;
                self.chain_valid = false;
            }
            Admission::Gap | Admission::WrongSource => self.faults += 1,
        }
    }
}
