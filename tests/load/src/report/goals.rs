//! What the platform is meant to carry on two processors that it shares with its servers and its callers.

use comfy_table::Table;
use serde_json::Value;

use super::Figures;
use super::table::plain;

/// A goal: the figure's key, and what it must be.
enum Goal {
    AtLeast(f64),
    AtMost(f64),
    True,
}

use Goal::{AtLeast, AtMost, True};

const GOALS: [(&str, Goal); 19] = [
    ("file.per_s", AtLeast(6_000.0)),
    ("file.p99_ms_at_64", AtMost(25.0)),
    ("file.ratio_to_floor", AtLeast(0.3)),
    ("lifecycle.per_s", AtLeast(1_500.0)),
    ("lifecycle.p95_ms", AtMost(150.0)),
    ("visible.p50_ms", AtMost(25.0)),
    ("visible.p99_ms", AtMost(60.0)),
    ("growth.ratio_at_100000", AtLeast(0.9)),
    ("growth.ratio_at_1000000", AtLeast(0.9)),
    ("spike.lost", AtMost(0.0)),
    ("spike.error_share", AtMost(0.001)),
    ("spike.recovery_s", AtMost(30.0)),
    ("deadlines.fired_per_s", AtLeast(2_000.0)),
    ("deadlines.exactly_once", True),
    ("drain.intake_per_s", AtLeast(30_000.0)),
    ("drain.routing_per_s", AtLeast(30_000.0)),
    ("drain.mediation_per_s", AtLeast(30_000.0)),
    ("drain.analytics_per_s", AtLeast(30_000.0)),
    ("drain.relay_per_s", AtLeast(50_000.0)),
];

impl Goal {
    /// Whether a figure meets it; none when it was not measured.
    fn met(&self, figure: &Value) -> Option<bool> {
        match self {
            AtLeast(least) => Some(figure.as_f64()? >= *least),
            AtMost(most) => Some(figure.as_f64()? <= *most),
            True => figure.as_bool(),
        }
    }

    fn text(&self) -> String {
        match self {
            AtLeast(least) => format!("≥ {least}"),
            AtMost(most) => format!("≤ {most}"),
            True => "true".to_owned(),
        }
    }
}

/// Every figure with a goal that was measured.
pub(super) fn table(figures: &Figures) -> Table {
    let figures = serde_json::to_value(figures).unwrap_or_default();
    let mut table = plain(&["figure", "measured", "goal", ""]);
    for (key, goal) in &GOALS {
        let place = format!("/{}", key.replace('.', "/"));
        let found = figures.pointer(&place).unwrap_or(&Value::Null);
        if let Some(met) = goal.met(found) {
            let shown = found
                .as_f64()
                .map_or(found.to_string(), |number| format!("{number:.3}"));
            let mark = if met { "" } else { "missed" };
            table.add_row([key.to_string(), shown, goal.text(), mark.to_owned()]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn goal_says_nothing_of_what_was_not_measured() {
        for (goal, figure, met) in [
            (AtLeast(2.0), json!(2), Some(true)),
            (AtLeast(2.0), json!(1.9), Some(false)),
            (AtMost(0.0), json!(1), Some(false)),
            (AtMost(2.0), Value::Null, None),
            (True, json!(true), Some(true)),
            (True, json!(false), Some(false)),
        ] {
            assert_eq!(goal.met(&figure), met, "{} {figure}", goal.text());
        }
    }
}
