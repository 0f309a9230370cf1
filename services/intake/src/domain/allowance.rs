//! How often one caller may look at progress codes: a token bucket each, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Callers remembered at once; those with a full bucket are forgotten first.
const MOST_CALLERS: usize = 10_000;
/// Shares one bucket among callers beyond that number.
const EVERYBODY_ELSE: &str = "";

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// The buckets of all callers.
pub(crate) struct Allowances {
    burst: f64,
    per_second: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Allowances {
    /// `burst` looks at once, `per_minute` in the long run.
    pub(crate) fn new(burst: u32, per_minute: u32) -> Self {
        Self {
            burst: f64::from(burst),
            per_second: f64::from(per_minute) / 60.0,
            buckets: Mutex::default(),
        }
    }

    /// Takes one look from the caller's bucket.
    ///
    /// # Errors
    /// How long until there is one again.
    pub(crate) fn take(&self, caller: &str, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_CALLERS && !buckets.contains_key(caller) {
            buckets.retain(|_, bucket| self.refilled(*bucket, now) < self.burst);
        }
        let known = buckets.len() < MOST_CALLERS || buckets.contains_key(caller);
        let key = if known { caller } else { EVERYBODY_ELSE };
        let held = buckets
            .get(key)
            .map_or(self.burst, |bucket| self.refilled(*bucket, now));
        let (tokens, taken) = if held >= 1.0 {
            (held - 1.0, Ok(()))
        } else {
            (
                held,
                Err(Duration::from_secs_f64((1.0 - held) / self.per_second)),
            )
        };
        buckets.insert(key.to_owned(), Bucket { tokens, at: now });
        taken
    }

    fn refilled(&self, bucket: Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + passed * self.per_second).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_refills_and_is_one_callers_own() {
        let allowances = Allowances::new(2, 60);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for (caller, seconds, expected) in [
            ("a", 0, Ok(())),
            ("a", 0, Ok(())),
            ("a", 0, Err(Duration::from_secs(1))),
            ("b", 0, Ok(())),
            ("a", 1, Ok(())),
            ("a", 1, Err(Duration::from_secs(1))),
            ("a", 100, Ok(())),
            ("a", 100, Ok(())),
            ("a", 100, Err(Duration::from_secs(1))),
        ] {
            assert_eq!(
                allowances.take(caller, at(seconds)),
                expected,
                "{caller} at {seconds} s"
            );
        }
    }

    #[test]
    fn callers_without_number_do_not_fill_the_memory() {
        let allowances = Allowances::new(1, 60);
        let now = Instant::now();
        let took = (0..MOST_CALLERS + 50)
            .filter(|caller| allowances.take(&caller.to_string(), now).is_ok())
            .count();
        assert_eq!(
            took,
            MOST_CALLERS + 1,
            "those beyond the number share one bucket"
        );
        assert!(allowances.buckets.lock().unwrap().len() <= MOST_CALLERS + 1);
        let later = now + Duration::from_secs(2);
        assert_eq!(allowances.take("late", later), Ok(()));
        assert_eq!(
            allowances.buckets.lock().unwrap().len(),
            1,
            "full buckets are forgotten"
        );
    }
}
