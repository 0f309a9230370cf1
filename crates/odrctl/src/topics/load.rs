//! The records of a dump, back in their partitions and order.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};

use super::Place;
use super::dump::{consumer, partitions, range};
use super::kept::{Kept, file};
use crate::out::line;

const PATIENCE: Duration = Duration::from_secs(30);

/// What became of the records: how many stand elsewhere than before, and the first that does not stand at all.
#[derive(Default)]
struct Outcome {
    moved: u64,
    refused: Option<KafkaError>,
}

/// Notes what became of each record; the offset it had before comes along.
#[derive(Default)]
struct Noting(Mutex<Outcome>);

impl ClientContext for Noting {}

impl ProducerContext for Noting {
    type DeliveryOpaque = Box<i64>;

    fn delivery(&self, result: &DeliveryResult<'_>, offset: Self::DeliveryOpaque) {
        let mut outcome = self.0.lock().expect("nobody panics while counting");
        match result {
            Ok(message) => outcome.moved += u64::from(message.offset() != *offset),
            Err((error, _)) => outcome.refused = Some(error.clone()),
        }
    }
}

pub(super) fn run(place: &Place, folder: &Path) -> Result<()> {
    let (topics, reader) = (place.topics()?, consumer(&place.kafka)?);
    let mut parts = Vec::new();
    for topic in &topics {
        for partition in partitions(&reader, &topic.name)? {
            let (start, end) = range(&reader, &topic.name, partition)?;
            ensure!(start == end, "{}-{partition} holds records", topic.name);
            parts.push((topic.name.as_str(), partition));
        }
    }
    let files = std::fs::read_dir(folder)?.count();
    ensure!(
        files == parts.len(),
        "{files} files for {} partitions: make the topics as they were",
        parts.len()
    );
    let producer: BaseProducer<Noting> = chassis::producer::settings(&place.kafka, "odrctl")
        .create_with_context(Noting::default())?;
    let mut records = 0;
    for (topic, partition) in parts {
        records += load(&producer, topic, partition, &file(folder, topic, partition))?;
    }
    producer.flush(PATIENCE)?;
    let outcome = producer
        .context()
        .0
        .lock()
        .expect("nobody panics while counting");
    if let Some(error) = &outcome.refused {
        bail!("not every record could be put back: {error}");
    }
    line(format_args!("{records} records are back"));
    if outcome.moved > 0 {
        let moved = outcome.moved;
        line(format_args!("{moved} of them stand elsewhere than before"));
    }
    Ok(())
}

fn load(producer: &BaseProducer<Noting>, topic: &str, partition: i32, path: &Path) -> Result<u64> {
    let opened = File::open(path).with_context(|| format!("{} is missing", path.display()))?;
    let mut records = 0;
    for text in BufReader::new(opened).lines() {
        let kept: Kept = serde_json::from_str(&text?)
            .with_context(|| format!("line {} of {}", records + 1, path.display()))?;
        send(producer, topic, partition, &kept)?;
        records += 1;
    }
    Ok(records)
}

fn send(producer: &BaseProducer<Noting>, topic: &str, partition: i32, kept: &Kept) -> Result<()> {
    loop {
        let mut record: BaseRecord<'_, [u8], [u8], Box<i64>> =
            BaseRecord::with_opaque_to(topic, Box::new(kept.offset))
                .partition(partition)
                .headers(kept.headers());
        record.key = kept.key.as_deref();
        record.payload = kept.value.as_deref();
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                producer.poll(Duration::from_millis(50));
            }
            Err((error, _)) => return Err(error.into()),
        }
    }
}
