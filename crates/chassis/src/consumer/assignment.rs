//! What happens when partitions are assigned: positions from the database, checked against the log and the group.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use anyhow::bail;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, Statistics, TopicPartitionList};
use tokio::runtime::Handle;

use super::standing::Standing;
use super::{AGAIN, Consumer, LOST, PATIENCE, Progress, Signals};
use crate::relay::Published;
use crate::store::positions::{self, Stored};
use crate::store::recoveries;
use crate::store::{Pool, SILENCE, within};

/// The client's context: positions an assignment before reading starts.
pub(super) struct Assigning {
    pool: Pool,
    handle: Handle,
    progress: Arc<Progress>,
    published: Arc<Published>,
    signals: Arc<Signals>,
    topics: [String; 2],
    /// How the client stands with the broker.
    pub(super) standing: Standing,
}

/// A topic and one of its partitions.
type Place = (String, i32);

/// What the log is now: its bounds, and how far the group had told Kafka it was.
struct Log {
    low: i64,
    end: i64,
    committed: i64,
}

impl Assigning {
    pub(super) fn new(parts: &Consumer, handle: Handle, signals: Arc<Signals>) -> Self {
        Self {
            pool: parts.pool.clone(),
            handle,
            progress: Arc::clone(&parts.progress),
            published: Arc::clone(&parts.published),
            signals,
            topics: [parts.topic.clone(), parts.registry_topic.clone()],
            standing: Standing::new(),
        }
    }

    /// Positions the whole assignment anew, as if it had just come; what was not taken in is read again.
    pub(super) fn position_again(&self, consumer: &BaseConsumer<Self>) -> anyhow::Result<()> {
        let mut list = consumer.assignment()?;
        if list.count() > 0 {
            self.position(consumer, &mut list)?;
            consumer.assign(&list)?;
        }
        Ok(())
    }

    /// Forgets what was read of a partition: its log is another one.
    pub(super) fn forget(&self, topic: &str, partition: i32) -> sqlx::Result<()> {
        self.published.forget(topic, partition);
        self.block_on(async |pool| {
            positions::reset(&mut *pool.acquire().await?, topic, partition, 0).await
        })
    }

    /// Sets where to read each assigned partition from. Recovery is demanded for every partition, whoever reads it: this
    /// replica must not act on a database that is older than what another replica has still to find out.
    fn position(
        &self,
        consumer: &BaseConsumer<Self>,
        list: &mut TopicPartitionList,
    ) -> anyhow::Result<()> {
        let assigned: Vec<Place> = list.elements().iter().map(place_of).collect();
        // Asked before the positions are read: other replicas move both meanwhile, the position first.
        let all = self.all(consumer, &assigned)?;
        self.progress.set_whole(all.count() == assigned.len());
        let committed = consumer.committed_offsets(all, PATIENCE)?;
        let committed = committed.to_topic_map();
        let mut stored: HashMap<Place, Stored> = self.block_on(async |pool| {
            let rows = positions::all(&mut *pool.acquire().await?).await?;
            Ok(rows
                .into_iter()
                .map(|row| ((row.topic.clone(), row.partition), row))
                .collect())
        })?;
        for (key, offset) in &committed {
            let (stored, told) = (stored.get(key), told(offset));
            let suspect = stored.is_none_or(|place| told > place.next_offset);
            if suspect && !assigned.contains(key) {
                let log = watermarks(consumer, key, told)?;
                self.recover_if_older(key, stored, &log)?;
            }
        }
        for key in assigned {
            let log = watermarks(consumer, &key, committed.get(&key).map_or(0, told))?;
            let from = self.place(&key, stored.remove(&key), &log)?;
            list.set_partition_offset(&key.0, key.1, Offset::Offset(from))?;
        }
        Ok(())
    }

    /// All partitions of both topics.
    fn all(
        &self,
        consumer: &BaseConsumer<Self>,
        assigned: &[Place],
    ) -> anyhow::Result<TopicPartitionList> {
        let mut all = TopicPartitionList::new();
        for name in &self.topics {
            let metadata = consumer.fetch_metadata(Some(name), PATIENCE)?;
            for topic in metadata.topics() {
                match topic.error() {
                    None | Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) => {}
                    Some(error) => bail!("topic {name}: {error:?}"),
                }
                for partition in topic.partitions() {
                    all.add_partition(name, partition.id());
                }
            }
        }
        for (topic, partition) in assigned {
            if all.find_partition(topic, *partition).is_none() {
                all.add_partition(topic, *partition);
            }
        }
        Ok(all)
    }

    /// Demands recovery where the database is older than its words.
    fn recover_if_older(
        &self,
        key: &Place,
        stored: Option<&Stored>,
        log: &Log,
    ) -> sqlx::Result<()> {
        let (topic, partition) = (key.0.as_str(), key.1);
        let older = match stored {
            None => log.end > log.low,
            Some(place) => log.committed > place.next_offset,
        };
        if older {
            tracing::warn!(
                messaging.destination.name = topic,
                messaging.destination.partition.id = partition,
                "the database is older than its words: recovering"
            );
            self.block_on(async |pool| {
                recoveries::demand(&mut *pool.acquire().await?, topic, partition, log.end).await
            })?;
        }
        Ok(())
    }

    /// Where to read a partition from.
    fn place(&self, key: &Place, stored: Option<Stored>, log: &Log) -> sqlx::Result<i64> {
        let (topic, partition) = (key.0.as_str(), key.1);
        self.recover_if_older(key, stored.as_ref(), log)?;
        let fresh = || Stored {
            topic: topic.to_owned(),
            partition,
            next_offset: log.low,
            last_id: None,
        };
        let place = match stored {
            Some(place) if !place.lies_within(log.low, log.end) => {
                if place.next_offset > 0 {
                    tracing::error!(
                        alarm = "log_cut",
                        messaging.destination.name = topic,
                        messaging.destination.partition.id = partition,
                        "the stored position lies outside the log: it is read from its beginning"
                    );
                }
                self.block_on(async |pool| {
                    positions::reset(&mut *pool.acquire().await?, topic, partition, log.low).await
                })?;
                self.published.forget(topic, partition);
                fresh()
            }
            Some(place) => place,
            None => {
                self.block_on(async |pool| {
                    positions::start(&mut *pool.acquire().await?, topic, partition, log.low).await
                })?;
                fresh()
            }
        };
        Ok(self.progress.expect(&place, log.end))
    }

    fn block_on<T>(&self, query: impl AsyncFnOnce(&Pool) -> sqlx::Result<T>) -> sqlx::Result<T> {
        self.handle.block_on(within(SILENCE, query(&self.pool)))
    }
}

fn place_of(element: &TopicPartitionListElem<'_>) -> Place {
    (element.topic().to_owned(), element.partition())
}

/// How far the group had told Kafka it was.
fn told(committed: &Offset) -> i64 {
    match committed {
        Offset::Offset(offset) => *offset,
        _ => 0,
    }
}

fn watermarks(consumer: &BaseConsumer<Assigning>, key: &Place, committed: i64) -> KafkaResult<Log> {
    let (low, end) = consumer.fetch_watermarks(&key.0, key.1, PATIENCE)?;
    Ok(Log {
        low,
        end,
        committed,
    })
}

impl ClientContext for Assigning {
    fn stats(&self, statistics: Statistics) {
        self.standing.judge(&statistics);
        let mut ends = BTreeMap::new();
        for topic in statistics.topics.values() {
            for partition in topic.partitions.values().filter(|p| p.hi_offset >= 0) {
                let key = (topic.topic.clone(), partition.partition);
                ends.insert(key, partition.hi_offset);
            }
        }
        self.progress.told(ends);
    }
}

impl ConsumerContext for Assigning {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        code: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let outcome = match code {
            // What another client reads now is none of this one's business.
            _ if self.standing.is_given_up() => consumer.unassign(),
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                let began = Instant::now();
                // A database or broker that does not answer now is asked again: nothing may be read from a wrong place.
                while let Err(error) = self.position(consumer, list) {
                    if self.signals.stopped() {
                        return;
                    }
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "an assignment could not be positioned yet"
                    );
                    if error.is::<KafkaError>() && began.elapsed() >= LOST {
                        self.standing.give_up();
                        return;
                    }
                    std::thread::sleep(AGAIN);
                }
                self.standing.found();
                let outcome = consumer.assign(list);
                self.progress.assigned_now();
                tracing::debug!(partitions = list.count(), "assigned");
                outcome
            }
            _ => {
                self.progress.revoke();
                consumer.unassign()
            }
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "an assignment could not be taken");
        }
    }
}
