//! The relay: publishes the outbox in id order and deletes exactly what was delivered. No "last id" watermark.
//!
//! What its own process commits it need not read: the writer hands it over with its ids. As long as these follow each other
//! without a hole, no other session can have committed anything that is not published (`settled`). At a hole, a row that
//! was not taken, a wake from elsewhere, it reads the outbox again.

mod beginning;
mod handed;
mod settled;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::join_all;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::beginning::Beginning;
pub use self::handed::Handed;
use self::settled::{Settled, Settling};
use crate::config::RelaySettings;
use crate::leadership::{IDLE_LIMIT, Leader, Office};
use crate::pace;
use crate::producer::{Delivered, Producer};
use crate::store::outbox::{self, Pending};
use crate::store::{SILENCE, within};
use crate::{metrics, telemetry};

/// How long the relay goes on after it was told to stop.
const LAST: Duration = Duration::from_secs(2);

/// How long the outbox is read before what is handed over may be enough.
const SETTLE_AFTER: Duration = Duration::from_secs(1);

/// How long what was published without being read stays in the outbox, so that few deletions are for many rows. After a
/// breakdown it is published again.
const DELETE_AFTER: Duration = Duration::from_millis(100);

/// Events for which the pace is one setting longer.
const PACE_STEP: usize = 12;

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
    /// What the writer hands over.
    pub handed: Arc<Handed>,
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
        loop {
            let ended = self.lead(stop).await;
            self.handed.end();
            let Err(error) = ended else {
                return;
            };
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
        while let Some(settled) = self.read(&mut leader, stop).await? {
            self.follow(&mut leader, settled, stop).await?;
        }
        Ok(())
    }

    /// Publishes what it reads from the outbox, until what is handed over is all there is; `None` when stopped with
    /// nothing left that can be published.
    async fn read(
        &self,
        leader: &mut Leader,
        stop: &CancellationToken,
    ) -> sqlx::Result<Option<Settled>> {
        let batch = i64::try_from(self.settings.batch).unwrap_or(i64::MAX);
        let poll = Duration::from_millis(self.settings.poll_ms);
        let mut beginning = Beginning::new();
        let mut settle_at = Instant::now() + SETTLE_AFTER;
        let mut settling: Option<Settling> = None;
        loop {
            let started = Instant::now();
            self.mend();
            if let Some(settling) = &mut settling {
                within(SILENCE, settling.look(&mut leader.connection)).await?;
            } else if started >= settle_at {
                settling = self.begin_to_settle(leader).await?;
                settle_at = started + SETTLE_AFTER;
            }
            let all_ended = settling.as_ref().is_some_and(Settling::all_ended);
            if all_ended {
                beginning.go_back();
            }
            let rows = outbox::first(&mut leader.connection, beginning.next(), batch);
            let rows = within(SILENCE, rows).await?;
            let (count, full) = (rows.len(), rows.len() == self.settings.batch);
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
                self.publish(leader, rows).await?
            };
            if !delivered.is_empty() {
                fail_point!(RELAY_PRODUCED);
                within(SILENCE, outbox::delete(&mut leader.connection, &delivered)).await?;
            }
            if let Some(mut settling) = settling.take_if(|_| all_ended || full) {
                settling.published(&delivered);
                if all_ended && !full && delivered.len() == count {
                    return Ok(Some(settling.done()));
                }
                self.handed.end();
            }
            if let Some(settling) = &mut settling {
                settling.published(&delivered);
            }
            if !delivered.is_empty() {
                if !full {
                    self.gather(started, delivered.len()).await;
                }
            } else if stop.is_cancelled() {
                return Ok(None);
            } else {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.woken.notified() => {}
                    () = self.handed.some() => {}
                    () = tokio::time::sleep(poll) => {}
                }
            }
        }
    }

    /// Asks for what the writer commits from now on.
    async fn begin_to_settle(&self, leader: &mut Leader) -> sqlx::Result<Option<Settling>> {
        self.handed.begin();
        // Who woke so far is read.
        let _woken = self.woken.notified().now_or_never();
        let settling = within(SILENCE, Settling::begin(&mut leader.connection)).await?;
        if settling.is_none() {
            self.handed.end();
        }
        Ok(settling)
    }

    /// Publishes what is handed over, without reading it, until the outbox has to be read again.
    async fn follow(
        &self,
        leader: &mut Leader,
        mut settled: Settled,
        stop: &CancellationToken,
    ) -> sqlx::Result<()> {
        let poll = Duration::from_millis(self.settings.poll_ms);
        let mut delivered: Vec<i64> = Vec::new();
        let mut due = Instant::now() + poll;
        while let Some(rows) = self.handed.take().and_then(|rows| settled.follow(rows)) {
            let (started, count) = (Instant::now(), rows.len());
            if !rows.is_empty() {
                self.mend();
                fail_point!(RELAY_READ);
                let ids = self.publish(leader, rows).await?;
                fail_point!(RELAY_PRODUCED);
                metrics::handed(ids.len());
                if delivered.is_empty() {
                    due = started + DELETE_AFTER;
                }
                let all = ids.len() == count;
                delivered.extend(ids);
                if !all {
                    break;
                }
            }
            if due <= Instant::now() || delivered.len() >= self.settings.batch {
                if !delivered.is_empty() {
                    let ids = std::mem::take(&mut delivered);
                    within(SILENCE, outbox::delete(&mut leader.connection, &ids)).await?;
                } else if within(SILENCE, outbox::has_rows(&mut leader.connection)).await? {
                    break;
                }
                due = Instant::now() + poll;
            }
            if count > 0 {
                self.gather(started, count).await;
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.woken.notified() => break,
                () = self.handed.some() => {}
                () = tokio::time::sleep_until(due) => {}
            }
        }
        self.handed.end();
        if !delivered.is_empty() {
            within(SILENCE, outbox::delete(&mut leader.connection, &delivered)).await?;
        }
        Ok(())
    }

    /// Waits after a round that published, the longer the more came and the longer it took.
    async fn gather(&self, started: Instant, count: usize) {
        let pace = Duration::from_millis(self.settings.pace_ms);
        let pace = pace::after(pace, count, PACE_STEP, started.elapsed());
        tokio::time::sleep_until(started + pace).await;
    }

    fn mend(&self) {
        if let Err(error) = self.producer.mend() {
            tracing::warn!(error = format!("{error:#}"), "a producer could not be made");
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
