//! What happens when partitions are assigned: positions from the database, checked against the log and the group.

use std::collections::HashMap;
use std::sync::Arc;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};
use sqlx::PgPool;
use tokio::runtime::Handle;

use super::{AGAIN, Consumer, PATIENCE, Progress, Signals};
use crate::relay::Published;
use crate::store::positions::{self, Stored};
use crate::store::recoveries;

/// The client's context: positions an assignment before reading starts.
pub(super) struct Assigning {
    pool: PgPool,
    handle: Handle,
    progress: Arc<Progress>,
    published: Arc<Published>,
    signals: Arc<Signals>,
}

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

    fn position(
        &self,
        consumer: &BaseConsumer<Self>,
        list: &mut TopicPartitionList,
    ) -> anyhow::Result<()> {
        let mut stored: HashMap<(String, i32), Stored> = self.block_on(async |pool| {
            let rows = positions::all(&mut *pool.acquire().await?).await?;
            Ok(rows
                .into_iter()
                .map(|row| ((row.topic.clone(), row.partition), row))
                .collect())
        })?;
        let committed = consumer
            .committed_offsets(list.clone(), PATIENCE)?
            .to_topic_map();
        let assigned: Vec<(String, i32)> = list
            .elements()
            .iter()
            .map(|e| (e.topic().to_owned(), e.partition()))
            .collect();
        for key in assigned {
            let (low, end) = consumer.fetch_watermarks(&key.0, key.1, PATIENCE)?;
            let committed = match committed.get(&key) {
                Some(Offset::Offset(offset)) => *offset,
                _ => 0,
            };
            let log = Log {
                low,
                end,
                committed,
            };
            let from = self.place(&key, stored.remove(&key), &log)?;
            list.set_partition_offset(&key.0, key.1, Offset::Offset(from))?;
        }
        Ok(())
    }

    /// Where to read a partition from; demands recovery where the database is older than its words.
    fn place(&self, key: &(String, i32), stored: Option<Stored>, log: &Log) -> sqlx::Result<i64> {
        let (topic, partition) = (key.0.as_str(), key.1);
        let older = match &stored {
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

    fn block_on<T>(&self, query: impl AsyncFnOnce(&PgPool) -> sqlx::Result<T>) -> sqlx::Result<T> {
        self.handle.block_on(query(&self.pool))
    }
}

impl ClientContext for Assigning {}

impl ConsumerContext for Assigning {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        code: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let outcome = match code {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                // A database or broker that does not answer now is asked again: nothing may be read from a wrong place.
                while let Err(error) = self.position(consumer, list) {
                    if self.signals.stopped() {
                        return;
                    }
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "an assignment could not be positioned yet"
                    );
                    std::thread::sleep(AGAIN);
                }
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
