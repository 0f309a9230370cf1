//! Pending steps: subjects whose step could not be asked when their event came are looked at again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::consumer::Progress;
use crate::store::{Pool, SILENCE, subjects, within};
use crate::work::Work;
use crate::writer::Writer;

const POLL: Duration = Duration::from_secs(1);
const SOON: Duration = Duration::from_millis(20);
const BATCH: i64 = 1000;

/// What the loop works with.
pub struct Pending<W: Work> {
    /// Where it looks.
    pub pool: Pool,
    /// Whom it wakes.
    pub writer: Writer<W>,
    /// How far the consumer is: nothing is asked before it has caught up.
    pub progress: Arc<Progress>,
    /// Told when a step is left to be asked.
    pub woken: Arc<Notify>,
}

impl<W: Work> Pending<W> {
    /// Asks pending steps until `stop`.
    ///
    /// # Errors
    /// None today; the task's shape asks for it.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut last = Vec::new();
        loop {
            let found = if self.progress.caught_up() {
                self.look().await
            } else {
                Vec::new()
            };
            // The same ones again are asked at leisure: their time has not come.
            let more = !found.is_empty() && found != last;
            last = found;
            let wait = if more { SOON } else { POLL };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
                () = self.woken.notified(), if last.is_empty() => {}
            }
        }
    }

    async fn look(&self) -> Vec<Uuid> {
        let subjects = async {
            let mut connection = self.pool.acquire().await?;
            subjects::with_steps(&mut connection, BATCH).await
        };
        match within(SILENCE, subjects).await {
            Ok(subjects) => {
                self.writer.wake(&subjects).await;
                subjects
            }
            Err(error) => {
                tracing::warn!(%error, "pending steps could not be read");
                Vec::new()
            }
        }
    }
}
