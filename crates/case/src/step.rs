//! What a state asks for by itself: deadlines, and steps its owner takes unasked.

use chrono::{DateTime, Utc};
use law::Due;
use uuid::Uuid;

use crate::actor::Actor;
use crate::coded::coded;
use crate::command::{Body, Command};
use crate::state::{Case, CaseState, FailedWhy, Service, WithdrawalReason};

coded! {
    /// What falls due.
    pub enum DeadlineKind {
        /// Supervision of a held case.
        RoutingOverdue => "routing_overdue",
        /// Negotiation.
        Negotiation => "negotiation",
        /// A proposal's validity.
        Proposal => "proposal",
        /// The consumer's window to escalate.
        Escalation => "escalation",
        /// Accept or refuse.
        Acceptance => "acceptance",
        /// Mediation.
        Mediation => "mediation",
        /// Performance.
        Performance => "performance",
    }
}

/// One running deadline of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// Due when now is at or after this instant.
    pub at: DateTime<Utc>,
    /// What falls due.
    pub kind: DeadlineKind,
    /// The proposal, for `Proposal`.
    pub proposal: Option<Uuid>,
}

/// What the owner does unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Route what is filed or escalated.
    Route,
    /// Withdraw what was asked to be withdrawn.
    Withdraw,
    /// Refuse a withdrawal that came after terms were agreed.
    RefuseWithdrawal,
    /// Escalate what was consented to be escalated.
    Escalate,
}

/// The running deadlines of a case, sorted by (instant, kind). A passed one that was recorded runs no more.
pub fn deadlines(case: &Case) -> Vec<Deadline> {
    let mut running: Vec<Deadline> = case
        .offers()
        .iter()
        .map(|offer| Deadline {
            at: offer.valid_until,
            kind: DeadlineKind::Proposal,
            proposal: Some(offer.id),
        })
        .collect();
    running.extend(clock(case).map(|(kind, due)| Deadline {
        at: due.at,
        kind,
        proposal: None,
    }));
    running.sort_unstable();
    running
}

/// The clock of the state itself.
fn clock(case: &Case) -> Option<(DeadlineKind, &Due)> {
    let clock = match &case.state {
        CaseState::HeldForRouting {
            due,
            overdue_at: None,
            ..
        } => (DeadlineKind::RoutingOverdue, due),
        CaseState::InNegotiation { due, .. } => (DeadlineKind::Negotiation, due),
        // Who agreed beforehand does not lose the case because the step came late.
        CaseState::NegotiationFailed { escalate_by, .. } if !escalates_by_itself(case) => {
            (DeadlineKind::Escalation, escalate_by)
        }
        CaseState::AtAuthority {
            receipt,
            overdue_at: None,
        } => (DeadlineKind::Acceptance, &receipt.decide_by),
        CaseState::InMediation {
            due,
            overdue_at: None,
            ..
        } => (DeadlineKind::Mediation, due),
        CaseState::Settled { lapse, .. } => (DeadlineKind::Performance, lapse),
        _ => return None,
    };
    Some(clock)
}

/// The command of the earliest passed deadline by (instant, kind), or `None`. Asked again until `None`.
pub fn overdue(case: &Case, now: DateTime<Utc>) -> Option<Command> {
    let deadline = deadlines(case)
        .into_iter()
        .next()
        .filter(|deadline| deadline.at <= now.max(case.at))?;
    let body = match (deadline.kind, deadline.proposal) {
        (DeadlineKind::RoutingOverdue, _) => Body::MarkRoutingOverdue,
        (DeadlineKind::Negotiation, _) => Body::ExpireNegotiation,
        (DeadlineKind::Proposal, proposal) => Body::ExpireProposal {
            proposal: proposal?,
        },
        (DeadlineKind::Escalation, _) => Body::CloseUnescalated,
        (DeadlineKind::Acceptance, _) => Body::MarkAcceptanceOverdue,
        (DeadlineKind::Mediation, _) => Body::MarkMediationOverdue,
        (DeadlineKind::Performance, _) => Body::LapsePerformance,
    };
    Some(by_system(body))
}

/// What the owner of the state does next by itself, if `me` owns it. Asked again until `None`.
pub fn next_step(case: &Case, me: Service) -> Option<Step> {
    if case.state.owner() != me {
        return None;
    }
    let withdrawal_asked = !case.withdrawals.is_empty();
    match &case.state {
        CaseState::Closed { .. } => None,
        CaseState::Settled { .. } => withdrawal_asked.then_some(Step::RefuseWithdrawal),
        _ if withdrawal_asked => Some(Step::Withdraw),
        CaseState::Filed | CaseState::Escalated { .. } => Some(Step::Route),
        CaseState::NegotiationFailed { .. } => escalates_by_itself(case).then_some(Step::Escalate),
        _ => None,
    }
}

/// Whether the consumer agreed beforehand to escalate what failed here: a silent enterprise, nothing else.
pub(crate) fn escalates_by_itself(case: &Case) -> bool {
    let silent = matches!(
        case.state,
        CaseState::NegotiationFailed {
            why: FailedWhy::EnterpriseSilent,
            ..
        }
    );
    silent && case.filing.consents.auto_escalation.is_some()
}

/// The command of a step; the reason of a withdrawal is that of the first request.
pub fn command_of(case: &Case, step: Step) -> Command {
    let reason = case
        .withdrawals
        .first()
        .map_or(WithdrawalReason::Other, |request| request.reason);
    by_system(match step {
        Step::Route => Body::Route,
        Step::Withdraw => Body::Withdraw { reason },
        Step::RefuseWithdrawal => Body::RefuseWithdrawal { reason },
        Step::Escalate => Body::Escalate,
    })
}

fn by_system(body: Body) -> Command {
    Command {
        by: Actor::system(),
        body,
    }
}
