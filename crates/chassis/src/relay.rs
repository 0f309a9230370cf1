//! The relay: publishes the outbox in id order and deletes exactly what was delivered. No "last id" watermark.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::RelaySettings;
use crate::leadership::{IDLE_LIMIT, Leader, Office};
use crate::store::outbox::{self, Pending};

/// Offsets behind what this relay published, by topic and partition.
#[derive(Debug, Default)]
pub struct Published(Mutex<HashMap<(String, i32), i64>>);

impl Published {
    fn note(&self, topic: &str, partition: i32, offset: i64) {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ends.entry((topic.to_owned(), partition)).or_insert(0);
        *end = (*end).max(offset + 1);
    }

    /// The end of a partition as far as this relay knows.
    pub fn end(&self, topic: &str, partition: i32) -> i64 {
        let ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.get(&(topic.to_owned(), partition))
            .copied()
            .unwrap_or(0)
    }
}

/// What a relay works with.
pub struct Relay {
    /// Its settings.
    pub settings: RelaySettings,
    /// Its own connection.
    pub connection: PgConnectOptions,
    /// Its producer.
    pub producer: FutureProducer,
    /// Told when there is something to publish.
    pub woken: Arc<Notify>,
    /// Where it notes how far it got.
    pub published: Arc<Published>,
}

/// An idempotent producer that waits out a broker's absence.
///
/// # Errors
/// When the client cannot be made.
pub fn producer(kafka: &str, client_id: &str) -> Result<FutureProducer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("client.id", client_id)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        .set("linger.ms", "0")
        .set("delivery.timeout.ms", "120000")
        .set("reconnect.backoff.max.ms", "500")
        .set("message.max.bytes", "4000000")
        .create()
}

impl Relay {
    /// Publishes until `stop`; errors of the store are waited out.
    ///
    /// # Errors
    /// None today; the task's shape asks for it.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        loop {
            let error = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                lead = self.lead() => match lead {
                    Ok(()) => None,
                    Err(error) => Some(error),
                },
            };
            if let Some(error) = error {
                tracing::warn!(%error, "the relay lost its connection");
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    /// Publishes as long as this replica holds the office; returns when another does.
    async fn lead(&self) -> sqlx::Result<()> {
        let Some(mut leader) = Leader::try_take(&self.connection, Office::Relay).await? else {
            return Ok(());
        };
        tracing::debug!("this replica relays");
        let batch = i64::try_from(self.settings.batch).unwrap_or(i64::MAX);
        let pace = Duration::from_millis(self.settings.pace_ms);
        let poll = Duration::from_millis(self.settings.poll_ms);
        loop {
            let started = Instant::now();
            let rows = outbox::first(&mut leader.connection, batch).await?;
            if rows.is_empty() {
                let _ = tokio::time::timeout(poll, self.woken.notified()).await;
                continue;
            }
            let full = rows.len() == self.settings.batch;
            let delivered = self.publish(&mut leader, rows).await?;
            outbox::delete(&mut leader.connection, &delivered).await?;
            if !full {
                tokio::time::sleep_until(started + pace).await;
            }
        }
    }

    /// Publishes rows; gives the ids of those delivered. After a failed row, the later ones of its key stay.
    async fn publish(&self, leader: &mut Leader, rows: Vec<Pending>) -> sqlx::Result<Vec<i64>> {
        let mut sent = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, subject) = (row.id, row.envelope.subject);
            sent.push(async move { (id, subject, self.deliver(row).await) });
        }
        let all = join_all(sent);
        tokio::pin!(all);
        let outcomes = loop {
            tokio::select! {
                outcomes = &mut all => break outcomes,
                () = tokio::time::sleep(IDLE_LIMIT / 3) => leader.ping().await?,
            }
        };
        let mut delivered = Vec::with_capacity(outcomes.len());
        let mut held: HashSet<Uuid> = HashSet::new();
        for (id, subject, outcome) in outcomes {
            match outcome {
                Ok(()) if !held.contains(&subject) => delivered.push(id),
                Ok(()) => {}
                Err(error) => {
                    if held.insert(subject) {
                        tracing::warn!(%error, case.id = %subject, "an event could not be published yet");
                    }
                }
            }
        }
        Ok(delivered)
    }

    async fn deliver(&self, row: Pending) -> Result<(), KafkaError> {
        let key = row.envelope.key();
        loop {
            let record = FutureRecord::to(&row.topic)
                .key(&key)
                .payload(row.envelope.value.as_ref())
                .headers(row.envelope.headers());
            match self.producer.send_result(record) {
                Ok(delivery) => {
                    let Ok(outcome) = delivery.await else {
                        return Err(KafkaError::Canceled);
                    };
                    let delivery = outcome.map_err(|(error, _)| error)?;
                    self.published
                        .note(&row.topic, delivery.partition, delivery.offset);
                    return Ok(());
                }
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err((error, _)) => return Err(error),
            }
        }
    }
}
