//! Spikes: complaints come on a schedule of steps, many times the base at once; nothing that was accepted may be lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use devstack::services::NAMES;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::bench::Bench;
use crate::callers::Callers;
use crate::open_loop::{Sample, Schedule, Step, open_loop, within};
use crate::recovery::{bound_ms, recovery_s};
use crate::report::{Spike, SpikeStep};
use crate::site::Site;

/// Complaints a second of the base.
const BASE_PER_S: f64 = 100.0;
/// The steps, in multiples of the base; the last one shows that latencies come back to where they were.
const MULTIPLES: [f64; 8] = [1.0, 15.0, 1.0, 25.0, 2.0, 35.0, 10.0, 1.0];

type Accepted = Arc<Mutex<Vec<Uuid>>>;

pub(crate) async fn run(bench: &Bench, site: &Site, callers: &Callers) -> Result<Spike> {
    let length = bench.lengths.spike_step;
    let step = |multiple: f64| Step {
        per_s: BASE_PER_S * multiple,
        length,
    };
    let schedule = Schedule(MULTIPLES.map(step).to_vec());
    let accepted = Accepted::default();
    let measuring = async {
        let samples = open_loop(&schedule, |turn, intended| {
            let (callers, accepted) = (callers.clone(), Arc::clone(&accepted));
            async move {
                let id = callers.file_at(turn).await?;
                let latency = intended.elapsed();
                accepted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(id);
                Ok(latency)
            }
        });
        let samples = samples.await;
        Ok((samples, site.rest().await?))
    };
    let (samples, settled_in_s) = bench.measured("spikes", measuring).await?;
    let accepted = std::mem::take(&mut *accepted.lock().unwrap_or_else(PoisonError::into_inner));
    let lost = lost(site, &accepted).await?;
    Ok(figures(&schedule, &samples, lost, settled_in_s))
}

/// Accepted complaints that a service does not know, or not as routed; of the service that lacks most.
async fn lost(site: &Site, accepted: &[Uuid]) -> Result<i64> {
    let mut most = 0;
    for service in NAMES {
        let mut connection = PgConnection::connect(site.stack.database_url(service)).await?;
        let mut lacking = 0;
        for ids in accepted.chunks(10_000) {
            let query = sqlx::query_scalar::<_, i64>(
                "select count(*) from unnest($1::uuid[]) as accepted(id)
                 where not exists (select 1 from chassis.subjects s where s.subject = accepted.id and s.version >= 2)",
            );
            lacking += query.bind(ids).fetch_one(&mut connection).await?;
        }
        connection.close().await?;
        most = most.max(lacking);
    }
    Ok(most)
}

fn figures(schedule: &Schedule, samples: &[Sample], lost: i64, settled_in_s: f64) -> Spike {
    let mut steps = Vec::new();
    let bounds = schedule.bounds();
    for (begin, step) in &bounds {
        let (latencies, errors) = within(samples, *begin, *begin + step.length);
        steps.push(SpikeStep {
            multiple: step.per_s / BASE_PER_S,
            measured: latencies.measured(step.length.as_secs_f64(), errors),
        });
    }
    let base_p95_ms = steps.first().map_or(0.0, |step| step.measured.p95_ms);
    let recoveries: Option<Vec<f64>> = falls(&bounds)
        .into_iter()
        .map(|(from, until)| recovery_s(samples, from, until, bound_ms(base_p95_ms)))
        .collect();
    let errors = samples
        .iter()
        .filter(|sample| sample.latency.is_none())
        .count();
    Spike {
        lost,
        errors: errors as u64,
        error_share: errors as f64 / samples.len().max(1) as f64,
        recovery_s: recoveries.map(|all| all.into_iter().fold(0.0, f64::max)),
        base_p95_ms,
        settled_in_s,
        steps,
    }
}

/// From the end of each peak until the load rises again or the schedule ends.
fn falls(bounds: &[(Duration, Step)]) -> Vec<(Duration, Duration)> {
    let mut falls: Vec<(Duration, Duration)> = Vec::new();
    let mut falling = false;
    for pair in bounds.windows(2) {
        let (begin, step) = pair[1];
        let end = begin + step.length;
        let falls_on = step.per_s < pair[0].1.per_s;
        match falls.last_mut() {
            Some(last) if falls_on && falling => last.1 = end,
            _ if falls_on => falls.push((begin, end)),
            _ => {}
        }
        falling = falls_on;
    }
    falls
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten acts a second; a latency in milliseconds for each of the 40 seconds of eight steps.
    fn figures_of(latency_ms: impl Fn(u64) -> u64) -> Spike {
        let step = |multiple: f64| Step {
            per_s: BASE_PER_S * multiple,
            length: Duration::from_secs(5),
        };
        let schedule = Schedule(MULTIPLES.map(step).to_vec());
        let sample = |act: u64| Sample {
            at: Duration::from_millis(100 * act),
            latency: Some(Duration::from_millis(latency_ms(act / 10))),
        };
        let samples: Vec<Sample> = (0..400).map(sample).collect();
        figures(&schedule, &samples, 0, 0.0)
    }

    #[test]
    fn slowest_recovery_of_the_three_falls_counts() {
        assert_eq!(figures_of(|_| 5).recovery_s, Some(0.0));
        // the second fall is at second 20
        let slow = figures_of(|second| if (15..22).contains(&second) { 900 } else { 5 });
        assert_eq!(slow.recovery_s, Some(2.0));
        assert_eq!((slow.base_p95_ms.round(), slow.error_share), (5.0, 0.0));
        // the third fall is at second 30, to ten times the base and then to the base
        let late = figures_of(|second| if (25..35).contains(&second) { 900 } else { 5 });
        assert_eq!(late.recovery_s, Some(5.0));
        let never = figures_of(|second| if second >= 25 { 900 } else { 5 });
        assert_eq!(never.recovery_s, None);
    }
}
