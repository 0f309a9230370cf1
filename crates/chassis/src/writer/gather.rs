//! The writer's loop: take what waits, run it, retry what failed by its class, answer after the commit.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures::FutureExt as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::batch::{Batch, Committed, run};
use super::taken::Taken;
use super::{CallError, Origin, Queued, Record, Wake};
use crate::config::WriterSettings;
use crate::consumer::Progress;
use crate::metrics;
use crate::pace::{self, LastBatch};
use crate::relay::Handed;
use crate::store::batch::SaveError;
use crate::store::{SILENCE, within};
use crate::waiting::Waiters;
use crate::work::Work;

/// What a writer works with, and whom it tells.
pub struct Parts<W: Work> {
    /// The service's half.
    pub work: Arc<W>,
    /// The writer's own connection.
    pub connection: PgConnectOptions,
    /// The topic own events go to.
    pub topic: String,
    /// Time is stepped.
    pub stepped: bool,
    /// Told after a commit that left something to publish.
    pub relay: Arc<Notify>,
    /// What a commit left to publish, as long as the relay takes it from here.
    pub handed: Arc<Handed>,
    /// Told when a step is left to be asked.
    pub steps: Arc<Notify>,
    /// Told when an own event was unknown.
    pub recover: Arc<Notify>,
    /// How the records that come were positioned, and who is told when the database has lost some.
    pub progress: Arc<Progress>,
    /// Nothing is decided while this is set: the service has not read up to the log's end yet.
    pub starting: Arc<AtomicBool>,
    /// Those who wait for a version.
    pub waiters: Arc<Waiters>,
    /// Where it notes how long its last batch with records took.
    pub last_batch: Arc<LastBatch>,
}

/// The writer's loop.
pub struct Loop<W: Work> {
    settings: WriterSettings,
    parts: Arc<Parts<W>>,
    calls: mpsc::Receiver<Queued<W>>,
    records: mpsc::Receiver<Record>,
    wakes: mpsc::Receiver<Wake>,
    busy: watch::Sender<bool>,
    connection: Option<PgConnection>,
    last_records: usize,
    records_taken_at: Instant,
    /// Records polled under earlier positionings are left out: they are read again.
    least_placing: u64,
}

/// Records that calls take along at least.
const ALONG: usize = 32;

/// More misses than two replicas cause each other: beyond it the batch is taken apart.
const MOST_MISSES: usize = 10;

#[derive(PartialEq, Eq)]
enum Class {
    Transient,
    Data,
}

impl Class {
    /// What a failure counts as.
    const fn word(&self, error: &SaveError) -> &'static str {
        match (self, error) {
            (_, SaveError::Missed) => "missed",
            (_, SaveError::Behind) => "behind",
            (Self::Transient, _) => "transient",
            (Self::Data, _) => "data",
        }
    }
}

impl<W: Work> Loop<W> {
    pub(super) fn new(
        settings: WriterSettings,
        parts: Arc<Parts<W>>,
        calls: mpsc::Receiver<Queued<W>>,
        records: mpsc::Receiver<Record>,
        wakes: mpsc::Receiver<Wake>,
        busy: watch::Sender<bool>,
    ) -> Self {
        Self {
            settings,
            parts,
            calls,
            records,
            wakes,
            busy,
            connection: None,
            last_records: 0,
            records_taken_at: Instant::now(),
            least_placing: 0,
        }
    }

    /// Runs until `stop`, then finishes what was queued.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let Some(taken) = self.first(&stop).await else {
                break;
            };
            self.busy.send_replace(true);
            self.carry_out(taken).await;
            self.busy.send_replace(false);
        }
        self.calls.close();
        loop {
            let mut rest = Taken::nothing();
            self.take(&mut rest);
            // Records are read again from the stored position; only calls are owed an answer.
            rest.records.clear();
            if rest.is_empty() {
                return;
            }
            self.carry_out(rest).await;
        }
    }

    async fn first(&mut self, stop: &CancellationToken) -> Option<Taken<W>> {
        let mut taken = Taken::nothing();
        let due = self.records_due();
        let records = &mut self.records;
        let record = async {
            tokio::time::sleep_until(due).await;
            records.recv().await
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            Some(call) = self.calls.recv() => taken.calls.push(call),
            Some(wake) = self.wakes.recv() => taken.wakes.push(wake),
            Some(record) = record => taken.records.push(record),
        }
        self.take(&mut taken);
        Some(taken)
    }

    /// When records begin a batch next. Calls never wait; records gather a little while many come, since a transaction
    /// costs the same for one as for many. A full batch is taken at once.
    fn records_due(&self) -> Instant {
        let full = self.records.len() >= self.settings.max_records;
        let pace = if full || self.last_records < self.settings.large_batch {
            Duration::ZERO
        } else {
            let setting = Duration::from_millis(self.settings.pace_ms);
            let took = self.parts.last_batch.took();
            // its batches grow with what the consumer hands on at its pace: here only what they took counts
            pace::after(setting, self.last_records, usize::MAX, took)
        };
        self.records_taken_at + pace
    }

    fn take(&mut self, taken: &mut Taken<W>) {
        while taken.calls.len() < self.settings.max_calls
            && let Ok(call) = self.calls.try_recv()
        {
            taken.calls.push(call);
        }
        while taken.wakes.len() < self.settings.max_wakes
            && let Ok(wake) = self.wakes.try_recv()
        {
            taken.wakes.push(wake);
        }
        if taken.calls.is_empty() && self.records_due() > Instant::now() {
            return;
        }
        let most = self.most_records(taken.calls.len());
        while taken.records.len() < most
            && let Ok(record) = self.records.try_recv()
        {
            taken.records.push(record);
        }
        self.leave_out(&mut taken.records);
        self.last_records = taken.records.len();
        self.records_taken_at = Instant::now();
    }

    /// How many records go with so many calls: they come along in a transaction that there is anyway, but not so many
    /// that the calls wait for them. What every call brings back from the log is kept up with; a full queue is emptied.
    fn most_records(&self, calls: usize) -> usize {
        let most = self.settings.max_records;
        if calls == 0 || self.records.len() >= most {
            most
        } else {
            (2 * calls).max(ALONG).min(most)
        }
    }

    async fn carry_out(&mut self, taken: Taken<W>) {
        let size = taken.len();
        if let Err(taken) = self.try_out(taken).await {
            tracing::warn!(
                size,
                "a batch failed on its data: its parts are done one by one"
            );
            for part in taken.singly() {
                if let Err(part) = self.try_out(part).await {
                    self.give_up(part).await;
                }
            }
        }
    }

    /// Runs a batch until it is committed; gives it back when its data is at fault.
    async fn try_out(&mut self, mut taken: Taken<W>) -> Result<(), Taken<W>> {
        let mut wait = Duration::from_millis(5);
        // A slow database gets longer each time: a batch that never ends would never be done.
        let mut limit = SILENCE;
        let mut misses = 0;
        loop {
            taken.calls.retain(|queued| !queued.reply.is_closed());
            if taken.is_empty() {
                return Ok(());
            }
            let started = Instant::now();
            let error = match within(limit, self.attempt(&taken, misses > 0)).await {
                Ok(committed) => {
                    fail_point!(CALLS_COMMITTED if !taken.calls.is_empty());
                    fail_point!(RECORDS_COMMITTED if !taken.records.is_empty());
                    if !taken.records.is_empty() {
                        self.parts.last_batch.note(started.elapsed());
                    }
                    let (calls, wakes) = (taken.calls.len(), taken.wakes.len());
                    metrics::batch(started.elapsed(), calls, &taken.records, wakes);
                    self.tell(taken, committed);
                    return Ok(());
                }
                Err(error) => error,
            };
            if matches!(error, SaveError::Behind) {
                self.read_again(&mut taken.records);
            }
            misses += usize::from(matches!(error, SaveError::Missed));
            let class = classify(&error);
            metrics::batch_failures(class.word(&error), 1);
            if misses > MOST_MISSES || class == Class::Data {
                tracing::error!(%error, size = taken.len(), "a batch failed on its data");
                return Err(taken);
            }
            let took = started.elapsed();
            limit += took;
            if wait > Duration::from_millis(80) || took >= SILENCE {
                tracing::warn!(%error, size = taken.len(), "a batch is tried again");
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(1));
        }
    }

    /// The database has lost what was not on disk yet when it broke down: whatever was polled is read again, from the
    /// positions that are left.
    fn read_again(&mut self, records: &mut Vec<Record>) {
        self.least_placing = self.parts.progress.lose();
        self.leave_out(records);
        self.parts.waiters.forget();
    }

    fn leave_out(&self, records: &mut Vec<Record>) {
        let least = self.least_placing;
        records.retain(|record| match record.origin {
            Origin::Log { placing, .. } => placing >= least,
            Origin::Parked { .. } => true,
        });
    }

    /// Runs a batch once. A connection that saw an error is not used again.
    async fn attempt(&mut self, taken: &Taken<W>, missed: bool) -> Result<Committed<W>, SaveError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.parts.connection.connect().await?,
        };
        let batch = Batch {
            calls: taken.calls.iter().map(|queued| &queued.call).collect(),
            records: taken.records.iter().collect(),
            wakes: taken.wakes.iter().map(|wake| wake.subject).collect(),
            missed,
            spoilt: taken.spoilt,
        };
        let committed = AssertUnwindSafe(run(&self.parts, &mut connection, &batch))
            .catch_unwind()
            .await
            .unwrap_or(Err(SaveError::BrokeDown))?;
        self.connection = Some(connection);
        Ok(committed)
    }

    fn tell(&self, taken: Taken<W>, committed: Committed<W>) {
        let parts = &self.parts;
        for (queued, answer) in taken.calls.into_iter().zip(committed.answers) {
            // A caller that has gone needs no answer.
            let _gone = queued.reply.send(answer);
        }
        let judged = taken.records.into_iter().filter_map(|record| record.done);
        let looked_at = taken.wakes.into_iter().filter_map(|wake| wake.done);
        for done in judged.chain(looked_at) {
            let _gone = done.send(());
        }
        parts.waiters.committed(&committed.versions);
        if committed.published && !parts.handed.hand(committed.pending) {
            parts.relay.notify_one();
        }
        if committed.steps_pending {
            parts.steps.notify_one();
        }
        if committed.own_word_unknown {
            parts.recover.notify_one();
        }
        if committed.recovered {
            tracing::info!("every partition is read: recovered");
            parts.relay.notify_one();
            parts.steps.notify_one();
        }
    }

    /// A single item that the store does not take: the call gets a defect, the record is parked.
    async fn give_up(&mut self, taken: Taken<W>) {
        for queued in taken.calls {
            let id = Uuid::new_v4();
            tracing::error!(alarm = "data", alarm.id = %id, case.id = %queued.call.subject, "the store does not take a command");
            let _gone = queued.reply.send(Err(CallError::Defect(id)));
        }
        for wake in taken.wakes {
            tracing::error!(alarm = "data", case.id = %wake.subject, "the store does not take a wake");
            let _gone = wake.done.map(|done| done.send(()));
        }
        for record in taken.records {
            let parked = Taken {
                records: vec![record],
                spoilt: true,
                ..Taken::nothing()
            };
            if self.try_out(parked).await.is_err() {
                tracing::error!(
                    alarm = "data",
                    "a record can neither be taken in nor parked"
                );
            }
        }
    }
}

/// Data errors (SQLSTATE classes 22, 23 and 54, rows that cannot be read, code that breaks down) are the batch's own;
/// all else is tried again.
fn classify(error: &SaveError) -> Class {
    match error {
        SaveError::Missed | SaveError::Behind => Class::Transient,
        SaveError::Taken | SaveError::BrokeDown => Class::Data,
        SaveError::Database(sqlx::Error::Database(database)) => match database.code().as_deref() {
            Some(code)
                if ["22", "23", "54"]
                    .iter()
                    .any(|class| code.starts_with(class)) =>
            {
                Class::Data
            }
            _ => Class::Transient,
        },
        SaveError::Database(
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_),
        ) => Class::Data,
        SaveError::Database(_) => Class::Transient,
    }
}
