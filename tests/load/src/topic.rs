//! The topic of case events from outside: where it ends, histories put on it, events counted on it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chassis::envelope::{Envelope, RawRecord};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use uuid::Uuid;

use crate::histories::Histories;

const PATIENCE: Duration = Duration::from_secs(60);
/// Cases whose events are mixed: the first events of all of them come before the second ones.
const MIXED_CASES: usize = 10_000;
const NAME: &str = "odr.case.events.v1";

/// A topic.
pub(crate) struct Topic {
    pub(crate) name: String,
    kafka: String,
    partitions: Vec<i32>,
    consumer: BaseConsumer,
}

impl Topic {
    /// The topic of case events under a prefix.
    pub(crate) fn open(kafka: &str, prefix: &str) -> Result<Self> {
        let name = format!("{prefix}{NAME}");
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", kafka)
            .set("group.id", "odr-load")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "100")
            .create()?;
        let metadata = consumer.fetch_metadata(Some(&name), PATIENCE)?;
        let topic = metadata.topics().first();
        let partitions: Vec<i32> = topic
            .into_iter()
            .flat_map(|topic| topic.partitions())
            .map(|partition| partition.id())
            .collect();
        ensure!(!partitions.is_empty(), "{name} is not there");
        let kafka = kafka.to_owned();
        Ok(Self {
            name,
            kafka,
            partitions,
            consumer,
        })
    }

    /// Records it holds. Blocks.
    pub(crate) fn end(&self) -> Result<i64> {
        Ok(self.ends()?.values().sum())
    }

    /// Where each partition ends. Blocks.
    pub(crate) fn ends(&self) -> Result<HashMap<i32, i64>> {
        let ends = self.partitions.iter().map(|partition| {
            let (_, end) = self
                .consumer
                .fetch_watermarks(&self.name, *partition, PATIENCE)?;
            Ok((*partition, end))
        });
        ends.collect()
    }

    /// Puts the histories of so many cases on it, mixed; gives the records put. Blocks.
    pub(crate) fn put(&self, histories: &Histories, cases: usize) -> Result<i64> {
        let before = self.end()?;
        let producer: BaseProducer = chassis::producer::settings(&self.kafka, "load")
            .set("linger.ms", "5")
            .set("queue.buffering.max.messages", "200000")
            .create()?;
        let mut number = 0;
        while number < cases {
            let until = (number + MIXED_CASES).min(cases);
            let mixed: Vec<Vec<Envelope>> =
                (number..until).map(|case| histories.case(case)).collect();
            for place in 0..histories.events_per_case() {
                for events in &mixed {
                    send(&producer, &self.name, &events[place])?;
                }
            }
            number = until;
        }
        producer.flush(PATIENCE)?;
        let put = self.end()? - before;
        let wanted = i64::try_from(cases * histories.events_per_case())?;
        ensure!(put == wanted, "{put} of {wanted} records came to the topic");
        Ok(put)
    }

    /// Hands every record from the beginning on, until `see` wants no more; gives the number of records. Blocks.
    pub(crate) fn read(&self, mut see: impl FnMut(RawRecord)) -> Result<i64> {
        let mut list = TopicPartitionList::new();
        for partition in &self.partitions {
            list.add_partition_offset(&self.name, *partition, Offset::Beginning)?;
        }
        let wanted = self.end()?;
        self.consumer.assign(&list)?;
        let (mut read, mut last) = (0, Instant::now());
        while read < wanted {
            match self.consumer.poll(Duration::from_millis(100)) {
                Some(message) => {
                    see(RawRecord::from_message(&message?));
                    (read, last) = (read + 1, Instant::now());
                }
                None if last.elapsed() > PATIENCE => bail!("{read} of {wanted} records came"),
                None => {}
            }
        }
        self.consumer.unassign()?;
        Ok(read)
    }

    /// How often each subject has an event of this type. Blocks.
    pub(crate) fn count(&self, event_type: &str) -> Result<HashMap<Uuid, u32>> {
        let mut counts = HashMap::new();
        self.read(|record| {
            if record.header("ce_type") == Some(event_type)
                && let Ok(envelope) = Envelope::read(&record)
            {
                *counts.entry(envelope.subject).or_insert(0) += 1;
            }
        })?;
        Ok(counts)
    }
}

/// Hands one event over; waits while the producer's queue is full.
pub(crate) fn send(producer: &BaseProducer, topic: &str, envelope: &Envelope) -> Result<()> {
    let key = envelope.key();
    let mut record = BaseRecord::to(topic)
        .key(&key)
        .payload(envelope.value.as_ref())
        .headers(envelope.headers());
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                producer.poll(Duration::from_millis(5));
                record = back;
            }
            Err((error, _)) => return Err(error).context("the producer takes no record"),
        }
    }
}
