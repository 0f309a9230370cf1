//! What the operations service knows of the replica it runs in.

use std::sync::Arc;

use tokio::sync::Notify;
use tonic::Status;

use super::wire::unavailable;
use crate::config::{ClockMode, Mode};
use crate::consumer::Progress;
use crate::engine::Topics;
use crate::pb;
use crate::probe::Readiness;
use crate::relay::Published;
use crate::store::{Pool, Reading, positions};
use crate::work::Work;
use crate::writer::Writer;

/// What the operations service knows of its replica.
pub(super) struct Replica<W: Work> {
    pub(super) source: &'static str,
    pub(super) replica: String,
    pub(super) mode: Mode,
    pub(super) clock: ClockMode,
    pub(super) topics: Topics,
    pub(super) writer: Writer<W>,
    pub(super) pool: Pool,
    pub(super) progress: Arc<Progress>,
    pub(super) published: Arc<Published>,
    pub(super) readiness: Readiness,
    pub(super) relay: Arc<Notify>,
    pub(super) due: Arc<Notify>,
    pub(super) work: Arc<W>,
    pub(super) request_retention_days: u32,
}

impl<W: Work> Replica<W> {
    pub(super) async fn connection(&self) -> Result<Reading, Status> {
        self.pool.acquire().await.map_err(unavailable)
    }

    pub(super) fn stepped(&self) -> bool {
        self.clock == ClockMode::Stepped
    }

    /// Stored positions, each with the end this replica knows of.
    pub(super) async fn positions(&self) -> Result<Vec<pb::PartitionPosition>, Status> {
        let mut connection = self.connection().await?;
        let stored = positions::all(&mut connection).await.map_err(unavailable)?;
        Ok(stored
            .into_iter()
            .map(|place| {
                let known = self
                    .progress
                    .end(&place.topic, place.partition)
                    .max(self.published.end(&place.topic, place.partition));
                let end_offset = known.max(place.next_offset);
                pb::PartitionPosition {
                    topic: place.topic,
                    partition: place.partition,
                    next_offset: place.next_offset,
                    end_offset,
                }
            })
            .collect())
    }
}
