//! What the writer took from its queues for one batch.

use super::{Queued, Record, Wake};
use crate::work::Work;

/// Calls, records and wakes that share a batch.
pub(super) struct Taken<W: Work> {
    pub(super) calls: Vec<Queued<W>>,
    pub(super) records: Vec<Record>,
    pub(super) wakes: Vec<Wake>,
    /// The store did not take its only record.
    pub(super) spoilt: bool,
}

impl<W: Work> Taken<W> {
    pub(super) const fn nothing() -> Self {
        Self {
            calls: Vec::new(),
            records: Vec::new(),
            wakes: Vec::new(),
            spoilt: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.records.is_empty() && self.wakes.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len() + self.records.len() + self.wakes.len()
    }

    /// Its parts one by one: records first, since calls may build on them.
    pub(super) fn singly(self) -> Vec<Self> {
        let records = self.records.into_iter().map(|record| Self {
            records: vec![record],
            ..Self::nothing()
        });
        let calls = self.calls.into_iter().map(|call| Self {
            calls: vec![call],
            ..Self::nothing()
        });
        let wakes = self.wakes.into_iter().map(|wake| Self {
            wakes: vec![wake],
            ..Self::nothing()
        });
        records.chain(calls).chain(wakes).collect()
    }
}
