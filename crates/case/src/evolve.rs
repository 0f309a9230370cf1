//! Folding events into a case. Takes no law and no facts.
//!
//! Decisions come in the order of their versions. Notices may come before or after any decision their
//! writer had not read: taking one in commutes with every decision (`notices_commute_with_every_decision`).

mod authority;
mod mediation;
mod negotiation;
mod notices;
mod performance;
mod routing;

use std::sync::Arc;

use crate::event::{Event, Kind, Recorded};
use crate::milestones::Milestones;
use crate::state::{Case, CaseState, Outcome, Performed};
use crate::terms::Document;

/// The case after the event.
///
/// `None` in and out only for an event other than a filing on no case: admission never lets one through.
pub fn evolve(case: Option<Case>, recorded: &Recorded) -> Option<Case> {
    let Some(mut case) = case else {
        return filed(recorded);
    };
    case.at = case.at.max(recorded.meta.occurred_at);
    match recorded.event.kind() {
        Kind::Notice => notices::take(&mut case, recorded),
        Kind::Decision => {
            case.version = recorded.sequence;
            decided(&mut case, recorded);
        }
    }
    Some(case)
}

fn filed(recorded: &Recorded) -> Option<Case> {
    let Event::ComplaintFiled(filing) = &recorded.event else {
        return None;
    };
    Some(Case {
        id: recorded.case_id,
        space: recorded.meta.space.clone(),
        version: recorded.sequence,
        at: recorded.meta.occurred_at,
        filing: Arc::clone(filing),
        state: CaseState::Filed,
        odr_failed: false,
        last_receipt: None,
        receipts: 0,
        returns: 0,
        holds: 0,
        withdrawals: Vec::new(),
        answered: Default::default(),
        handling_reported_at: None,
        evidence: 0,
        rating: None,
        recovered: Default::default(),
        milestones: Milestones {
            filed_at: recorded.meta.occurred_at,
            negotiation: None,
            escalated_at: None,
            handling: None,
            settlement: None,
            closed_at: None,
        },
    })
}

/// One arm an event type, so that a new type cannot be forgotten.
fn decided(case: &mut Case, recorded: &Recorded) {
    let at = recorded.meta.occurred_at;
    match &recorded.event {
        // A second filing is never admitted; a notice is no decision.
        Event::ComplaintFiled(_)
        | Event::HandlingReported { .. }
        | Event::EvidenceAdded { .. }
        | Event::WithdrawalRequested { .. } => {}
        Event::RoutedToEnterprise(routed) => routing::to_enterprise(case, at, routed),
        Event::RoutedToAuthority(routed) => routing::to_authority(case, routed),
        Event::RoutingHeld {
            holder,
            reason,
            due,
        } => routing::held(case, at, holder, *reason, due),
        Event::RoutingOverdue { .. } => routing::overdue(case, at),
        Event::NegotiationAcknowledged => negotiation::acknowledged(case, at),
        Event::NegotiationAnswered { .. } => negotiation::answered(case, at),
        Event::SettlementProposed {
            proposal,
            by,
            terms,
            valid_until,
        } => negotiation::proposed(case, at, *proposal, *by, terms, *valid_until),
        Event::ProposalAccepted { proposal, by } => mediation::accepted_by(case, *proposal, *by),
        Event::ProposalRejected { proposal, by, .. } => {
            negotiation::rejected(case, at, *proposal, *by);
        }
        Event::ProposalExpired { proposal, .. } => negotiation::drop_offer(case, *proposal),
        Event::SettlementReached { terms, lapse, .. } => {
            performance::settled_directly(case, at, terms, lapse);
        }
        Event::TermsAgreed { terms, .. } => mediation::agreed(case, at, terms),
        Event::NegotiationDeclined {
            reason,
            escalate_by,
            ..
        } => negotiation::declined(case, at, *reason, escalate_by),
        Event::NegotiationExpired {
            why, escalate_by, ..
        }
        | Event::NegotiationEnded {
            why, escalate_by, ..
        } => negotiation::failed(case, at, *why, escalate_by),
        Event::ComplaintEscalated { .. } => negotiation::escalated(case, at),
        Event::ClosedUnescalated { .. } => close(case, recorded, Outcome::NotEscalated),
        Event::ComplaintAccepted { due, .. } => authority::accepted(case, at, due),
        Event::ComplaintRefused { ground, .. } => authority::refused(case, recorded, *ground),
        Event::CaseReturned { holder, due, .. } => authority::returned(case, at, holder, due),
        Event::AcceptanceOverdue { .. } => authority::overdue(case, at),
        Event::SessionScheduled { .. } => mediation::session_scheduled(case),
        Event::MediationEnded { ground, basis, .. } => {
            mediation::ended(case, recorded, *ground, *basis);
        }
        Event::MediationOverdue { .. } => mediation::overdue(case, at),
        Event::AgreementSigned { by, document } => mediation::signed(case, *by, *document),
        Event::AgreementSealed { lapse, .. } => {
            mediation::settled(case, at, Document::Agreement, lapse);
        }
        Event::AgreementWaived { by, settled } => {
            mediation::waived(case, at, *by, settled.as_deref());
        }
        Event::MediationRecorded { settled, .. } => {
            mediation::settled(case, at, Document::Recorded, &settled.lapse);
        }
        Event::PerformanceDeclared { .. } => performance::declared(case, at),
        Event::AgreementPerformed {
            performed,
            recovered,
        } => performance::confirmed(case, recorded, *performed, *recovered),
        Event::BreachReported { escalate_by, .. } => {
            performance::broken(case, recorded, escalate_by.as_ref());
        }
        Event::PerformanceLapsed { .. } => {
            performance::finished(case, recorded, Performed::Unknown);
        }
        Event::ComplaintWithdrawn { reason, .. } => notices::withdrawn(case, recorded, *reason),
        Event::WithdrawalRefused { .. } => {
            notices::answered(case, &recorded.meta.notice_heads);
        }
        Event::HandlingRated { stars } => performance::rated(case, at, *stars),
    }
}

/// Closes a case in which nothing was to be performed.
fn close(case: &mut Case, recorded: &Recorded, outcome: Outcome) {
    close_performed(case, recorded, outcome, Performed::NotApplicable);
}

/// Closes a case. Requests that are still unanswered came too late.
fn close_performed(case: &mut Case, recorded: &Recorded, outcome: Outcome, performed: Performed) {
    let at = recorded.meta.occurred_at;
    case.withdrawals.clear();
    case.milestones.closed_at = Some(at);
    case.state = CaseState::Closed {
        outcome,
        performed,
        at,
        heads: recorded.meta.notice_heads.clone(),
    };
}
