//! How soon latencies are back at their base after a spike.

use std::time::Duration;

use crate::open_loop::{Sample, within};

/// Latencies are looked at in windows of this length.
const WINDOW: Duration = Duration::from_secs(1);
/// So many good windows in a row make a recovery.
const GOOD_WINDOWS: usize = 3;

/// The 95th percentile that counts as back at this base: half as much again, and no less than 10 ms more, since a base
/// of a few milliseconds is noise.
pub(crate) fn bound_ms(base_p95_ms: f64) -> f64 {
    (base_p95_ms * 1.5).max(base_p95_ms + 10.0)
}

/// Seconds from `from` until the first of three windows in a row whose 95th percentile is at most `bound_ms` and in
/// which nothing failed; none if there is no such window before `until`.
pub(crate) fn recovery_s(
    samples: &[Sample],
    from: Duration,
    until: Duration,
    bound_ms: f64,
) -> Option<f64> {
    let mut good = 0;
    let mut begin = from;
    while begin + WINDOW <= until {
        let (latencies, errors) = within(samples, begin, begin + WINDOW);
        let fits = errors == 0 && latencies.len() > 0 && latencies.quantile_ms(0.95) <= bound_ms;
        good = if fits { good + 1 } else { 0 };
        begin += WINDOW;
        if good == GOOD_WINDOWS {
            let first = begin - WINDOW * u32::try_from(GOOD_WINDOWS).expect("a small number");
            return Some((first - from).as_secs_f64());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten acts a second from second 10 on, with these latencies a second; 0: all fail.
    fn samples(latencies_ms: &[u64]) -> Vec<Sample> {
        let second = |(place, ms): (usize, &u64)| {
            let begin = Duration::from_secs(10 + place as u64);
            let latency = (*ms > 0).then_some(Duration::from_millis(*ms));
            (0..10).map(move |act| Sample {
                at: begin + Duration::from_millis(100 * act),
                latency,
            })
        };
        latencies_ms.iter().enumerate().flat_map(second).collect()
    }

    #[test]
    fn recovery_begins_with_the_first_of_three_good_seconds() {
        for (latencies, recovered) in [
            (&[5, 5, 5, 5][..], Some(0.0)),
            (&[90, 40, 5, 5, 5], Some(2.0)),
            (&[90, 5, 5, 40, 5, 5, 5], Some(4.0)),
            (&[90, 5, 0, 5, 5, 5], Some(3.0)),
            (&[90, 5, 5], None),
            (&[90, 90, 90, 90], None),
            (&[], None),
        ] {
            let until = Duration::from_secs(10 + latencies.len() as u64);
            let found = recovery_s(
                &samples(latencies),
                Duration::from_secs(10),
                until,
                bound_ms(5.0),
            );
            assert_eq!(found, recovered, "{latencies:?}");
        }
    }

    #[test]
    fn small_base_gets_ten_milliseconds_and_a_large_one_half() {
        assert_eq!((bound_ms(4.0), bound_ms(100.0)), (14.0, 150.0));
    }
}
