//! The relay: publishes the outbox in id order and deletes exactly what was delivered. No "last id" watermark.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::RelaySettings;
use crate::leadership::{IDLE_LIMIT, Leader, Office};
use crate::pace;
use crate::producer::{Delivered, Producer};
use crate::store::outbox::{self, Pending};
use crate::store::{SILENCE, within};
use crate::{metrics, telemetry};

/// How long the relay goes on after it was told to stop.
const LAST: Duration = Duration::from_secs(2);

/// Events for which the pace is one setting longer.
const PACE_STEP: usize = 12;

/// Ids before the first row of a read among which the next one still looks: what commits a little late has one of them.
const LATE: i64 = 2_000;

/// How long reads may leave out what lies further back.
const WHOLE_EVERY: Duration = Duration::from_secs(1);

/// Where reads begin. Under load the rows that were deleted lie before those to publish until PostgreSQL clears them away,
/// and to pass over them costs more than everything else. A read that finds nothing, and one each second, begins at the
/// beginning: no row is left out for longer.
struct Beginning {
    after: i64,
    whole_at: Instant,
}

impl Beginning {
    fn new() -> Self {
        Self {
            after: i64::MIN,
            whole_at: Instant::now(),
        }
    }

    /// The id behind which the next read begins.
    fn next(&mut self) -> i64 {
        if self.whole_at.elapsed() >= WHOLE_EVERY {
            self.go_back();
        }
        self.after
    }

    /// Whether nothing was left out by the last read.
    fn is_whole(&self) -> bool {
        self.after == i64::MIN
    }

    fn go_back(&mut self) {
        *self = Self::new();
    }

    /// After a read whose first row was this one.
    fn found(&mut self, first: i64) {
        self.after = first.saturating_sub(LATE);
    }
}

/// Offsets behind what this relay published, by topic and partition.
#[derive(Debug, Default)]
pub struct Published(Mutex<HashMap<(String, i32), i64>>);

impl Published {
    fn note(&self, topic: &str, partition: i32, offset: i64) {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ends.entry((topic.to_owned(), partition)).or_insert(0);
        *end = (*end).max(offset + 1);
    }

    /// Forgets a partition whose log was cut.
    pub fn forget(&self, topic: &str, partition: i32) {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.remove(&(topic.to_owned(), partition));
    }

    /// The end of a partition as far as this relay knows.
    pub fn end(&self, topic: &str, partition: i32) -> i64 {
        let ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.get(&(topic.to_owned(), partition))
            .copied()
            .unwrap_or(0)
    }
}

type Told = Result<Delivered, oneshot::error::RecvError>;

/// Subjects with a row that was not delivered: their later rows stay behind it.
#[derive(Default)]
struct Held {
    subjects: HashSet<Uuid>,
    first: Option<(Uuid, KafkaError)>,
}

impl Held {
    fn holds(&self, subject: Uuid) -> bool {
        self.subjects.contains(&subject)
    }

    fn hold(&mut self, subject: Uuid, error: KafkaError) {
        self.subjects.insert(subject);
        self.first.get_or_insert((subject, error));
    }
}

/// One line for all, with the first one and its error: thousands may wait for one broker.
impl Drop for Held {
    fn drop(&mut self) {
        if let Some((subject, error)) = &self.first {
            let cases = self.subjects.len();
            tracing::warn!(%error, case.id = %subject, cases, "events could not be published yet");
        }
    }
}

/// What a relay works with.
pub struct Relay {
    /// Its settings.
    pub settings: RelaySettings,
    /// Its own connection.
    pub connection: PgConnectOptions,
    /// Its producer.
    pub producer: Producer,
    /// Told when there is something to publish.
    pub woken: Arc<Notify>,
    /// Where it notes how far it got.
    pub published: Arc<Published>,
}

impl Relay {
    /// Publishes until `stop`, then a moment longer what there is; errors of the store are waited out.
    ///
    /// # Errors
    /// None today; the task's shape asks for it.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let last = async {
            stop.cancelled().await;
            tokio::time::sleep(LAST).await;
        };
        tokio::select! {
            () = self.publish_until(&stop) => {}
            // What is not out by then is in the outbox still.
            () = last => {}
        }
        Ok(())
    }

    async fn publish_until(&self, stop: &CancellationToken) {
        while let Err(error) = self.lead(stop).await {
            tracing::warn!(%error, "the relay lost its connection");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    /// Publishes as long as this replica holds the office; done when stopped with nothing left that can be published.
    async fn lead(&self, stop: &CancellationToken) -> sqlx::Result<()> {
        // All it writes is what it has published: a deletion that is lost is published again.
        let connection = self.connection.clone();
        let connection = connection.options([("synchronous_commit", "off")]);
        let mut leader = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            leader = Leader::take(&connection, Office::Relay) => leader?,
        };
        let batch = i64::try_from(self.settings.batch).unwrap_or(i64::MAX);
        let pace = Duration::from_millis(self.settings.pace_ms);
        let poll = Duration::from_millis(self.settings.poll_ms);
        let mut beginning = Beginning::new();
        loop {
            let started = Instant::now();
            if let Err(error) = self.producer.mend() {
                tracing::warn!(error = format!("{error:#}"), "a producer could not be made");
            }
            let rows = outbox::first(&mut leader.connection, beginning.next(), batch);
            let rows = within(SILENCE, rows).await?;
            let full = rows.len() == self.settings.batch;
            match rows.first() {
                Some(first) => beginning.found(first.id),
                None if !beginning.is_whole() => {
                    beginning.go_back();
                    continue;
                }
                None => {}
            }
            fail_point!(RELAY_READ if !rows.is_empty());
            let delivered = if rows.is_empty() {
                Vec::new()
            } else {
                self.publish(&mut leader, rows).await?
            };
            if !delivered.is_empty() {
                fail_point!(RELAY_PRODUCED);
                within(SILENCE, outbox::delete(&mut leader.connection, &delivered)).await?;
                if !full {
                    let took = started.elapsed();
                    let pace = pace::after(pace, delivered.len(), PACE_STEP, took);
                    tokio::time::sleep_until(started + pace).await;
                }
            } else if stop.is_cancelled() {
                return Ok(());
            } else {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.woken.notified() => {}
                    () = tokio::time::sleep(poll) => {}
                }
            }
        }
    }

    /// Publishes rows; gives the ids of those delivered. After a failed row, the later ones of its key stay.
    async fn publish(&self, leader: &mut Leader, rows: Vec<Pending>) -> sqlx::Result<Vec<i64>> {
        let started = Instant::now();
        let deliveries = join_all(self.send(rows));
        tokio::pin!(deliveries);
        let outcomes = loop {
            tokio::select! {
                outcomes = &mut deliveries => break outcomes,
                () = tokio::time::sleep(IDLE_LIMIT / 3) => leader.ping().await?,
            }
        };
        let told = outcomes.iter();
        let told = told.map(|(row, told)| (row.topic.as_str(), matches!(told, Ok(Ok(_)))));
        metrics::sent(started.elapsed(), told);
        let mut held = Held::default();
        let mut delivered = Vec::with_capacity(outcomes.len());
        for (row, outcome) in outcomes {
            let subject = row.envelope.subject;
            match outcome {
                Ok(Ok((partition, offset))) => {
                    self.published.note(&row.topic, partition, offset);
                    if !held.holds(subject) {
                        delivered.push(row.id);
                    }
                }
                Ok(Err(error)) => held.hold(subject, error),
                Err(_) => held.hold(subject, KafkaError::Canceled),
            }
        }
        Ok(delivered)
    }

    /// Hands rows to the producer, strictly in order: a key's rows never overtake each other.
    fn send(&self, rows: Vec<Pending>) -> Vec<impl Future<Output = (Pending, Told)> + use<>> {
        let mut held = Held::default();
        let mut sent = Vec::with_capacity(rows.len());
        for mut row in rows {
            let subject = row.envelope.subject;
            if held.holds(subject) {
                continue;
            }
            let span = telemetry::send_span(&row.topic, &mut row.envelope);
            match self.producer.send(&row.topic, &row.envelope) {
                Ok(delivery) => sent.push(async move {
                    let told = delivery.await;
                    if let Ok(Ok((partition, offset))) = &told {
                        telemetry::delivered(&span, *partition, *offset);
                    }
                    (row, told)
                }),
                // The rest waits for the next round.
                Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) => break,
                Err(error) => held.hold(subject, error),
            }
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_begin_a_little_before_the_last_first_row_and_each_second_at_the_beginning() {
        let mut beginning = Beginning::new();
        assert_eq!((beginning.next(), beginning.is_whole()), (i64::MIN, true));
        beginning.found(9_000);
        assert_eq!((beginning.next(), beginning.is_whole()), (7_000, false));
        beginning.found(7_500);
        assert_eq!(beginning.next(), 5_500);
        beginning.whole_at = beginning.whole_at.checked_sub(WHOLE_EVERY).unwrap();
        assert_eq!((beginning.next(), beginning.is_whole()), (i64::MIN, true));
        beginning.found(9_000);
        assert_eq!(beginning.next(), 7_000);
        beginning.go_back();
        assert_eq!((beginning.next(), beginning.is_whole()), (i64::MIN, true));
    }
}
