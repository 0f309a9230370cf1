//! The pace of writer, relay and consumer: the more came at once, and the longer it took, the longer the next is gathered.
//!
//! A round costs the same for one as for many (a transaction, requests to the broker), and every partition is a request
//! of its own. At rest nothing waits; under load a few milliseconds more make rounds rare. Where processors are short a
//! round takes long, most of it waiting for them: rounds that come as often as before are then what they are short of.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// No pace is longer, but for a setting that is.
const LONGEST: Duration = Duration::from_millis(40);

/// Items of a round from which on what it took counts.
const MANY: usize = 12;

/// A round of many takes this part of the time at most: one in so many.
const SHARE: u32 = 3;

/// How long from one round to the next, when `size` came in it and it took `took`: one setting more for each `step`.
/// A setting of nothing is no pace at all.
pub(crate) fn after(setting: Duration, size: usize, step: usize, took: Duration) -> Duration {
    if setting.is_zero() {
        return setting;
    }
    let times = u32::try_from(size / step).map_or(u32::MAX, |steps| steps.saturating_add(1));
    let shared = if size < MANY {
        Duration::ZERO
    } else {
        took * SHARE
    };
    setting
        .saturating_mul(times)
        .max(shared)
        .min(LONGEST.max(setting))
}

/// How long the writer's last batch with records took. The consumer follows it: what it hands on earlier only waits.
#[derive(Debug, Default)]
pub struct LastBatch(AtomicU64);

impl LastBatch {
    pub(crate) fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0.store(micros, Ordering::Relaxed);
    }

    pub(crate) fn took(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_grows_with_what_came_and_with_what_many_took_up_to_a_bound() {
        let rows = [
            (0, 1, 5),
            (15, 1, 5),
            (16, 1, 10),
            (33, 1, 15),
            (111, 1, 35),
            (112, 1, 40),
            (100_000, 1, 40),
            // few: what they took does not count
            (11, 30, 5),
            (12, 6, 18),
            // whichever is longer
            (33, 4, 15),
            (33, 6, 18),
            (12, 1_000, 40),
        ];
        for (size, took_ms, wanted_ms) in rows {
            let took = Duration::from_millis(took_ms);
            let pace = after(Duration::from_millis(5), size, 16, took);
            assert_eq!(pace, Duration::from_millis(wanted_ms), "{size}, {took_ms}");
        }
        let long = Duration::from_secs(1);
        assert_eq!(after(Duration::ZERO, 1_000, 1, long), Duration::ZERO);
        assert_eq!(after(long, 9, 1, Duration::ZERO), long);
    }
}
