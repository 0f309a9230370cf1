//! The topic of case events, as raw records: read from the beginning, written as any program could.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use chassis::envelope::{Envelope, RawRecord};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);

/// All records of a topic, in the order of their partitions' offsets. Blocks.
///
/// # Errors
/// When the broker does not answer.
pub fn read(kafka: &str, topic: &str) -> Result<Vec<RawRecord>> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", "odr-scenario")
        .set("enable.auto.commit", "false")
        .create()
        .context("the consumer could not be made")?;
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let partitions = metadata
        .topics()
        .first()
        .context("the topic is not there")?
        .partitions();
    let mut list = TopicPartitionList::new();
    let mut left = 0;
    for partition in partitions {
        let (low, high) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE)?;
        list.add_partition_offset(topic, partition.id(), Offset::Beginning)?;
        left += high - low;
    }
    consumer.assign(&list)?;
    let until = Instant::now() + PATIENCE;
    let mut records = Vec::new();
    while left > 0 {
        if Instant::now() > until {
            bail!("the log could not be read to its end within {PATIENCE:?}");
        }
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            records.push(RawRecord::from_message(&message?));
            left -= 1;
        }
    }
    records.sort_by_key(|record| (record.partition, record.offset));
    Ok(records)
}

/// Records of one case, in order.
pub fn of_case(records: &[RawRecord], case_id: Uuid) -> Vec<Envelope> {
    let read = records
        .iter()
        .filter_map(|record| Envelope::read(record).ok());
    read.filter(|envelope| envelope.subject == case_id)
        .collect()
}

/// How often each event stands on the log, by id.
pub fn copies(records: &[RawRecord]) -> HashMap<Uuid, usize> {
    let mut copies = HashMap::new();
    for envelope in records
        .iter()
        .filter_map(|record| Envelope::read(record).ok())
    {
        *copies.entry(envelope.id).or_insert(0) += 1;
    }
    copies
}

/// Publishes an event as its service would.
///
/// # Errors
/// When the broker does not take it.
pub async fn publish(kafka: &str, topic: &str, envelope: &Envelope) -> Result<()> {
    send(
        kafka,
        topic,
        envelope.key().as_bytes(),
        envelope.headers(),
        &envelope.value,
    )
    .await
}

/// Publishes a record as it was read; a copy of it goes to the same partition.
///
/// # Errors
/// When the broker does not take it.
pub async fn publish_again(kafka: &str, topic: &str, record: &RawRecord) -> Result<()> {
    let value = record.value.clone().unwrap_or_default();
    send(kafka, topic, &record.key, headers_of(record), &value).await
}

/// Publishes records as they were read, one after the other.
///
/// # Errors
/// When the broker does not take one.
pub async fn publish_all_again(kafka: &str, topic: &str, records: &[&RawRecord]) -> Result<()> {
    let producer: FutureProducer = chassis::producer::settings(kafka, "odr-scenario").create()?;
    let mut sent = Vec::with_capacity(records.len());
    for record in records {
        let value = record.value.as_deref().unwrap_or_default();
        let again = FutureRecord::<[u8], [u8]>::to(topic)
            .key(record.key.as_ref())
            .headers(headers_of(record))
            .payload(value);
        // the producer keeps a copy, and the order in which it was given them
        let taken = producer.send_result(again);
        sent.push(taken.map_err(|(error, _)| error)?);
    }
    for delivered in sent {
        delivered
            .await
            .context("the producer ended")?
            .map_err(|(error, _)| error)?;
    }
    Ok(())
}

fn headers_of(record: &RawRecord) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new();
    for (key, value) in &record.headers {
        headers = headers.insert(Header {
            key,
            value: Some(value),
        });
    }
    headers
}

/// Publishes anything.
///
/// # Errors
/// When the broker does not take it.
pub async fn publish_bytes(
    kafka: &str,
    topic: &str,
    key: &[u8],
    value: &'static [u8],
) -> Result<()> {
    send(
        kafka,
        topic,
        key,
        OwnedHeaders::new(),
        &Bytes::from_static(value),
    )
    .await
}

async fn send(
    kafka: &str,
    topic: &str,
    key: &[u8],
    headers: OwnedHeaders,
    value: &[u8],
) -> Result<()> {
    let producer: FutureProducer = chassis::producer::settings(kafka, "odr-scenario").create()?;
    let record = FutureRecord::to(topic)
        .key(key)
        .headers(headers)
        .payload(value);
    let sent = producer.send(record, PATIENCE).await;
    sent.map_err(|(error, _)| error)
        .context("the record was not taken")?;
    Ok(())
}
