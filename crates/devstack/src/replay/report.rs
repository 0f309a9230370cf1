//! The replay's figures: as a table for people, as JSON for programs.

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Serialize;

use super::outcome::Counts;

/// Everything the replay computed. The JSON keys are a contract.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Complaints filed.
    pub filed: i64,
    /// Settled directly between the parties.
    pub settled_directly: i64,
    /// Negotiations whose time passed.
    pub expired: i64,
    /// Escalated to an authority.
    pub escalated: i64,
    /// Let rest by the consumer.
    pub let_rest: i64,
    /// Not accepted by an authority.
    pub refused: i64,
    /// Settled in mediation.
    pub mediated: i64,
    /// Mediation ended.
    pub mediation_ended: i64,
    /// Not closed.
    pub open: i64,
    /// Events on the log.
    pub events: u64,
    /// Parked records in all services.
    pub parked: i64,
    /// Events that wait to be published.
    pub outbox_pending: i64,
    /// Records that wait to be read.
    pub consumer_lag: i64,
    /// Every chain on the log is valid.
    pub chain_valid: bool,
    /// Analytics, the log and the plain count of the file say the same.
    pub analytics_equals_log: bool,
    /// Seconds from the first filing to rest.
    pub elapsed_s: f64,
    /// The outcomes, as analytics gives them.
    #[serde(flatten)]
    pub by_answer: ByAnswer,
}

/// "Settled directly" by kind of answer, and the speed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ByAnswer {
    /// With an explanation.
    pub settled_directly_explanation: i64,
    /// By an answer alone.
    pub settled_directly_closed: i64,
    /// With another relief than money.
    pub settled_directly_non_monetary: i64,
    /// With money.
    pub settled_directly_monetary: i64,
    /// Events a second, from the first filing to rest.
    pub events_per_s: f64,
}

/// The table, with the plain count of the file beside the figures.
pub fn table(figures: &Figures, file: &Counts) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(["what", "analytics", "count of the file"]);
    let answer = &figures.by_answer;
    for (what, value, plain) in [
        ("filed", figures.filed, file.filed),
        (
            "settled directly",
            figures.settled_directly,
            file.settled_directly(),
        ),
        (
            "  with an explanation",
            answer.settled_directly_explanation,
            file.explanation,
        ),
        (
            "  closed by an answer",
            answer.settled_directly_closed,
            file.closed,
        ),
        (
            "  with non-monetary relief",
            answer.settled_directly_non_monetary,
            file.non_monetary,
        ),
        (
            "  with monetary relief",
            answer.settled_directly_monetary,
            file.monetary,
        ),
        ("negotiations expired", figures.expired, file.expired),
        ("escalated", figures.escalated, file.escalated),
        ("let rest", figures.let_rest, file.let_rest),
        ("refused", figures.refused, file.refused),
        ("mediated", figures.mediated, file.mediated),
        (
            "mediation ended",
            figures.mediation_ended,
            file.mediation_ended,
        ),
        ("open", figures.open, file.open),
    ] {
        table.add_row([Cell::new(what), number(value), number(plain)]);
    }
    let word = |yes: bool| if yes { "yes" } else { "NO" };
    format!(
        "{table}\nA replay of real flow, not a settlement rate.\n\
         {} events in {:.1} s ({:.0} a second) · parked {} · outbox {} · lag {} · chains valid: {} · analytics = log = file: {}",
        figures.events,
        figures.elapsed_s,
        answer.events_per_s,
        figures.parked,
        figures.outbox_pending,
        figures.consumer_lag,
        word(figures.chain_valid),
        word(figures.analytics_equals_log)
    )
}

fn number(value: i64) -> Cell {
    Cell::new(value).set_alignment(CellAlignment::Right)
}
