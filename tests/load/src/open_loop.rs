//! Open-loop measurement: acts begin on a fixed schedule, whether earlier ones were answered or not.
//!
//! A latency is counted from the instant at which the act was to begin, so that what waits behind a slow answer counts
//! as well, and none is left out because the platform was too slow to take it.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::mpsc;

use crate::measure::Latencies;

/// So many acts a second for so long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) per_s: f64,
    pub(crate) length: Duration,
}

/// Steps one after another.
#[derive(Clone, Debug)]
pub(crate) struct Schedule(pub(crate) Vec<Step>);

/// One act.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// When it was to begin, from the start of the schedule.
    pub(crate) at: Duration,
    /// How long it took; none: it failed.
    pub(crate) latency: Option<Duration>,
}

impl Schedule {
    /// When each act is to begin, in order, evenly within a step.
    pub(crate) fn arrivals(&self) -> impl Iterator<Item = Duration> {
        self.bounds().into_iter().flat_map(|(begin, step)| {
            let acts = (step.per_s * step.length.as_secs_f64()).round() as u32;
            (0..acts).map(move |act| begin + Duration::from_secs_f64(f64::from(act) / step.per_s))
        })
    }

    /// When each step begins.
    pub(crate) fn bounds(&self) -> Vec<(Duration, Step)> {
        let mut begin = Duration::ZERO;
        let mut bounds = Vec::new();
        for step in &self.0 {
            bounds.push((begin, *step));
            begin += step.length;
        }
        bounds
    }
}

/// Runs `act(turn, intended)` on a schedule; the act gives its latency. Comes back when the last act has ended.
pub(crate) async fn open_loop<F, A>(schedule: &Schedule, act: F) -> Vec<Sample>
where
    F: Fn(usize, Instant) -> A,
    A: Future<Output = Result<Duration>> + Send + 'static,
{
    let (told, mut ended) = mpsc::unbounded_channel();
    let started = Instant::now();
    let mut acts = 0;
    for at in schedule.arrivals() {
        let intended = started + at;
        if intended > Instant::now() {
            tokio::time::sleep_until(intended.into()).await;
        }
        let (running, told) = (act(acts, intended), told.clone());
        tokio::spawn(async move {
            let outcome = running.await;
            // whoever measures waits for every act
            drop(told.send((at, outcome)));
        });
        acts += 1;
    }
    drop(told);
    let mut samples = Vec::with_capacity(acts);
    let mut failed = false;
    while let Some((at, outcome)) = ended.recv().await {
        let latency = match outcome {
            Ok(latency) => Some(latency),
            Err(error) => {
                if !failed {
                    eprintln!("at {:.1} s: {error:#}", at.as_secs_f64());
                }
                failed = true;
                None
            }
        };
        samples.push(Sample { at, latency });
    }
    samples.sort_by_key(|sample| sample.at);
    samples
}

/// Latencies of the acts of a span, and how many failed.
pub(crate) fn within(samples: &[Sample], from: Duration, until: Duration) -> (Latencies, u64) {
    let mut latencies = Latencies::new();
    let mut errors = 0;
    for sample in samples {
        if (from..until).contains(&sample.at) {
            match sample.latency {
                Some(latency) => latencies.record(latency),
                None => errors += 1,
            }
        }
    }
    (latencies, errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(per_s: f64, seconds: u64) -> Step {
        Step {
            per_s,
            length: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn arrivals_are_even_within_a_step_and_follow_each_other() {
        let schedule = Schedule(vec![step(2.0, 2), step(4.0, 1)]);
        let at: Vec<u128> = schedule.arrivals().map(|at| at.as_millis()).collect();
        assert_eq!(at, [0, 500, 1000, 1500, 2000, 2250, 2500, 2750]);
        assert_eq!(schedule.bounds()[1].0, Duration::from_secs(2));
    }

    #[tokio::test]
    async fn what_waits_behind_a_slow_act_is_counted_from_its_own_instant() {
        // One act at a time, 20 ms each, wanted every 10 ms: the tenth has waited for all before it.
        let gate = std::sync::Arc::new(tokio::sync::Mutex::new(()));
        let schedule = Schedule(vec![Step {
            per_s: 100.0,
            length: Duration::from_millis(100),
        }]);
        let samples = open_loop(&schedule, |turn, intended| {
            let gate = std::sync::Arc::clone(&gate);
            async move {
                let _alone = gate.lock().await;
                tokio::time::sleep(Duration::from_millis(20)).await;
                anyhow::ensure!(turn != 3, "the fourth fails");
                Ok(intended.elapsed())
            }
        });
        let samples = samples.await;
        assert_eq!(samples.len(), 10);
        assert!(samples[9].latency.unwrap() >= Duration::from_millis(100));
        let (latencies, errors) = within(&samples, Duration::ZERO, Duration::from_millis(50));
        assert_eq!((latencies.len(), errors), (4, 1));
    }
}
