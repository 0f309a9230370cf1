//! The figures: a table for people, JSON for programs (keys: `docs/TESTING.md`).

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::measure::Measured;

/// Everything one run measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    floor: Floor,
    file: File,
    lifecycle: LifecycleFigures,
}

#[derive(Debug, Serialize)]
struct Floor {
    filings_per_s: f64,
}

#[derive(Debug, Serialize)]
struct File {
    /// The best phase.
    per_s: f64,
    p99_ms_at_64: Option<f64>,
    ratio_to_floor: f64,
    phases: Vec<FileFigures>,
}

/// One phase of filings.
#[derive(Debug, Serialize)]
pub(crate) struct FileFigures {
    pub(crate) callers: usize,
    /// Seconds after the last answer until every service had taken all in.
    pub(crate) settled_in_s: f64,
    #[serde(flatten)]
    pub(crate) measured: Measured,
}

/// The phase of lifecycles.
#[derive(Debug, Serialize)]
pub(crate) struct LifecycleFigures {
    pub(crate) callers: usize,
    pub(crate) settled_in_s: f64,
    #[serde(flatten)]
    pub(crate) measured: Measured,
}

impl Figures {
    pub(crate) fn new(
        floor_per_s: f64,
        phases: Vec<FileFigures>,
        lifecycle: LifecycleFigures,
    ) -> Self {
        let per_s = phases
            .iter()
            .map(|phase| phase.measured.per_s)
            .fold(0.0, f64::max);
        let p99_ms_at_64 = phases
            .iter()
            .find(|phase| phase.callers == 64)
            .map(|phase| phase.measured.p99_ms);
        let file = File {
            per_s,
            p99_ms_at_64,
            ratio_to_floor: per_s / floor_per_s.max(f64::EPSILON),
            phases,
        };
        Self {
            floor: Floor {
                filings_per_s: floor_per_s,
            },
            file,
            lifecycle,
        }
    }
}

/// The figures as a table.
pub(crate) fn table(figures: &Figures) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "what",
        "callers",
        "per second",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "errors",
        "at rest after s",
    ]);
    for phase in &figures.file.phases {
        table.add_row(row(
            "filings",
            phase.callers,
            &phase.measured,
            phase.settled_in_s,
        ));
    }
    let lifecycle = &figures.lifecycle;
    table.add_row(row(
        "lifecycles",
        lifecycle.callers,
        &lifecycle.measured,
        lifecycle.settled_in_s,
    ));
    format!(
        "{table}\nfloor {:.0} filings/s by batched SQL on one connection; the platform files {:.2} of it with all services consuming",
        figures.floor.filings_per_s, figures.file.ratio_to_floor
    )
}

fn row(what: &str, callers: usize, measured: &Measured, settled_in_s: f64) -> [String; 8] {
    [
        what.to_owned(),
        callers.to_string(),
        format!("{:.0}", measured.per_s),
        format!("{:.1}", measured.p50_ms),
        format!("{:.1}", measured.p95_ms),
        format!("{:.1}", measured.p99_ms),
        measured.errors.to_string(),
        format!("{settled_in_s:.2}"),
    ]
}
