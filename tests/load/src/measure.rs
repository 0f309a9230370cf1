//! Closed-loop measurement: so many callers, each starting its next act when the last one is answered.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::join_all;
use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest latency that is told apart, in microseconds: two minutes.
const LONGEST_US: u64 = 120_000_000;

/// Latencies of many acts, to three digits.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

/// What one phase showed; latencies in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Measured {
    pub(crate) per_s: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) done: u64,
    pub(crate) errors: u64,
}

impl Latencies {
    pub(crate) fn new() -> Self {
        Self(Histogram::new_with_max(LONGEST_US, 3).expect("the bounds are sound"))
    }

    /// Counts an act; what took longer than two minutes counts as two minutes.
    pub(crate) fn record(&mut self, latency: Duration) {
        self.0
            .saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// Takes in the acts of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.0
            .add(&other.0)
            .expect("all histograms have the same bounds");
    }

    /// How many acts.
    pub(crate) fn len(&self) -> u64 {
        self.0.len()
    }

    /// A quantile in milliseconds; 0 without acts.
    pub(crate) fn quantile_ms(&self, quantile: f64) -> f64 {
        self.0.value_at_quantile(quantile) as f64 / 1000.0
    }

    /// The figures of acts that were done in so many seconds.
    pub(crate) fn measured(&self, elapsed_s: f64, errors: u64) -> Measured {
        Measured {
            per_s: self.len() as f64 / elapsed_s,
            p50_ms: self.quantile_ms(0.5),
            p95_ms: self.quantile_ms(0.95),
            p99_ms: self.quantile_ms(0.99),
            done: self.len(),
            errors,
        }
    }
}

/// Runs `act(caller, turn)` in a closed loop.
pub(crate) async fn closed_loop<F, A>(callers: usize, phase: Duration, act: F) -> Result<Measured>
where
    F: Fn(usize, u64) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<()>> + Send,
{
    let started = Instant::now();
    let until = started + phase;
    let tasks = (0..callers).map(|caller| {
        let act = act.clone();
        tokio::spawn(async move {
            let mut latencies = Latencies::new();
            let mut errors = 0;
            let mut turn = 0;
            while Instant::now() < until {
                let begun = Instant::now();
                match act(caller, turn).await {
                    Ok(()) => latencies.record(begun.elapsed()),
                    Err(error) => {
                        if errors == 0 {
                            eprintln!("caller {caller}: {error:#}");
                        }
                        errors += 1;
                    }
                }
                turn += 1;
            }
            (latencies, errors)
        })
    });
    let mut all = Latencies::new();
    let mut errors = 0;
    for outcome in join_all(tasks).await {
        let (latencies, failed) = outcome?;
        all.merge(&latencies);
        errors += failed;
    }
    Ok(all.measured(started.elapsed().as_secs_f64(), errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_latencies_are_those_of_all_callers() {
        let (mut fast, mut slow) = (Latencies::new(), Latencies::new());
        for ms in 1..=50 {
            fast.record(Duration::from_millis(ms));
            slow.record(Duration::from_millis(50 + ms));
        }
        fast.merge(&slow);
        let measured = fast.measured(2.0, 3);
        assert_eq!((measured.done, measured.errors), (100, 3));
        assert!((measured.per_s - 50.0).abs() < 1e-9);
        for (found, wanted) in [
            (measured.p50_ms, 50.0),
            (measured.p95_ms, 95.0),
            (measured.p99_ms, 99.0),
        ] {
            assert!((found / wanted - 1.0).abs() < 0.002, "{found} for {wanted}");
        }
    }

    #[test]
    fn what_never_came_back_counts_as_the_longest() {
        let mut latencies = Latencies::new();
        latencies.record(Duration::from_secs(3600));
        assert!((latencies.quantile_ms(0.5) / 120_000.0 - 1.0).abs() < 0.002);
        assert_eq!(Latencies::new().quantile_ms(0.99), 0.0);
    }

    #[tokio::test]
    async fn closed_loop_counts_what_failed_apart() {
        let measured = closed_loop(2, Duration::from_millis(30), |caller, _| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            anyhow::ensure!(caller == 0, "never");
            Ok(())
        });
        let measured = measured.await.unwrap();
        assert!(measured.done > 0 && measured.errors > 0);
    }
}
