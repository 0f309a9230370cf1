//! The consumer: an assignment is positioned from the database, checked against the log, read, and handed to the writer.
//!
//! Offsets move only in the writer's transaction; what Kafka is told is for lag alone.

mod assignment;
mod client;
mod progress;
mod reader;
mod standing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::pace::LastBatch;
use crate::relay::Published;
use crate::store::Pool;
use crate::writer::Record;
pub use progress::{Checked, Progress};
use reader::Reader;
pub(crate) use standing::LOST;

/// How long a blocking question to the broker may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before a question that was not answered is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// What a consumer works with.
pub struct Consumer {
    /// Bootstrap servers.
    pub kafka: String,
    /// The group: the service's name, with the topic prefix of a test.
    pub group: String,
    /// Client id.
    pub client_id: String,
    /// Milliseconds without a heartbeat until its partitions go to another member.
    pub session_timeout_ms: u64,
    /// The subjects' topic.
    pub topic: String,
    /// The registry's topic.
    pub registry_topic: String,
    /// Where positions are.
    pub pool: Pool,
    /// Where records go.
    pub records: mpsc::Sender<Record>,
    /// How far it is.
    pub progress: Arc<Progress>,
    /// How far this replica published; a cut log takes that back.
    pub published: Arc<Published>,
    /// Milliseconds between two polls while many records come at once.
    pub pace_ms: u64,
    /// Records from which on many come at once.
    pub large_batch: usize,
    /// How long the writer takes for them.
    pub last_batch: Arc<LastBatch>,
    /// Told when an own event was unknown: everything is read to its end before anything is done.
    pub recover: Arc<Notify>,
}

/// What the thread is asked from outside.
#[derive(Debug, Default)]
struct Signals {
    stop: AtomicBool,
    recover: AtomicBool,
}

impl Signals {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

/// Stops the thread, however the task ends.
struct StopsOnDrop(Arc<Signals>);

impl Drop for StopsOnDrop {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Release);
    }
}

impl Consumer {
    /// Reads until `stop`, on a thread of its own.
    ///
    /// # Errors
    /// When the client fails for good.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let signals = Arc::new(Signals::default());
        let handle = Handle::current();
        let demanded = Arc::clone(&self.recover);
        let stops = StopsOnDrop(Arc::clone(&signals));
        let thread = {
            let signals = Arc::clone(&signals);
            tokio::task::spawn_blocking(move || Reader::new(self, handle, signals)?.read())
        };
        tokio::pin!(thread);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                outcome = &mut thread => return outcome.context("the consumer's thread ended")?,
                () = demanded.notified() => signals.recover.store(true, Ordering::Release),
            }
        }
        drop(stops);
        thread.await.context("the consumer's thread ended")?
    }
}
