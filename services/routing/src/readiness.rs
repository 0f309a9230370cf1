//! Whether this replica has been ready once: before that its database may be older than what the service said, and acts
//! outside the writer must wait as commands do.

use std::sync::atomic::{AtomicBool, Ordering};

use chassis::probe::{Phase, Readiness};

/// Remembers that the replica was ready.
#[derive(Debug)]
pub(crate) struct OnceReady {
    readiness: Readiness,
    reached: AtomicBool,
}

impl OnceReady {
    pub(crate) const fn new(readiness: Readiness) -> Self {
        Self {
            readiness,
            reached: AtomicBool::new(false),
        }
    }

    /// Whether the replica is or was ready.
    pub(crate) fn reached(&self) -> bool {
        let ready = self.readiness.phase() == Phase::Ready;
        self.reached.fetch_or(ready, Ordering::AcqRel) || ready
    }
}
