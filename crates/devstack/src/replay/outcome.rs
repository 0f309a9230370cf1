//! Counts of outcomes: from the plan, from the log, from analytics; all three must be equal.

use case::state::{CaseState, FailedWhy, Outcome};
use case::terms::{ReliefKind, SettledHow};
use case::{Case, Event, Recorded};
use proto::analytics::v1::Totals;
use proto::v1::ReliefKind as WireRelief;
use serde::Serialize;

use super::plan::{Answer, Escalation, Plan};

/// How many cases went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Filed.
    pub filed: i64,
    /// Settled directly with an explanation.
    pub explanation: i64,
    /// Settled directly by an answer alone.
    pub closed: i64,
    /// Settled directly with another relief than money.
    pub non_monetary: i64,
    /// Settled directly with money.
    pub monetary: i64,
    /// The negotiation's time passed.
    pub expired: i64,
    /// Escalated to an authority.
    pub escalated: i64,
    /// Let rest by the consumer.
    pub let_rest: i64,
    /// Not accepted.
    pub refused: i64,
    /// Settled in mediation.
    pub mediated: i64,
    /// Mediation ended.
    pub mediation_ended: i64,
    /// Not closed.
    pub open: i64,
}

impl Counts {
    /// All settled directly.
    pub const fn settled_directly(&self) -> i64 {
        self.explanation + self.closed + self.non_monetary + self.monetary
    }

    /// The plain count of a file.
    pub fn of_plan(plan: &Plan) -> Self {
        let mut counts = Self::default();
        for planned in &plan.rows {
            counts.filed += 1;
            match (planned.answer, planned.escalation) {
                (Answer::Proposes(relief), None) => match relief {
                    WireRelief::Refund => counts.monetary += 1,
                    WireRelief::Answer => counts.closed += 1,
                    WireRelief::Explanation => counts.explanation += 1,
                    _ => counts.non_monetary += 1,
                },
                (Answer::Silent, None) => counts.let_rest += 1,
                _ => {}
            }
            counts.expired += i64::from(planned.answer == Answer::Silent);
            if let Some(escalation) = planned.escalation {
                counts.escalated += 1;
                match escalation {
                    Escalation::Refused => counts.refused += 1,
                    Escalation::Mediated => counts.mediated += 1,
                    Escalation::Ended => counts.mediation_ended += 1,
                }
            }
        }
        counts
    }

    /// Takes an event of the log into account.
    pub(super) fn event(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::ComplaintFiled(_) => self.filed += 1,
            Event::NegotiationExpired {
                why:
                    FailedWhy::EnterpriseSilent | FailedWhy::NotAgreedInTime | FailedWhy::ConsumerSilent,
                ..
            } => {
                self.expired += 1;
            }
            Event::ComplaintEscalated { .. } => self.escalated += 1,
            _ => {}
        }
    }

    /// Takes a folded case into account.
    pub(super) fn case(&mut self, case: &Case) {
        let CaseState::Closed { outcome, .. } = &case.state else {
            self.open += 1;
            return;
        };
        match outcome {
            Outcome::SettledDirectly => self.settled(case),
            Outcome::Mediated => self.mediated += 1,
            Outcome::Refused(_) => self.refused += 1,
            Outcome::MediationEnded(_) => self.mediation_ended += 1,
            Outcome::NotEscalated => self.let_rest += 1,
            Outcome::Withdrawn(_) => {}
        }
    }

    fn settled(&mut self, case: &Case) {
        let Some(settlement) = case
            .milestones
            .settlement
            .as_ref()
            .filter(|settlement| settlement.how == SettledHow::Direct)
        else {
            return;
        };
        let kinds: Vec<ReliefKind> = settlement
            .reliefs
            .iter()
            .map(|relief| relief.kind)
            .collect();
        if kinds.iter().any(|kind| kind.is_monetary()) {
            self.monetary += 1;
        } else if kinds.iter().all(|kind| *kind == ReliefKind::Answer) {
            self.closed += 1;
        } else if kinds
            .iter()
            .all(|kind| matches!(kind, ReliefKind::Explanation | ReliefKind::Answer))
        {
            self.explanation += 1;
        } else {
            self.non_monetary += 1;
        }
    }

    /// What analytics says.
    pub const fn of_totals(totals: &Totals) -> Self {
        Self {
            filed: totals.filed,
            explanation: totals.settled_directly_explanation,
            closed: totals.settled_directly_closed,
            non_monetary: totals.settled_directly_non_monetary,
            monetary: totals.settled_directly_monetary,
            expired: totals.expired,
            escalated: totals.escalated,
            let_rest: totals.let_rest,
            refused: totals.refused,
            mediated: totals.mediated,
            mediation_ended: totals.mediation_ended,
            open: totals.open,
        }
    }
}
