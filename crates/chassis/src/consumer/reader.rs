//! The consumer's thread: polls, checks each record against its partition, hands it on, and tells Kafka how far it is.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::assignment::Assigning;
use super::{AGAIN, Checked, Consumer, PATIENCE, Signals, client};
use crate::envelope::{Envelope, RawRecord};
use crate::pace;
use crate::store::{Pool, SILENCE, positions, recoveries, within};
use crate::writer::{Origin, Record};

const COMMIT_INTERVAL: Duration = Duration::from_secs(1);
/// Records handed on in one go.
const MOST: usize = 500;
/// How long what the next fetch brings is waited for.
const NEXT_FETCH: Duration = Duration::from_millis(8);
/// Records for which the pace is one setting longer.
const PACE_STEP: usize = 32;

/// Errors that pass when the broker or its metadata is back.
const PASSING: [Code; 32] = [
    Code::AllBrokersDown,
    Code::AssignmentLost,
    Code::BrokerDestroy,
    Code::BrokerNotAvailable,
    Code::BrokerTransportFailure,
    Code::CoordinatorLoadInProgress,
    Code::CoordinatorNotAvailable,
    Code::FencedLeaderEpoch,
    Code::FetchSessionIdNotFound,
    Code::IllegalGeneration,
    Code::InvalidFetchSessionEpoch,
    Code::KafkaStorageError,
    Code::LeaderNotAvailable,
    Code::MessageTimedOut,
    Code::NetworkException,
    Code::NotCoordinator,
    Code::NotLeaderForPartition,
    Code::OffsetNotAvailable,
    Code::OperationTimedOut,
    Code::PollExceeded,
    Code::RebalanceInProgress,
    Code::ReplicaNotAvailable,
    Code::RequestTimedOut,
    Code::Resolve,
    Code::TimedOutQueue,
    Code::UnknownLeaderEpoch,
    Code::UnknownMemberId,
    Code::UnknownPartition,
    Code::UnknownTopic,
    Code::UnknownTopicId,
    Code::UnknownTopicOrPartition,
    Code::WaitingForCoordinator,
];

/// Errors that say that the log is not the one that was read.
const CUT: [Code; 3] = [
    Code::OffsetOutOfRange,
    Code::AutoOffsetReset,
    Code::LogTruncation,
];

/// Whether every partition is to be checked before another record is handed on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    No,
    /// The broker was away: there is nothing to ask before it is back.
    WhenARecordComes,
    Now,
}

pub(super) struct Reader {
    consumer: BaseConsumer<Assigning>,
    parts: Consumer,
    handle: Handle,
    signals: Arc<Signals>,
    last_commit: Instant,
    behind: bool,
    last_warning: Option<Instant>,
    check: Check,
}

impl Reader {
    pub(super) fn new(
        parts: Consumer,
        handle: Handle,
        signals: Arc<Signals>,
    ) -> anyhow::Result<Self> {
        let consumer = client::join(&parts, &handle, &signals)?;
        Ok(Self {
            consumer,
            parts,
            handle,
            signals,
            last_commit: Instant::now(),
            behind: false,
            last_warning: None,
            check: Check::No,
        })
    }

    /// Reads until it is told to stop.
    pub(super) fn read(mut self) -> anyhow::Result<()> {
        // A replica may have ended between finding an own word unknown and asking how far all partitions are.
        let untold =
            self.block_on(async |pool| recoveries::is_untold(&mut *pool.acquire().await?).await);
        if untold.unwrap_or(true) {
            self.signals.recover.store(true, Ordering::Release);
        }
        let mut paused = false;
        while !self.signals.stopped() {
            let burst = self.burst(paused)?;
            paused = false;
            let size = burst.len();
            match size {
                0 if self.check == Check::Now => self.check_all(),
                0 => {}
                // What came is read again from the stored position.
                _ if self.check != Check::No => self.check_all(),
                _ => {
                    if !self.forward_all(burst) {
                        return Ok(());
                    }
                }
            }
            if self.consumer.context().standing.is_lost() {
                self.join_again()?;
            }
            if self.parts.progress.lost() {
                tracing::info!(
                    "the database has lost records that were taken in: they are read again"
                );
                self.check_all();
            }
            if self.signals.recover.swap(false, Ordering::AcqRel)
                && let Err(error) = self.demand_all()
            {
                tracing::warn!(error = format!("{error:#}"), "recovery waits");
                self.signals.recover.store(true, Ordering::Release);
                std::thread::sleep(AGAIN);
            }
            self.commit();
            if size >= self.parts.large_batch && size < MOST {
                let setting = Duration::from_millis(self.parts.pace_ms);
                let took = self.parts.last_batch.took();
                std::thread::sleep(pace::after(setting, size, PACE_STEP, took));
                paused = true;
            }
        }
        self.commit_stored(CommitMode::Sync);
        Ok(())
    }

    /// Another client takes the place of one that is lost.
    fn join_again(&mut self) -> anyhow::Result<()> {
        tracing::warn!("the consumer's client has lost the broker for good and is made anew");
        self.consumer.context().standing.give_up();
        self.parts.progress.revoke();
        let client = client::join(&self.parts, &self.handle, &self.signals)?;
        let lost = std::mem::replace(&mut self.consumer, client);
        // It may wait for an answer that does not come.
        std::thread::spawn(move || drop(lost));
        Ok(())
    }

    /// What is there, after waiting a moment for the first; an error ends it. What came before partitions were
    /// positioned anew is left out: it is read again from there, here or elsewhere.
    ///
    /// After a pause the client gives what one fetch had brought at its beginning, and only then asks for what has come
    /// since: that is waited for, too. Else every record would be a pause older than it has to be.
    fn burst(&mut self, paused: bool) -> anyhow::Result<Vec<RawRecord>> {
        let mut next_fetch = paused.then_some(NEXT_FETCH);
        let mut burst = Vec::new();
        let mut placing = self.parts.progress.placing();
        let mut wait = Duration::from_millis(100);
        while burst.len() < MOST {
            let polled = match self.consumer.poll(wait) {
                None => None,
                Some(Ok(message)) => Some(RawRecord::from_message(&message)),
                Some(Err(error)) => {
                    self.complain(error)?;
                    None
                }
            };
            let placed = self.parts.progress.placing();
            if placed != placing {
                placing = placed;
                burst.clear();
            }
            match polled {
                Some(raw) => burst.push(raw),
                None => match next_fetch.take() {
                    Some(patience) if !burst.is_empty() => {
                        wait = patience;
                        continue;
                    }
                    _ => break,
                },
            }
            wait = Duration::ZERO;
        }
        Ok(burst)
    }

    /// Hands records on; false when nobody takes records any more.
    fn forward_all(&mut self, burst: Vec<RawRecord>) -> bool {
        let placing = self.parts.progress.placing();
        for raw in burst {
            // A cut was found in this burst: what follows is read again.
            if self.check != Check::No || self.parts.progress.placing() != placing {
                break;
            }
            if !self.forward(raw, placing) {
                return false;
            }
        }
        true
    }

    /// Hands a record on; false when nobody takes records any more.
    fn forward(&mut self, raw: RawRecord, placing: u64) -> bool {
        let envelope = Envelope::read(&raw);
        let id = envelope.as_ref().ok().map(|envelope| envelope.id);
        let progress = &self.parts.progress;
        let from = match progress.check(&raw.topic, raw.partition, raw.offset, id) {
            Checked::Known => return true,
            Checked::Cut => {
                self.read_from_the_beginning(&raw.topic, raw.partition);
                return true;
            }
            Checked::New { from } => from,
        };
        let mut record = Record {
            caught_up: progress.is_past_start(&raw.topic, raw.partition, raw.offset),
            registry: raw.topic == self.parts.registry_topic,
            raw,
            envelope,
            origin: Origin::Log { from, placing },
            done: None,
        };
        loop {
            match self.parts.records.try_send(record) {
                Ok(()) => return true,
                Err(mpsc::error::TrySendError::Closed(_)) => return false,
                Err(mpsc::error::TrySendError::Full(back)) => {
                    if self.signals.stopped() {
                        return false;
                    }
                    record = back;
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }

    /// Transport errors pass; an offset out of range is a cut log; anything else is for good.
    fn complain(&mut self, error: KafkaError) -> anyhow::Result<()> {
        let code = error.rdkafka_error_code();
        if code.is_some_and(|code| CUT.contains(&code)) {
            tracing::warn!(%error, "an offset is out of the log's range");
            self.check_all();
        } else if code.is_some_and(|code| PASSING.contains(&code)) {
            self.check = Check::WhenARecordComes;
            if self
                .last_warning
                .is_none_or(|last| last.elapsed() >= Duration::from_secs(1))
            {
                tracing::warn!(%error, "the broker cannot be reached");
                self.last_warning = Some(Instant::now());
            }
        } else {
            return Err(anyhow::Error::new(error).context("the consumer failed"));
        }
        Ok(())
    }

    /// The last record taken in is read again on every partition; what keeps that from being done passes.
    fn check_all(&mut self) {
        self.check = match self.consumer.context().position_again(&self.consumer) {
            Ok(()) => Check::No,
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "positions cannot be checked yet"
                );
                std::thread::sleep(AGAIN);
                Check::Now
            }
        };
    }

    fn read_from_the_beginning(&mut self, topic: &str, partition: i32) {
        tracing::error!(
            alarm = "log_cut",
            messaging.destination.name = topic,
            messaging.destination.partition.id = partition,
            "the log was cut: the partition is read from its beginning"
        );
        match self.consumer.context().forget(topic, partition) {
            Ok(()) => self.check_all(),
            // The next check finds the cut again.
            Err(error) => {
                tracing::warn!(%error, "a cut log waits");
                self.check = Check::Now;
            }
        }
    }

    /// The database is older than its words: whatever any replica reads is read to its end first.
    fn demand_all(&self) -> anyhow::Result<()> {
        for place in self.stored()? {
            let (topic, partition) = (place.topic.as_str(), place.partition);
            let (_, end) = self.consumer.fetch_watermarks(topic, partition, PATIENCE)?;
            self.block_on(async |pool| {
                let mut connection = pool.acquire().await?;
                recoveries::demand(&mut connection, topic, partition, end).await
            })?;
        }
        self.block_on(async |pool| recoveries::told(&mut *pool.acquire().await?).await)?;
        Ok(())
    }

    fn stored(&self) -> sqlx::Result<Vec<positions::Stored>> {
        self.block_on(async |pool| positions::all(&mut *pool.acquire().await?).await)
    }

    fn block_on<T>(&self, query: impl AsyncFnOnce(&Pool) -> sqlx::Result<T>) -> sqlx::Result<T> {
        self.handle
            .block_on(within(SILENCE, query(&self.parts.pool)))
    }

    /// Tells Kafka how far the database is, once a second at most; for lag and for noticing an older database.
    fn commit(&mut self) {
        if self.last_commit.elapsed() < COMMIT_INTERVAL {
            return;
        }
        self.last_commit = Instant::now();
        if self.parts.progress.moved() || self.behind {
            self.behind = self.commit_stored(CommitMode::Async);
        }
    }

    /// Commits stored positions; true when the database has still to take in what was handed on.
    fn commit_stored(&self, mode: CommitMode) -> bool {
        let Ok(stored) = self.stored() else {
            return true;
        };
        let mut list = TopicPartitionList::new();
        for place in &stored {
            if self
                .parts
                .progress
                .is_assigned(&place.topic, place.partition)
                && place.next_offset > 0
            {
                let offset = Offset::Offset(place.next_offset);
                list.add_partition_offset(&place.topic, place.partition, offset)
                    .unwrap_or_default();
            }
        }
        if list.count() > 0
            && let Err(error) = self.consumer.commit(&list, mode)
        {
            tracing::debug!(%error, "offsets could not be committed");
            return true;
        }
        !self.parts.progress.is_stored(&stored)
    }
}
