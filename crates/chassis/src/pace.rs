//! The pace of relay and consumer: the more came at once, the longer the next is gathered.
//!
//! A round costs the same for one as for many (a transaction, requests to the broker), and every partition is a request
//! of its own. At rest nothing waits; under load a few milliseconds more make rounds rare.

use std::time::Duration;

/// No pace is longer than so many times the setting.
const MOST: u32 = 8;

/// How long from one round to the next, when `size` came in it: one setting more for each `step`.
pub(crate) fn after(setting: Duration, size: usize, step: usize) -> Duration {
    let times = u32::try_from(size / step).unwrap_or(MOST).saturating_add(1);
    setting * times.min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_grows_with_what_came_up_to_a_bound() {
        let rows = [
            (0, 5),
            (15, 5),
            (16, 10),
            (33, 15),
            (111, 35),
            (112, 40),
            (100_000, 40),
        ];
        for (size, wanted_ms) in rows {
            let pace = after(Duration::from_millis(5), size, 16);
            assert_eq!(pace, Duration::from_millis(wanted_ms), "{size}");
        }
    }
}
