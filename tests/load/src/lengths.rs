//! How long each phase is, and how much it is given.

use std::time::Duration;

/// Durations and sizes of the phases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lengths {
    /// Before anything is measured: long enough that the broker's hot code is compiled.
    pub(crate) warm_up: Duration,
    /// One number of callers that file.
    pub(crate) file: Duration,
    /// Each part of the floor.
    pub(crate) floor: Duration,
    /// One number of callers that live through cases.
    pub(crate) lifecycle: Duration,
    /// The steady schedule.
    pub(crate) visible: Duration,
    /// One of the eight steps.
    pub(crate) spike_step: Duration,
    /// Histories each service takes in.
    pub(crate) drain_cases: usize,
    /// Clocks that end together.
    pub(crate) deadline_cases: usize,
}

impl Lengths {
    /// For a run of about two minutes, or for figures to be kept.
    pub(crate) fn new(quick: bool) -> Self {
        let seconds = |short, long| Duration::from_secs(if quick { short } else { long });
        let cases = |few, many| if quick { few } else { many };
        Self {
            warm_up: seconds(6, 16),
            file: seconds(4, 10),
            floor: seconds(3, 8),
            lifecycle: seconds(5, 12),
            visible: seconds(6, 20),
            spike_step: seconds(4, 15),
            drain_cases: cases(25_000, 100_000),
            deadline_cases: cases(10_000, 100_000),
        }
    }
}
