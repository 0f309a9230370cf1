//! Every record from a partition's beginning to its end now, into a file.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::BorrowedMessage;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use super::Place;
use super::kept::{Kept, file};
use crate::out::line;

const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(200);

/// A partition on its way into its file.
struct Part {
    to: BufWriter<File>,
    next: i64,
    end: i64,
}

pub(super) fn run(place: &Place, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let empty = fs::read_dir(folder)?.next().is_none();
    ensure!(empty, "{} is not empty", folder.display());
    let consumer = consumer(&place.kafka)?;
    for topic in place.topics()? {
        let records = dump(&consumer, &topic.name, folder)?;
        line(format_args!("{}: {records} records", topic.name));
    }
    Ok(())
}

/// A client that reads and belongs to no group.
pub(super) fn consumer(kafka: &str) -> Result<BaseConsumer> {
    ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", "odrctl-topics")
        .set("enable.auto.commit", "false")
        .set("allow.auto.create.topics", "false")
        .create()
        .context("no Kafka client could be made")
}

/// The partitions of a topic that is there.
pub(super) fn partitions(consumer: &BaseConsumer, topic: &str) -> Result<Vec<i32>> {
    let metadata = consumer
        .fetch_metadata(Some(topic), PATIENCE)
        .context("Kafka does not answer")?;
    let found = metadata.topics().first();
    let partitions = found.map_or(&[][..], |topic| topic.partitions());
    ensure!(!partitions.is_empty(), "there is no topic {topic}");
    Ok(partitions.iter().map(|partition| partition.id()).collect())
}

/// First offset and end of a partition. A broker that has just started, or a topic that has just been made, may have no leader yet.
pub(super) fn range(consumer: &BaseConsumer, topic: &str, partition: i32) -> Result<(i64, i64)> {
    let until = Instant::now() + PATIENCE;
    loop {
        match consumer.fetch_watermarks(topic, partition, PATIENCE) {
            Ok(range) => return Ok(range),
            Err(error) if Instant::now() > until => {
                return Err(error).with_context(|| format!("{topic}-{partition}"));
            }
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}

fn dump(consumer: &BaseConsumer, topic: &str, folder: &Path) -> Result<u64> {
    let (mut parts, mut list) = (HashMap::new(), TopicPartitionList::new());
    let mut open = 0;
    for partition in partitions(consumer, topic)? {
        let (next, end) = range(consumer, topic, partition)?;
        let path = file(folder, topic, partition);
        let made = File::create_new(&path).with_context(|| path.display().to_string())?;
        let to = BufWriter::new(made);
        parts.insert(partition, Part { to, next, end });
        if next < end {
            list.add_partition_offset(topic, partition, Offset::Offset(next))?;
            open += 1;
        }
    }
    consumer.assign(&list)?;
    let mut records = 0;
    while open > 0 {
        let read = consumer.poll(PATIENCE);
        let message = read.with_context(|| format!("{topic} ends early"))??;
        let part = parts.get_mut(&message.partition());
        let part = part.context("a record of another partition")?;
        if part.next < part.end {
            records += 1;
            open -= u32::from(part.take(&message)?);
        }
    }
    for part in parts.into_values() {
        let file = part.to.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
    }
    Ok(records)
}

impl Part {
    /// Writes a record; says whether it was the last one.
    fn take(&mut self, message: &BorrowedMessage<'_>) -> Result<bool> {
        serde_json::to_writer(&mut self.to, &Kept::of(message))?;
        self.to.write_all(b"\n")?;
        self.next = message.offset() + 1;
        Ok(self.next >= self.end)
    }
}
