//! The topics of `deploy/kafka/topics.yaml`, made on a Kafka cluster.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::RDKafkaErrorCode;
use serde::Deserialize;

use crate::{repository, wait};

const BOUND: Duration = Duration::from_secs(30);

/// A topic as the file describes it, with the file's defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name, without a prefix.
    pub name: String,
    /// Its number of partitions, which never changes.
    pub partitions: i32,
    /// How many brokers keep each record.
    pub replication_factor: i32,
    /// Kafka's topic settings.
    pub config: BTreeMap<String, String>,
}

/// How to make the topics.
#[derive(Debug, Clone, Default)]
pub struct TopicOptions {
    /// Put before every name (`ODR_TOPIC_PREFIX`), so that tests share a cluster.
    pub prefix: String,
    /// This many partitions instead of the file's number.
    pub partitions: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicsFile {
    defaults: Defaults,
    topics: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    partitions: i32,
    replication_factor: i32,
    config: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    partitions: Option<i32>,
    #[serde(default)]
    config: BTreeMap<String, String>,
}

/// The topics of `deploy/kafka/topics.yaml`.
///
/// # Errors
/// When the file cannot be read or does not have the expected form.
pub fn declared() -> Result<Vec<Topic>> {
    read(&repository::root().join("deploy/kafka/topics.yaml"))
}

/// The topics of another file of the same form.
///
/// # Errors
/// When the file cannot be read or does not have the expected form.
pub fn read(path: &Path) -> Result<Vec<Topic>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("cannot understand {}", path.display()))
}

/// Makes the declared topics that are missing and waits until every partition has a leader. Gives their full names.
///
/// # Errors
/// When a topic exists with another number of partitions, or the cluster refuses or does not answer.
pub async fn create(kafka: &str, options: &TopicOptions) -> Result<Vec<String>> {
    let mut topics = declared()?;
    for topic in &mut topics {
        topic.name.insert_str(0, &options.prefix);
        topic.partitions = options.partitions.unwrap_or(topic.partitions);
    }
    ensure_exist(kafka, &topics).await?;
    Ok(topics.into_iter().map(|topic| topic.name).collect())
}

/// Makes those of the topics that are missing and waits until every partition has a leader.
///
/// # Errors
/// Like [`create`].
pub async fn ensure_exist(kafka: &str, topics: &[Topic]) -> Result<()> {
    let admin = admin(kafka)?;
    let existing = partitions(&admin)?;
    for topic in topics {
        if let Some(&found) = existing.get(&topic.name) {
            let wanted = i32::try_from(found).is_ok_and(|found| found == topic.partitions);
            ensure!(
                wanted,
                "topic {} has {found} partitions instead of {}",
                topic.name,
                topic.partitions
            );
        }
    }
    let missing: Vec<&Topic> = topics
        .iter()
        .filter(|topic| !existing.contains_key(&topic.name))
        .collect();
    create_missing(&admin, &missing).await?;

    let complete = || {
        let found = partitions(&admin).unwrap_or_default();
        topics
            .iter()
            .all(|topic| found.get(&topic.name).copied() == usize::try_from(topic.partitions).ok())
    };
    let led = wait::until_async(BOUND, || complete().then_some(())).await;
    led.context("the new topics have no leaders in time")
}

/// Deletes the declared topics under this prefix, with all their records; missing ones are no error.
///
/// # Errors
/// When the cluster refuses or does not answer.
pub async fn remove(kafka: &str, prefix: &str) -> Result<()> {
    let names: Vec<String> = declared()?
        .into_iter()
        .map(|topic| format!("{prefix}{}", topic.name))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let answers = admin(kafka)?
        .delete_topics(&names, &AdminOptions::new().operation_timeout(Some(BOUND)))
        .await?;
    for answer in answers {
        match answer {
            Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition)) => {}
            Err((name, code)) => bail!("cannot delete topic {name}: {code}"),
        }
    }
    Ok(())
}

fn parse(text: &str) -> Result<Vec<Topic>> {
    let file: TopicsFile = serde_yaml_ng::from_str(text)?;
    let defaults = file.defaults;
    let fill = |entry: Entry| Topic {
        name: entry.name,
        partitions: entry.partitions.unwrap_or(defaults.partitions),
        replication_factor: defaults.replication_factor,
        config: defaults
            .config
            .clone()
            .into_iter()
            .chain(entry.config)
            .collect(),
    };
    Ok(file.topics.into_iter().map(fill).collect())
}

fn admin(kafka: &str) -> Result<AdminClient<DefaultClientContext>> {
    ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .create()
        .context("cannot make a Kafka client")
}

async fn create_missing(
    admin: &AdminClient<DefaultClientContext>,
    missing: &[&Topic],
) -> Result<()> {
    let new: Vec<NewTopic<'_>> = missing
        .iter()
        .map(|topic| {
            let start = NewTopic::new(
                &topic.name,
                topic.partitions,
                TopicReplication::Fixed(topic.replication_factor),
            );
            topic
                .config
                .iter()
                .fold(start, |made, (key, value)| made.set(key, value))
        })
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    for answer in admin
        .create_topics(&new, &AdminOptions::new().operation_timeout(Some(BOUND)))
        .await?
    {
        match answer {
            // another process was quicker
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => bail!("cannot create topic {name}: {code}"),
        }
    }
    Ok(())
}

/// Every topic of the cluster with the number of its partitions that have a leader.
fn partitions(admin: &AdminClient<DefaultClientContext>) -> Result<BTreeMap<String, usize>> {
    let metadata = admin
        .inner()
        .fetch_metadata(None, BOUND)
        .context("Kafka does not answer")?;
    let led = |topic: &rdkafka::metadata::MetadataTopic| {
        topic
            .partitions()
            .iter()
            .filter(|partition| partition.leader() >= 0)
            .count()
    };
    Ok(metadata
        .topics()
        .iter()
        .map(|topic| (topic.name().to_owned(), led(topic)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_topics_keep_every_record_and_take_the_brokers_time() {
        let topics = declared().unwrap();
        let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
        assert_eq!(names, ["odr.case.events.v1", "odr.registry.events.v1"]);
        for topic in &topics {
            assert_eq!(topic.partitions, 12);
            assert_eq!(topic.config["cleanup.policy"], "delete");
            assert_eq!(topic.config["retention.ms"], "-1");
            assert_eq!(topic.config["message.timestamp.type"], "LogAppendTime");
        }
    }

    #[test]
    fn topic_setting_stands_above_the_default() {
        let text = "
            defaults: { partitions: 2, replication_factor: 1, config: { a: '1', b: '2' } }
            topics: [ { name: plain }, { name: own, partitions: 3, config: { b: '4' } } ]";
        let topics = parse(text).unwrap();
        assert_eq!(
            (topics[0].partitions, topics[0].config["b"].as_str()),
            (2, "2")
        );
        assert_eq!(
            (topics[1].partitions, topics[1].config["b"].as_str()),
            (3, "4")
        );
        assert_eq!(topics[1].config["a"], "1");
        assert!(parse("topics: []").is_err());
    }
}
