//! Figures made of sums: totals by ending, indicators as shares of them, percentiles of handling days.

use std::collections::BTreeMap;

use crate::domain::ending::Ending;
use crate::domain::measures::Measures;

/// Sums of a selection by how cases ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    by_ending: BTreeMap<Ending, Measures>,
}

impl Tally {
    /// Adds sums of cases that ended so.
    pub fn add(&mut self, ending: Ending, measures: &Measures) {
        let sums = self.by_ending.entry(ending).or_default();
        *sums = sums.plus(measures);
    }

    /// The sums over all cases.
    pub fn all(&self) -> Measures {
        let nothing = Measures::default();
        self.by_ending
            .values()
            .fold(nothing, |sum, part| sum.plus(part))
    }

    /// Cases that ended so.
    pub fn ended(&self, ending: Ending) -> i64 {
        self.by_ending.get(&ending).map_or(0, |sums| sums.filed)
    }

    /// Cases that are closed.
    pub fn closed(&self) -> i64 {
        self.all().filed - self.ended(Ending::Open)
    }
}

/// Closed cases by days from filing to closing.
pub type HandlingDays = BTreeMap<i32, i64>;

/// A share, with the id of the text that says what is counted out of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// What is counted.
    pub numerator: i64,
    /// Out of what.
    pub denominator: i64,
    /// The formula's id.
    pub formula: &'static str,
}

/// A mean, with the id of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Average {
    /// Sum of the values.
    pub sum: i64,
    /// How many.
    pub count: i64,
    /// The formula's id.
    pub formula: &'static str,
}

/// A percentile of handling days, with the id of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentile {
    /// The days; `None` when nothing was counted.
    pub days: Option<i32>,
    /// How many were counted.
    pub count: i64,
    /// The formula's id.
    pub formula: &'static str,
}

/// The indicators. What each counts is written in the service's README, by formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indicators {
    /// Settled directly out of ended negotiations.
    pub settled_directly: Share,
    /// Of these, by an explanation.
    pub settled_directly_explanation: Share,
    /// Of these, by an answer alone.
    pub settled_directly_closed: Share,
    /// Of these, by a relief that is no money.
    pub settled_directly_non_monetary: Share,
    /// Of these, by money.
    pub settled_directly_monetary: Share,
    /// Escalated out of failed negotiations.
    pub escalated: Share,
    /// Mediated out of mediations that ended, without self-settlements and withdrawals.
    pub mediation_success: Share,
    /// Decided in time out of decided.
    pub acceptance_on_time: Share,
    /// Mediations that ended in time.
    pub mediation_on_time: Share,
    /// First answers in time out of ended negotiations.
    pub negotiation_on_time: Share,
    /// Enterprise silent out of ended negotiations.
    pub silence: Share,
    /// Performed in full out of closed cases with terms.
    pub performed_yes: Share,
    /// Not performed.
    pub performed_no: Share,
    /// Nobody said.
    pub performed_unknown: Share,
    /// Rated out of closed cases.
    pub rated: Share,
    /// Not rated.
    pub unrated: Share,
    /// Mean of the stars.
    pub stars: Average,
    /// Median of handling days.
    pub handling_days_median: Percentile,
    /// Ninth decile of handling days.
    pub handling_days_p90: Percentile,
}

/// The indicators of a selection.
pub fn indicators(tally: &Tally, handling_days: &HandlingDays) -> Indicators {
    let all = tally.all();
    let share = |numerator, denominator, formula| Share {
        numerator,
        denominator,
        formula,
    };
    let direct = all.settled_directly();
    let of_direct = |count| share(count, direct, "kind_of_direct_settlements");
    let ended = all.negotiations_ended;
    let tried = all.mediations_ended - all.self_settled - all.withdrawn_in_mediation;
    let with_terms =
        all.performed_yes + all.performed_partly + all.performed_no + all.performed_unknown;
    let of_terms = |count| share(count, with_terms, "performed_of_closed_with_terms");
    let closed = tally.closed();
    Indicators {
        settled_directly: share(direct, ended, "settled_directly_of_ended_negotiations"),
        settled_directly_explanation: of_direct(all.direct_explanation),
        settled_directly_closed: of_direct(all.direct_closed),
        settled_directly_non_monetary: of_direct(all.direct_non_monetary),
        settled_directly_monetary: of_direct(all.direct_monetary),
        escalated: share(
            all.escalated,
            all.negotiations_failed,
            "escalated_of_failed_negotiations",
        ),
        mediation_success: share(all.mediated, tried, "mediated_of_ended_mediations"),
        acceptance_on_time: share(
            all.decided_in_time,
            all.decided,
            "decided_in_time_of_decided",
        ),
        mediation_on_time: share(
            all.mediations_in_time,
            all.mediations_ended,
            "ended_in_time_of_ended_mediations",
        ),
        negotiation_on_time: share(
            all.negotiations_answered,
            ended,
            "answered_in_time_of_ended_negotiations",
        ),
        silence: share(
            all.negotiations_silent,
            ended,
            "silent_of_ended_negotiations",
        ),
        performed_yes: of_terms(all.performed_yes),
        performed_no: of_terms(all.performed_no),
        performed_unknown: of_terms(all.performed_unknown),
        rated: share(all.rated, closed, "rated_of_closed"),
        unrated: share(closed - all.rated, closed, "rated_of_closed"),
        stars: Average {
            sum: all.star_sum,
            count: all.rated,
            formula: "mean_of_stars",
        },
        handling_days_median: percentile(handling_days, 50),
        handling_days_p90: percentile(handling_days, 90),
    }
}

/// The formulas' ids; the README says each in words.
pub const FORMULAS: [&str; 12] = [
    "settled_directly_of_ended_negotiations",
    "kind_of_direct_settlements",
    "escalated_of_failed_negotiations",
    "mediated_of_ended_mediations",
    "decided_in_time_of_decided",
    "ended_in_time_of_ended_mediations",
    "answered_in_time_of_ended_negotiations",
    "silent_of_ended_negotiations",
    "performed_of_closed_with_terms",
    "rated_of_closed",
    "mean_of_stars",
    "nearest_rank_of_handling_days",
];

/// The fewest days within which `percent` of the closed cases were closed (nearest rank).
fn percentile(handling_days: &HandlingDays, percent: i64) -> Percentile {
    let count: i64 = handling_days.values().sum();
    let rank = (count * percent + 99) / 100;
    let mut up_to = 0;
    let days = handling_days.iter().find_map(|(days, cases)| {
        up_to += cases;
        (up_to >= rank && count > 0).then_some(*days)
    });
    Percentile {
        days,
        count,
        formula: "nearest_rank_of_handling_days",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        type Row<'a> = (&'a [(i32, i64)], Option<i32>, Option<i32>);
        let rows: &[Row<'_>] = &[
            (&[], None, None),
            (&[(3, 0)], None, None),
            (&[(0, 1)], Some(0), Some(0)),
            (&[(7, 1)], Some(7), Some(7)),
            (&[(1, 1), (2, 1)], Some(1), Some(2)),
            (&[(1, 1), (2, 1), (9, 1)], Some(2), Some(9)),
            (&[(0, 5), (10, 4), (30, 1)], Some(0), Some(10)),
            (&[(0, 4), (10, 4), (30, 2)], Some(10), Some(30)),
            (&[(5, 900), (6, 100)], Some(5), Some(5)),
            (&[(5, 899), (6, 101)], Some(5), Some(6)),
        ];
        for (days, median, p90) in rows {
            let days: HandlingDays = days.iter().copied().collect();
            assert_eq!(percentile(&days, 50).days, *median, "{days:?}");
            assert_eq!(percentile(&days, 90).days, *p90, "{days:?}");
            assert_eq!(percentile(&days, 90).count, days.values().sum::<i64>());
        }
    }

    #[test]
    fn every_formula_is_said_in_words() {
        let readme = include_str!("../../README.md");
        for formula in FORMULAS {
            assert!(readme.contains(&format!("`{formula}`")), "{formula}");
            assert!(formula.len() <= 64, "{formula}");
        }
    }
}
