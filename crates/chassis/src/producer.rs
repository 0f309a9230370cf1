//! The producer: an idempotent one, polled by a thread that sleeps while nothing is in flight.
//!
//! The client library's own polling thread turns in a circle for the last millisecond of every tenth of a second,
//! which costs an idle service a hundredth of a core.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};
use tokio::sync::oneshot;

use crate::consumer::LOST;
use crate::envelope::Envelope;

/// How often the client is polled; deliveries are told at once.
const POLL: Duration = Duration::from_secs(1);

/// Where a record was put: partition and offset.
pub type Delivered = Result<(i32, i64), KafkaError>;

/// Settings of a producer that waits out a broker's absence.
pub fn settings(kafka: &str, client_id: &str) -> ClientConfig {
    let mut settings = ClientConfig::new();
    settings
        .set("bootstrap.servers", kafka)
        .set("client.id", client_id)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        // a round's events of one partition go out as one request
        .set("linger.ms", "1")
        .set("socket.nagle.disable", "true")
        // A line that falls silent without a word is given up after this.
        .set("socket.timeout.ms", "10000")
        .set("delivery.timeout.ms", "120000")
        .set("reconnect.backoff.max.ms", "500")
        .set("message.max.bytes", "4000000");
    settings
}

/// Publishes events.
pub struct Producer {
    settings: ClientConfig,
    current: Mutex<Polled>,
}

/// A client and the thread that polls it until this value is dropped; what is in flight then is in the outbox still.
struct Polled {
    client: Arc<BaseProducer<Telling>>,
    stopped: Arc<AtomicBool>,
}

/// Tells whoever sent a record what became of it.
#[derive(Default)]
struct Telling {
    /// A record was not delivered in time.
    late: AtomicBool,
}

impl ClientContext for Telling {}

impl ProducerContext for Telling {
    type DeliveryOpaque = Box<oneshot::Sender<Delivered>>;

    fn delivery(&self, result: &DeliveryResult<'_>, told: Self::DeliveryOpaque) {
        let outcome = match result {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => {
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageTimedOut) {
                    self.late.store(true, Ordering::Release);
                }
                Err(error.clone())
            }
        };
        // Whoever stopped waiting reads the outbox again.
        drop(told.send(outcome));
    }
}

impl Producer {
    /// Makes a producer and its thread.
    ///
    /// # Errors
    /// When the client or the thread cannot be made.
    pub fn new(kafka: &str, client_id: &str) -> anyhow::Result<Self> {
        let mut settings = settings(kafka, client_id);
        // `mend` makes it anew then: what was not delivered is in the outbox still
        settings.set("delivery.timeout.ms", LOST.as_millis().to_string());
        Ok(Self {
            current: Mutex::new(Polled::new(&settings)?),
            settings,
        })
    }

    /// Hands an event over; what is handed over first is on its partition first. The answer comes when the broker has it.
    ///
    /// # Errors
    /// When the client does not take it, because its queue is full or the event is too large.
    pub fn send(
        &self,
        topic: &str,
        envelope: &Envelope,
    ) -> Result<oneshot::Receiver<Delivered>, KafkaError> {
        let (told, delivered) = oneshot::channel();
        let key = envelope.key();
        let record = BaseRecord::with_opaque_to(topic, Box::new(told))
            .key(&key)
            .payload(envelope.value.as_ref())
            .headers(envelope.headers());
        match self.current().client.send(record) {
            Ok(()) => Ok(delivered),
            Err((error, _)) => Err(error),
        }
    }

    /// Makes a new client in place of one that has given up for good; call it between rounds. A client does so when the
    /// broker came back with less than it had: it can no longer tell what was written once. It may also do so without a word,
    /// when its broker was given up for a moment (as the consumer's, `consumer::standing`): then it does not deliver in time.
    ///
    /// # Errors
    /// When the client or the thread cannot be made.
    pub fn mend(&self) -> anyhow::Result<()> {
        let mut current = self.current();
        if let Some((error, _)) = current.client.client().fatal_error() {
            tracing::warn!(?error, "the producer gave up and is made anew");
        } else if current.client.context().late.load(Ordering::Acquire) {
            tracing::warn!("the producer did not deliver in time and is made anew");
        } else {
            return Ok(());
        }
        *current = Polled::new(&self.settings)?;
        Ok(())
    }

    fn current(&self) -> MutexGuard<'_, Polled> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Polled {
    fn new(settings: &ClientConfig) -> anyhow::Result<Self> {
        let polled = Self {
            client: Arc::new(settings.create_with_context(Telling::default())?),
            stopped: Arc::default(),
        };
        let (client, stopped) = (Arc::clone(&polled.client), Arc::clone(&polled.stopped));
        std::thread::Builder::new()
            .name("producer".into())
            .spawn(move || poll(&client, &stopped))?;
        Ok(polled)
    }
}

impl Drop for Polled {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
    }
}

fn poll(client: &BaseProducer<Telling>, stopped: &AtomicBool) {
    while !stopped.load(Ordering::Acquire) {
        client.poll(POLL);
    }
}
