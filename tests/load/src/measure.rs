//! Closed-loop measurement: so many callers, each starting its next act when the last one is answered.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::join_all;
use hdrhistogram::Histogram;
use serde::Serialize;

/// What one phase showed; latencies in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) per_s: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) done: u64,
    pub(crate) errors: u64,
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
            let mut latencies =
                Histogram::<u64>::new_with_max(120_000_000, 3).expect("the bounds are sound");
            let mut errors = 0;
            let mut turn = 0;
            while Instant::now() < until {
                let begun = Instant::now();
                match act(caller, turn).await {
                    Ok(()) => latencies.saturating_record(
                        u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
                    ),
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
    let mut all = Histogram::<u64>::new_with_max(120_000_000, 3)?;
    let mut errors = 0;
    for outcome in join_all(tasks).await {
        let (latencies, failed) = outcome?;
        all.add(latencies)?;
        errors += failed;
    }
    let elapsed_s = started.elapsed().as_secs_f64();
    let ms = |quantile: f64| all.value_at_quantile(quantile) as f64 / 1000.0;
    Ok(Measured {
        per_s: all.len() as f64 / elapsed_s,
        p50_ms: ms(0.5),
        p95_ms: ms(0.95),
        p99_ms: ms(0.99),
        done: all.len(),
        errors,
    })
}
