//! What happens when partitions are assigned: positions from the database, checked against the log and the group.

use std::collections::HashMap;
use std::sync::Arc;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};
use sqlx::PgPool;
use tokio::runtime::Handle;

use super::{Consumer, PATIENCE, Progress};
use crate::store::positions::{self, Stored};
use crate::store::recoveries;

/// The client's context: positions an assignment before reading starts.
pub(super) struct Assigning {
    pool: PgPool,
    handle: Handle,
    progress: Arc<Progress>,
}

impl Assigning {
    pub(super) fn new(parts: &Consumer, handle: Handle) -> Self {
        Self {
            pool: parts.pool.clone(),
            handle,
            progress: Arc::clone(&parts.progress),
        }
    }

    fn position(
        &self,
        consumer: &BaseConsumer<Self>,
        list: &mut TopicPartitionList,
    ) -> anyhow::Result<()> {
        let mut stored: HashMap<(String, i32), Stored> = self.block_on(async |pool| {
            let mut connection = pool.acquire().await?;
            let rows = positions::all(&mut connection).await?;
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
            let (_, end) = consumer.fetch_watermarks(&key.0, key.1, PATIENCE)?;
            let known = match committed.get(&key) {
                Some(Offset::Offset(offset)) => *offset,
                _ => 0,
            };
            let place = stored.remove(&key);
            let from = self.place(&key, place, end, known)?;
            list.set_partition_offset(&key.0, key.1, Offset::Offset(from))?;
        }
        Ok(())
    }

    /// Where to read a partition from; demands recovery where the database is older than its words.
    fn place(
        &self,
        key: &(String, i32),
        stored: Option<Stored>,
        end: i64,
        committed: i64,
    ) -> anyhow::Result<i64> {
        let (topic, partition) = (key.0.as_str(), key.1);
        let older = match &stored {
            None => end > 0,
            Some(place) => committed > place.next_offset,
        };
        if older {
            tracing::warn!(
                messaging.destination.name = topic,
                messaging.destination.partition.id = partition,
                "the database is older than its words: recovering"
            );
            self.block_on(async |pool| {
                let mut connection = pool.acquire().await?;
                recoveries::demand(&mut connection, topic, partition, end).await
            })?;
        }
        let fresh = || Stored {
            topic: topic.to_owned(),
            partition,
            next_offset: 0,
            last_id: None,
        };
        let place = match stored {
            Some(place) if place.next_offset > end => {
                tracing::error!(
                    alarm = "log_cut",
                    messaging.destination.name = topic,
                    messaging.destination.partition.id = partition,
                    "the log ends before the stored position: it is read from its beginning"
                );
                self.block_on(async |pool| {
                    let mut connection = pool.acquire().await?;
                    positions::reset(&mut connection, topic, partition).await
                })?;
                fresh()
            }
            Some(place) => place,
            None => {
                self.block_on(async |pool| {
                    let mut connection = pool.acquire().await?;
                    positions::start(&mut connection, topic, partition).await
                })?;
                fresh()
            }
        };
        Ok(self.progress.expect(&place, end))
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
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "an assignment could not be positioned yet"
                    );
                    std::thread::sleep(std::time::Duration::from_millis(500));
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
