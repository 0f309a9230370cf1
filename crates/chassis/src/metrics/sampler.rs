//! Looks into the database now and then for what metrics show of it: two short reads, however many ask for metrics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::consumer::Progress;
use crate::store::samples::{self, Left};
use crate::store::{Pool, positions};

/// The database as it was a moment ago.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// What is left to do.
    pub(crate) left: Left,
    /// Topic, partition and how many of its records were not taken in, for what this replica reads.
    pub(crate) lag: Vec<(String, i32, i64)>,
}

/// The last sample; none while the database does not answer.
#[derive(Debug, Default)]
pub(crate) struct Samples(Mutex<Option<Sample>>);

impl Samples {
    /// The last sample.
    pub(crate) fn last(&self) -> MutexGuard<'_, Option<Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the sampler works with.
pub(crate) struct Sampler {
    /// Where it looks.
    pub(crate) pool: Pool,
    /// Time is stepped.
    pub(crate) stepped: bool,
    /// Time between two looks.
    pub(crate) interval: Duration,
    /// How far the consumer is.
    pub(crate) progress: Arc<Progress>,
    /// Where samples go.
    pub(crate) samples: Arc<Samples>,
}

impl Sampler {
    /// Looks until `stop`.
    ///
    /// # Errors
    /// None today; the task's shape asks for it.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        loop {
            let looked = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                looked = tokio::time::timeout(self.interval, self.look()) => looked,
            };
            let sample = match looked {
                Ok(Ok(sample)) => Some(sample),
                // Whoever needs the database says so in the log; here its silence is the message.
                Ok(Err(_)) | Err(_) => None,
            };
            *self.samples.last() = sample;
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(self.interval) => {}
            }
        }
    }

    async fn look(&self) -> sqlx::Result<Sample> {
        let mut connection = self.pool.acquire().await?;
        let stored = positions::all(&mut connection).await?;
        let lag = self.progress.lag(&stored);
        let left = samples::left(&mut connection, self.stepped).await?;
        Ok(Sample { left, lag })
    }
}
