//! What figures know of a case: a pure function of the folded case and the number of its events.

use case::event::Heads;
use case::milestones::Milestones;
use case::state::{CaseState, Outcome, Performed, Service};
use case::terms::{Relief, ReliefKind};
use case::{Case, StateKind};
use chrono::NaiveDate;
use law::day::day_of;
use law::grounds::EndingGround;
use uuid::Uuid;

/// The kind of answer a settlement came with: the strongest of its reliefs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettlementKind {
    /// No more than an answer.
    Closed,
    /// Explanations, and perhaps answers.
    Explanation,
    /// Another relief that is no money.
    NonMonetary,
    /// Money, whatever stands beside it.
    Monetary,
}

impl SettlementKind {
    /// Every kind; its number is its place from 1.
    pub const ALL: [Self; 4] = [
        Self::Closed,
        Self::Explanation,
        Self::NonMonetary,
        Self::Monetary,
    ];

    /// The strongest of the reliefs.
    pub fn of(reliefs: &[Relief]) -> Self {
        let strength = |relief: &Relief| match relief.kind {
            kind if kind.is_monetary() => Self::Monetary,
            ReliefKind::Answer => Self::Closed,
            ReliefKind::Explanation => Self::Explanation,
            _ => Self::NonMonetary,
        };
        let strongest = reliefs.iter().map(strength).max();
        strongest.unwrap_or(Self::Closed)
    }

    /// Its number on the wire.
    pub const fn number(self) -> i16 {
        self as i16 + 1
    }
}

/// The fact of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The case.
    pub case_id: Uuid,
    /// Its number for people.
    pub case_number: String,
    /// Its last decision's number.
    pub version: u64,
    /// Events taken in: decisions and notices.
    pub event_count: i64,
    /// Day of filing at +08:00.
    pub filed_on: NaiveDate,
    /// Credit code of who negotiates or negotiated, else of the respondent; empty when neither is known.
    pub enterprise: String,
    /// Id of the last authority that received it; empty when none did.
    pub authority: String,
    /// Problem code.
    pub problem: String,
    /// Goods or service code.
    pub category: String,
    /// State.
    pub state: StateKind,
    /// How it ended, once closed.
    pub outcome: Option<Outcome>,
    /// Whether what was agreed was done, once closed.
    pub performed: Option<Performed>,
    /// The kind of answer of the last settlement, if there was one.
    pub settlement: Option<SettlementKind>,
    /// The consumer's rating, 1 to 5; 0 without one.
    pub stars: u8,
    /// Recovered as confirmed, in fen.
    pub recovered_fen: i64,
    /// Held for a hand now, or returned to a receiving unit before. A hold that a hand ended leaves no trace in the case.
    pub held: bool,
    /// Mediation ended because the parties settled themselves.
    pub self_settled: bool,
    /// When what happened.
    pub milestones: Milestones,
}

impl Fact {
    /// The fact of a case that has had so many events.
    pub fn of(case: &Case, event_count: i64) -> Self {
        let milestones = &case.milestones;
        let (outcome, performed) = match &case.state {
            CaseState::Closed {
                outcome, performed, ..
            } => (Some(*outcome), Some(*performed)),
            _ => (None, None),
        };
        let enterprise = case.enterprise().or(case.filing.respondent.uscc.as_ref());
        let authority = milestones.handling.as_ref();
        let settlement = milestones.settlement.as_ref();
        Self {
            case_id: case.id.0,
            case_number: case.filing.case_number.clone(),
            version: case.version,
            event_count,
            filed_on: day_of(milestones.filed_at),
            enterprise: enterprise.map_or_else(String::new, |uscc| uscc.as_str().to_owned()),
            authority: authority.map_or_else(String::new, |handling| {
                handling.authority.as_str().to_owned()
            }),
            problem: case.filing.problem.clone(),
            category: case.filing.category.clone(),
            state: StateKind::of(&case.state),
            outcome,
            performed,
            settlement: settlement.map(|settlement| SettlementKind::of(&settlement.reliefs)),
            stars: case.rating.map_or(0, |rating| rating.stars),
            recovered_fen: case.recovered.0,
            held: case.holds > 0,
            self_settled: has_settled_itself(case),
            milestones: milestones.clone(),
        }
    }

    /// Calendar days at +08:00 from filing to closing; `None` while open. Closed on the day of filing it is 0.
    pub fn handling_days(&self) -> Option<i32> {
        let closed_on = day_of(self.milestones.closed_at?);
        let days = (closed_on - self.filed_on).num_days();
        i32::try_from(days.max(0)).ok()
    }
}

/// The ground is the same when the consumer withdrew. A withdrawal is an answer to a request of intake, so the heads
/// that were answered reach those the closing decision had absorbed; after a self-settlement they do not.
fn has_settled_itself(case: &Case) -> bool {
    match &case.state {
        CaseState::Closed {
            outcome: Outcome::MediationEnded(EndingGround::WithdrawnOrSelfSettled),
            heads,
            ..
        } => {
            let last = |heads: &Heads| heads.get(&Service::Intake).map_or(0, |head| head.sequence);
            let answered = last(&case.answered);
            answered == 0 || answered < last(heads)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use case::Fen;
    use proto::analytics::v1::SettlementKind as Wire;

    use super::*;

    #[test]
    fn the_strongest_relief_gives_the_kind() {
        use ReliefKind::*;
        let rows: &[(&[ReliefKind], SettlementKind)] = &[
            (&[Answer], SettlementKind::Closed),
            (&[Answer, Answer], SettlementKind::Closed),
            (&[Explanation], SettlementKind::Explanation),
            (&[Answer, Explanation], SettlementKind::Explanation),
            (&[Apology], SettlementKind::NonMonetary),
            (&[Repair, Explanation], SettlementKind::NonMonetary),
            (&[Exchange], SettlementKind::NonMonetary),
            (&[Redo], SettlementKind::NonMonetary),
            (&[MakeUp], SettlementKind::NonMonetary),
            (&[Other, Answer], SettlementKind::NonMonetary),
            (&[Explanation, Refund], SettlementKind::Monetary),
            (&[Compensation, Repair], SettlementKind::Monetary),
        ];
        for (kinds, expected) in rows {
            let relief = |kind: &ReliefKind| Relief {
                kind: *kind,
                amount: Fen(0),
            };
            let reliefs: Vec<Relief> = kinds.iter().map(relief).collect();
            assert_eq!(SettlementKind::of(&reliefs), *expected, "{kinds:?}");
        }
    }

    #[test]
    fn kinds_have_the_numbers_of_the_wire() {
        let wire = [
            Wire::Closed,
            Wire::Explanation,
            Wire::NonMonetary,
            Wire::Monetary,
        ];
        for (kind, wire) in SettlementKind::ALL.into_iter().zip(wire) {
            assert_eq!(i32::from(kind.number()), wire as i32);
        }
    }
}
