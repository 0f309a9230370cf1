//! The consumer: an assignment is positioned from the database, checked against the log, read, and handed to the writer.
//!
//! Offsets move only in the writer's transaction; what Kafka is told is for lag alone.

mod assignment;
mod progress;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::envelope::{Envelope, RawRecord};
use crate::store::{positions, recoveries};
use crate::writer::Record;
use assignment::Assigning;
pub use progress::{Checked, Progress};

/// How long a blocking question to the broker may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a consumer works with.
pub struct Consumer {
    /// Bootstrap servers.
    pub kafka: String,
    /// The group: the service's name, with the topic prefix of a test.
    pub group: String,
    /// Client id.
    pub client_id: String,
    /// The subjects' topic.
    pub topic: String,
    /// The registry's topic.
    pub registry_topic: String,
    /// Where positions are.
    pub pool: PgPool,
    /// Where records go.
    pub records: mpsc::Sender<Record>,
    /// How far it is.
    pub progress: Arc<Progress>,
    /// Told when an own event was unknown: everything is read to its end before anything is done.
    pub recover: Arc<Notify>,
}

impl Consumer {
    /// Reads until `stop`, on a thread of its own.
    ///
    /// # Errors
    /// When the client fails for good.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let stopped = Arc::new(AtomicBool::new(false));
        let recover = Arc::new(AtomicBool::new(false));
        let handle = Handle::current();
        let demanded = Arc::clone(&self.recover);
        let thread = {
            let (stopped, recover) = (Arc::clone(&stopped), Arc::clone(&recover));
            tokio::task::spawn_blocking(move || Reader::new(self, handle)?.read(&stopped, &recover))
        };
        tokio::pin!(thread);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                outcome = &mut thread => return outcome.context("the consumer's thread ended")?,
                () = demanded.notified() => recover.store(true, Ordering::Release),
            }
        }
        stopped.store(true, Ordering::Release);
        thread.await.context("the consumer's thread ended")?
    }
}

struct Reader {
    consumer: BaseConsumer<Assigning>,
    parts: Consumer,
    handle: Handle,
    last_commit: Instant,
    last_complaint: Option<Instant>,
    reconnecting: bool,
}

impl Reader {
    fn new(parts: Consumer, handle: Handle) -> anyhow::Result<Self> {
        let context = Assigning::new(&parts, handle.clone());
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
            .create_with_context(context)
            .context("the consumer could not be made")?;
        consumer
            .subscribe(&[&parts.topic, &parts.registry_topic])
            .context("the topics could not be subscribed")?;
        Ok(Self {
            consumer,
            parts,
            handle,
            last_commit: Instant::now(),
            last_complaint: None,
            reconnecting: false,
        })
    }

    fn read(mut self, stopped: &AtomicBool, recover: &AtomicBool) -> anyhow::Result<()> {
        while !stopped.load(Ordering::Acquire) {
            let raw = match self.consumer.poll(Duration::from_millis(100)) {
                None => None,
                Some(Ok(message)) => Some(RawRecord::from_message(&message)),
                Some(Err(error)) => {
                    self.complain(error)?;
                    None
                }
            };
            if let Some(raw) = raw {
                if self.reconnecting {
                    self.reconnecting = false;
                    self.check_all()?;
                    continue;
                }
                if !self.forward(raw, stopped)? {
                    return Ok(());
                }
            }
            if recover.swap(false, Ordering::AcqRel) {
                self.demand_all()?;
            }
            self.commit();
        }
        Ok(())
    }

    /// Hands a record on; false when nobody takes records any more.
    fn forward(&self, raw: RawRecord, stopped: &AtomicBool) -> anyhow::Result<bool> {
        let envelope = Envelope::read(&raw);
        let id = envelope.as_ref().ok().map(|envelope| envelope.id);
        match self
            .parts
            .progress
            .check(&raw.topic, raw.partition, raw.offset, id)
        {
            Checked::Known => return Ok(true),
            Checked::Cut => {
                self.read_from_the_beginning(&raw.topic, raw.partition)?;
                return Ok(true);
            }
            Checked::New { .. } => {}
        }
        let caught_up = self
            .parts
            .progress
            .is_past_start(&raw.topic, raw.partition, raw.offset);
        let registry = raw.topic == self.parts.registry_topic;
        let mut record = Record {
            raw,
            envelope,
            registry,
            caught_up,
            parked_id: None,
        };
        loop {
            match self.parts.records.try_send(record) {
                Ok(()) => return Ok(true),
                Err(mpsc::error::TrySendError::Closed(_)) => return Ok(false),
                Err(mpsc::error::TrySendError::Full(back)) => {
                    if stopped.load(Ordering::Acquire) {
                        return Ok(false);
                    }
                    record = back;
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }

    /// Transport errors pass; an offset out of range is a cut log; anything else is for good.
    fn complain(&mut self, error: KafkaError) -> anyhow::Result<()> {
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::OffsetOutOfRange | RDKafkaErrorCode::AutoOffsetReset) => {
                tracing::warn!(%error, "an offset is out of the log's range");
                self.check_all()
            }
            Some(
                RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::MessageTimedOut
                | RDKafkaErrorCode::RequestTimedOut
                | RDKafkaErrorCode::NetworkException
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::LeaderNotAvailable
                | RDKafkaErrorCode::NotLeaderForPartition
                | RDKafkaErrorCode::CoordinatorNotAvailable
                | RDKafkaErrorCode::NotCoordinator
                | RDKafkaErrorCode::CoordinatorLoadInProgress
                | RDKafkaErrorCode::PollExceeded
                | RDKafkaErrorCode::UnknownMemberId
                | RDKafkaErrorCode::RebalanceInProgress,
            ) => {
                self.reconnecting = true;
                if self
                    .last_complaint
                    .is_none_or(|last| last.elapsed() >= Duration::from_secs(1))
                {
                    tracing::warn!(%error, "the broker cannot be reached");
                    self.last_complaint = Some(Instant::now());
                }
                Ok(())
            }
            _ => Err(anyhow::Error::new(error).context("the consumer failed")),
        }
    }

    /// After a reconnect: the last record taken in is read again on every partition.
    fn check_all(&self) -> anyhow::Result<()> {
        let stored = self.stored()?;
        for place in stored {
            if !self
                .parts
                .progress
                .is_assigned(&place.topic, place.partition)
            {
                continue;
            }
            let (_, end) =
                self.consumer
                    .fetch_watermarks(&place.topic, place.partition, PATIENCE)?;
            if place.next_offset > end {
                self.read_from_the_beginning(&place.topic, place.partition)?;
                continue;
            }
            let from = self.parts.progress.expect(&place, end);
            self.consumer.seek(
                &place.topic,
                place.partition,
                Offset::Offset(from),
                PATIENCE,
            )?;
        }
        Ok(())
    }

    fn read_from_the_beginning(&self, topic: &str, partition: i32) -> anyhow::Result<()> {
        tracing::error!(
            alarm = "log_cut",
            messaging.destination.name = topic,
            messaging.destination.partition.id = partition,
            "the log was cut: the partition is read from its beginning"
        );
        self.handle.block_on(async {
            let mut connection = self.parts.pool.acquire().await?;
            positions::reset(&mut connection, topic, partition).await
        })?;
        let (_, end) = self.consumer.fetch_watermarks(topic, partition, PATIENCE)?;
        self.parts.progress.restart(topic, partition, end);
        self.consumer
            .seek(topic, partition, Offset::Beginning, PATIENCE)?;
        Ok(())
    }

    fn demand_all(&self) -> anyhow::Result<()> {
        for (topic, partition) in self.parts.progress.assigned() {
            let (_, end) = self
                .consumer
                .fetch_watermarks(&topic, partition, PATIENCE)?;
            self.handle.block_on(async {
                let mut connection = self.parts.pool.acquire().await?;
                recoveries::demand(&mut connection, &topic, partition, end).await
            })?;
        }
        Ok(())
    }

    fn stored(&self) -> anyhow::Result<Vec<positions::Stored>> {
        let stored = self.handle.block_on(async {
            let mut connection = self.parts.pool.acquire().await?;
            positions::all(&mut connection).await
        })?;
        Ok(stored)
    }

    /// Tells Kafka how far the database is, once a second at most; for lag and for noticing an older database.
    fn commit(&mut self) {
        if self.last_commit.elapsed() < Duration::from_secs(1) || !self.parts.progress.moved() {
            return;
        }
        self.last_commit = Instant::now();
        let Ok(stored) = self.stored() else { return };
        let mut list = TopicPartitionList::new();
        for place in stored {
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
            && let Err(error) = self.consumer.commit(&list, CommitMode::Async)
        {
            tracing::debug!(%error, "offsets could not be committed");
        }
    }
}
