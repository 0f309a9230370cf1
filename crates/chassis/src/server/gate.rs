//! Counts the calls in flight: refuses what is too many, and knows when the last one is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::status;

const BUSY_RETRY: Duration = Duration::from_millis(100);
const STOPPING_RETRY: Duration = Duration::from_secs(1);
// Calls that are cut only have to write their answer.
const CUT_PATIENCE: Duration = Duration::from_secs(1);

/// The places calls take; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    all: u32,
    closed: CancellationToken,
    cut: CancellationToken,
}

/// A call's place, given back when dropped.
pub(super) type Place = OwnedSemaphorePermit;

impl Gate {
    /// A gate for `all` calls at once.
    pub(super) fn new(all: u32) -> Self {
        Self {
            places: Arc::new(Semaphore::new(all as usize)),
            all,
            closed: CancellationToken::new(),
            cut: CancellationToken::new(),
        }
    }

    /// A place for one call.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED while all places are taken, UNAVAILABLE once the gate is closed.
    pub(super) fn enter(&self) -> Result<Place, Status> {
        if self.closed.is_cancelled() {
            return Err(stopping());
        }
        let place = self.places.clone().try_acquire_owned();
        place.map_err(|_| status::overloaded("too many calls at once", BUSY_RETRY))
    }

    /// Ends when calls in flight must be given up; the answer to give.
    pub(super) async fn cut(&self) -> Status {
        self.cut.cancelled().await;
        stopping()
    }

    /// Closes the gate and waits for the calls in flight; those still there after `limit` are cut.
    pub(super) async fn drain(&self, limit: Duration) {
        self.closed.cancel();
        if tokio::time::timeout(limit, self.empty()).await.is_err() {
            let left = self.all as usize - self.places.available_permits();
            tracing::warn!(
                calls = left,
                "calls did not finish in time, answering them UNAVAILABLE"
            );
            self.cut.cancel();
            let _ = tokio::time::timeout(CUT_PATIENCE, self.empty()).await;
        }
    }

    async fn empty(&self) {
        // All places at once: the semaphore is fair, so nobody slips in behind.
        let all = self.places.acquire_many(self.all).await;
        drop(all.expect("the semaphore is never closed"));
    }
}

fn stopping() -> Status {
    status::unavailable("this replica is stopping", STOPPING_RETRY)
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_full_gate_refuses_and_a_place_given_back_is_taken_again() {
        let gate = Gate::new(1);
        let place = gate.enter().unwrap();
        let refused = gate.enter().unwrap_err();
        assert_eq!(
            (refused.code(), status::retry_after(&refused)),
            (Code::ResourceExhausted, Some(BUSY_RETRY))
        );
        drop(place);
        drop(gate.enter().unwrap());
    }

    #[tokio::test]
    async fn the_drain_waits_for_the_last_call() {
        let gate = Gate::new(8);
        let place = gate.enter().unwrap();
        let draining = tokio::spawn({
            let gate = gate.clone();
            async move { gate.drain(Duration::from_secs(600)).await }
        });
        let closed = tokio::time::timeout(Duration::from_secs(20), gate.closed.cancelled());
        closed.await.expect("the gate closes at once");
        assert_eq!(gate.enter().unwrap_err().code(), Code::Unavailable);
        assert!(!draining.is_finished());
        drop(place);
        draining.await.unwrap();
        assert!(!gate.cut.is_cancelled());
    }

    #[tokio::test]
    async fn a_call_that_stays_too_long_is_cut() {
        let gate = Gate::new(8);
        let place = gate.enter().unwrap();
        let staying = tokio::spawn({
            let gate = gate.clone();
            async move {
                let status = gate.cut().await;
                drop(place);
                status
            }
        });
        gate.drain(Duration::from_millis(20)).await;
        assert_eq!(staying.await.unwrap().code(), Code::Unavailable);
    }
}
