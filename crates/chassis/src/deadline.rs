//! The deadline loop: reads due rows without locks and only wakes their subjects through the writer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock;
use crate::leadership::{Leader, Office};
use crate::probe::{Phase, Readiness};
use crate::store::{SILENCE, deadlines, within};
use crate::work::Work;
use crate::writer::Writer;

const POLL: Duration = Duration::from_millis(250);
const BATCH: i64 = 2000;

/// What the loop works with.
pub struct Deadlines<W: Work> {
    /// Its own connection.
    pub connection: PgConnectOptions,
    /// Whom it wakes.
    pub writer: Writer<W>,
    /// Time is stepped.
    pub stepped: bool,
    /// Told when a clock was set.
    pub woken: Arc<Notify>,
    /// Nothing is woken before the service has caught up.
    pub readiness: Readiness,
}

impl<W: Work> Deadlines<W> {
    /// Wakes what is due until `stop`; errors of the store are waited out.
    ///
    /// # Errors
    /// None today; the task's shape asks for it.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                Err(error) = self.lead() => {
                    tracing::warn!(%error, "the deadline loop lost its connection");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn lead(&self) -> sqlx::Result<Infallible> {
        let mut phase = self.readiness.subscribe();
        // The sender lives in `self`, so this ends only when the phase is there.
        let _ended = phase
            .wait_for(|phase| *phase == Phase::Ready)
            .await
            .map(drop);
        let mut leader = Leader::take(&self.connection, Office::Deadlines).await?;
        loop {
            let due = within(SILENCE, self.due(&mut leader)).await?;
            if due.is_empty() {
                // Woken or not, it looks.
                let _woken = tokio::time::timeout(POLL, self.woken.notified()).await;
                continue;
            }
            fail_point!(DEADLINES_READ);
            self.writer.wake(&due).await;
            fail_point!(DEADLINES_WOKEN);
            let now = clock::wall();
            let late = deadlines::back_off(&mut leader.connection, &due, now, self.stepped);
            let late = within(SILENCE, late).await?;
            for subject in late {
                tracing::error!(alarm = "deadline_survived", case.id = %subject, "a deadline is due still after its subject was woken");
            }
        }
    }

    async fn due(&self, leader: &mut Leader) -> sqlx::Result<Vec<Uuid>> {
        let now = clock::wall();
        if self.stepped {
            deadlines::due_by_clocks(&mut leader.connection, now, BATCH).await
        } else {
            deadlines::due_by(&mut leader.connection, now, BATCH).await
        }
    }
}
