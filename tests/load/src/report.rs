//! The figures: JSON for programs (keys: `docs/TESTING.md`), a table for people.

mod goals;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bench::Bench;
use crate::cost::Cost;
use crate::measure::Measured;

pub(crate) use table::table;

/// The latency above which a number of callers is too many for lifecycles.
const LIFECYCLE_P95_MS: f64 = 150.0;

/// Everything one run measured; phases that did not run are left out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) run: Run,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<Floor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lifecycle: Option<Lifecycle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) visible: Option<Visible>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spike: Option<Spike>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drain: Option<Drain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deadlines: Option<Deadlines>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) growth: Option<Growth>,
}

/// What was measured, and where.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Run {
    /// When it began, UTC.
    pub(crate) at: String,
    pub(crate) quick: bool,
    /// Processes of each service.
    pub(crate) replicas: usize,
    /// Partitions of each topic.
    pub(crate) partitions: i32,
    /// Processors of the machine.
    pub(crate) processors: usize,
}

/// The least that filing can cost, and the broker by itself.
#[derive(Debug, Serialize)]
pub(crate) struct Floor {
    /// Filings' worth of rows a second.
    pub(crate) filings_per_s: f64,
    /// Filings written at once.
    pub(crate) batch: usize,
    /// One filing written alone.
    pub(crate) commit_p50_ms: f64,
    pub(crate) commit_p99_ms: f64,
    pub(crate) produce_per_s: f64,
    pub(crate) consume_per_s: f64,
}

/// Filings.
#[derive(Debug, Serialize)]
pub(crate) struct File {
    /// The best phase with all services consuming; absent when only the floor was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p99_ms_at_64: Option<f64>,
    /// The best phase of intake alone.
    pub(crate) alone_per_s: f64,
    /// Intake alone out of the floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio_to_floor: Option<f64>,
    pub(crate) phases: Vec<CallerPhase>,
    pub(crate) alone: Vec<CallerPhase>,
}

/// One number of callers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CallerPhase {
    pub(crate) callers: usize,
    /// Seconds after the last answer until every service had taken all in.
    pub(crate) settled_in_s: f64,
    /// Filings in one transaction of intake, on the average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filings_per_commit: Option<f64>,
    #[serde(flatten)]
    pub(crate) measured: Measured,
    pub(crate) cost: Cost,
}

/// Lifecycles.
#[derive(Debug, Serialize)]
pub(crate) struct Lifecycle {
    pub(crate) per_s: f64,
    pub(crate) p95_ms: f64,
    /// Callers of the phase that the two figures above come from.
    pub(crate) callers: usize,
    pub(crate) phases: Vec<CallerPhase>,
}

/// From the answer to FileComplaint until analytics shows the routed case, at 200 complaints a second.
#[derive(Debug, Serialize)]
pub(crate) struct Visible {
    #[serde(flatten)]
    pub(crate) measured: Measured,
    pub(crate) cost: Cost,
}

/// Spikes of filings.
#[derive(Debug, Serialize)]
pub(crate) struct Spike {
    /// Accepted complaints that a service did not have, routed, at rest.
    pub(crate) lost: i64,
    pub(crate) errors: u64,
    /// Errors out of all calls.
    pub(crate) error_share: f64,
    /// Seconds after a fall of the load until the 95th percentile is back; the slowest fall; absent: one never was.
    pub(crate) recovery_s: Option<f64>,
    pub(crate) base_p95_ms: f64,
    /// Seconds after the last answer until every service had taken all in.
    pub(crate) settled_in_s: f64,
    pub(crate) steps: Vec<SpikeStep>,
}

/// One step of the load; latencies from the instant a call was due.
#[derive(Debug, Serialize)]
pub(crate) struct SpikeStep {
    pub(crate) multiple: f64,
    #[serde(flatten)]
    pub(crate) measured: Measured,
}

/// Records a second, taken in by each service alone and published by the relay.
#[derive(Debug, Serialize)]
pub(crate) struct Drain {
    /// `<service>_per_s`.
    #[serde(flatten)]
    pub(crate) services: BTreeMap<String, f64>,
    pub(crate) relay_per_s: f64,
    /// Records each service took in.
    pub(crate) records: i64,
}

/// Clocks that ended together.
#[derive(Debug, Serialize)]
pub(crate) struct Deadlines {
    pub(crate) due: usize,
    /// Cases whose deadline is on the log.
    pub(crate) fired: usize,
    /// Each of them once.
    pub(crate) exactly_once: bool,
    /// From the instant they were due until the last event was published.
    pub(crate) fired_per_s: f64,
}

/// Lifecycles with many cases stored.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Growth {
    /// `ratio_at_<cases>`: the rate with so many stored out of the mean of the two rates on empty databases beside it.
    #[serde(flatten)]
    pub(crate) ratios: BTreeMap<String, f64>,
    pub(crate) steps: Vec<GrowthStep>,
}

/// Lifecycles with so many cases stored, and on empty databases just before and after.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GrowthStep {
    pub(crate) cases: usize,
    /// Seconds until all services had taken the histories in.
    pub(crate) filled_in_s: f64,
    #[serde(flatten)]
    pub(crate) phase: CallerPhase,
    pub(crate) empty_before: CallerPhase,
    pub(crate) empty_after: CallerPhase,
}

impl GrowthStep {
    fn ratio(&self) -> f64 {
        let empty = f64::midpoint(
            self.empty_before.measured.per_s,
            self.empty_after.measured.per_s,
        );
        self.phase.measured.per_s / empty.max(f64::EPSILON)
    }
}

impl Growth {
    /// Adds a number of cases.
    pub(crate) fn add(&mut self, step: GrowthStep) {
        self.ratios
            .insert(format!("ratio_at_{}", step.cases), step.ratio());
        self.steps.push(step);
    }
}

impl Run {
    pub(crate) fn new(bench: &Bench) -> Self {
        Self {
            at: proto::wire::day_text(law::day::day_of(chassis::clock::wall())),
            quick: bench.arguments.quick,
            replicas: bench.arguments.replicas,
            partitions: bench.arguments.partitions,
            processors: std::thread::available_parallelism().map_or(0, usize::from),
        }
    }
}

impl File {
    pub(crate) fn new(
        phases: Vec<CallerPhase>,
        alone: Vec<CallerPhase>,
        floor: Option<&Floor>,
    ) -> Self {
        let at_64 = phases.iter().find(|phase| phase.callers == 64);
        let alone_per_s = best(&alone);
        Self {
            per_s: (!phases.is_empty()).then(|| best(&phases)),
            p99_ms_at_64: at_64.map(|phase| phase.measured.p99_ms),
            alone_per_s,
            ratio_to_floor: floor.map(|floor| alone_per_s / floor.filings_per_s.max(f64::EPSILON)),
            phases,
            alone,
        }
    }
}

impl Lifecycle {
    /// Takes the best phase among those that are quick enough; the best of all when none is.
    pub(crate) fn new(phases: Vec<CallerPhase>) -> Self {
        let quick = |phase: &&CallerPhase| phase.measured.p95_ms <= LIFECYCLE_P95_MS;
        let rate =
            |a: &&CallerPhase, b: &&CallerPhase| a.measured.per_s.total_cmp(&b.measured.per_s);
        let taken = phases
            .iter()
            .filter(quick)
            .max_by(rate)
            .or_else(|| phases.iter().max_by(rate));
        let figures = taken.map(|phase| (phase.measured, phase.callers));
        let (measured, callers) = figures.unwrap_or_default();
        Self {
            per_s: measured.per_s,
            p95_ms: measured.p95_ms,
            callers,
            phases,
        }
    }
}

fn best(phases: &[CallerPhase]) -> f64 {
    let rates = phases.iter().map(|phase| phase.measured.per_s);
    rates.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(callers: usize, per_s: f64, p95_ms: f64) -> CallerPhase {
        CallerPhase {
            callers,
            settled_in_s: 0.0,
            filings_per_commit: None,
            measured: Measured {
                per_s,
                p95_ms,
                ..Measured::default()
            },
            cost: Cost::default(),
        }
    }

    #[test]
    fn growth_is_told_by_the_number_of_cases() {
        let mut growth = Growth::default();
        growth.add(GrowthStep {
            cases: 100_000,
            filled_in_s: 1.0,
            phase: phase(64, 1800.0, 55.0),
            empty_before: phase(64, 2200.0, 50.0),
            empty_after: phase(64, 1800.0, 60.0),
        });
        let written = serde_json::to_value(&growth).unwrap();
        assert_eq!(written["ratio_at_100000"], 0.9);
        assert_eq!(written["steps"][0]["per_s"], 1800.0);
        assert_eq!(written["steps"][0]["empty_before"]["per_s"], 2200.0);
    }

    #[test]
    fn lifecycle_figure_is_the_best_that_is_quick_enough() {
        let quick = Lifecycle::new(vec![
            phase(16, 700.0, 30.0),
            phase(64, 1500.0, 90.0),
            phase(256, 1600.0, 400.0),
        ]);
        assert_eq!((quick.callers, quick.per_s), (64, 1500.0));
        let slow = Lifecycle::new(vec![phase(16, 70.0, 300.0), phase(64, 90.0, 900.0)]);
        assert_eq!((slow.callers, slow.p95_ms), (64, 900.0));
    }
}
