//! The consumer's thread: polls, checks each record against its partition, hands it on, and tells Kafka how far it is.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::{Offset, TopicPartitionList};
use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::assignment::Assigning;
use super::{AGAIN, Checked, Consumer, PATIENCE, Signals};
use crate::envelope::{Envelope, RawRecord};
use crate::store::{positions, recoveries};
use crate::writer::Record;

const COMMIT_INTERVAL: Duration = Duration::from_secs(1);

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
        let context = Assigning::new(&parts, handle.clone(), Arc::clone(&signals));
        let consumer: BaseConsumer<Assigning> = ClientConfig::new()
            .set("bootstrap.servers", &parts.kafka)
            .set("group.id", &parts.group)
            .set("client.id", &parts.client_id)
            .set("partition.assignment.strategy", "range")
            .set("session.timeout.ms", "6000")
            .set("heartbeat.interval.ms", "500")
            .set("max.poll.interval.ms", "300000")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("fetch.wait.max.ms", "100")
            .set("queued.max.messages.kbytes", "16384")
            .set("fetch.message.max.bytes", "1048576")
            .set("reconnect.backoff.max.ms", "500")
            .set("statistics.interval.ms", "5000")
            .create_with_context(context)
            .context("the consumer could not be made")?;
        consumer
            .subscribe(&[&parts.topic, &parts.registry_topic])
            .context("the topics could not be subscribed")?;
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
        while !self.signals.stopped() {
            let raw = match self.consumer.poll(Duration::from_millis(100)) {
                None => None,
                Some(Ok(message)) => Some(RawRecord::from_message(&message)),
                Some(Err(error)) => {
                    self.complain(error)?;
                    None
                }
            };
            match raw {
                // What came is read again from the stored position.
                Some(_) if self.check != Check::No => self.check_all(),
                None if self.check == Check::Now => self.check_all(),
                None => {}
                Some(raw) => {
                    let taken = self.forward(raw);
                    if !taken {
                        return Ok(());
                    }
                }
            }
            if self.signals.recover.swap(false, Ordering::AcqRel)
                && let Err(error) = self.demand_all()
            {
                tracing::warn!(error = format!("{error:#}"), "recovery waits");
                self.signals.recover.store(true, Ordering::Release);
                std::thread::sleep(AGAIN);
            }
            self.commit();
        }
        self.commit_stored(CommitMode::Sync);
        Ok(())
    }

    /// Hands a record on; false when nobody takes records any more.
    fn forward(&mut self, raw: RawRecord) -> bool {
        let envelope = Envelope::read(&raw);
        let id = envelope.as_ref().ok().map(|envelope| envelope.id);
        let progress = &self.parts.progress;
        match progress.check(&raw.topic, raw.partition, raw.offset, id) {
            Checked::Known => return true,
            Checked::Cut => {
                self.read_from_the_beginning(&raw.topic, raw.partition);
                return true;
            }
            Checked::New => {}
        }
        let mut record = Record {
            caught_up: progress.is_past_start(&raw.topic, raw.partition, raw.offset),
            registry: raw.topic == self.parts.registry_topic,
            raw,
            envelope,
            parked_id: None,
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
        Ok(())
    }

    fn stored(&self) -> sqlx::Result<Vec<positions::Stored>> {
        self.block_on(async |pool| positions::all(&mut *pool.acquire().await?).await)
    }

    fn block_on<T>(&self, query: impl AsyncFnOnce(&PgPool) -> sqlx::Result<T>) -> sqlx::Result<T> {
        self.handle.block_on(query(&self.parts.pool))
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
