//! Mediation: sessions, terms, agreement.

use std::mem;

use chrono::{DateTime, Utc};
use law::Due;
use law::grounds::EndingGround;
use uuid::Uuid;

use crate::actor::Side;
use crate::event::{EndingBasis, Recorded, Settling};
use crate::evolve::{close, notices, performance};
use crate::state::{Case, CaseState, Outcome};
use crate::terms::{Agreed, Document, SettledHow, Terms};

pub(super) fn session_scheduled(case: &mut Case) {
    if let CaseState::InMediation { sessions, .. } = &mut case.state {
        *sessions += 1;
    }
}

pub(super) fn overdue(case: &mut Case, at: DateTime<Utc>) {
    if let CaseState::InMediation { overdue_at, .. } = &mut case.state {
        overdue_at.get_or_insert(at);
    }
}

/// One side accepted a mediator's proposal.
pub(super) fn accepted_by(case: &mut Case, proposal: Uuid, by: Side) {
    if let CaseState::InMediation { offers, .. } = &mut case.state {
        for offer in offers.iter_mut().filter(|offer| offer.id == proposal) {
            offer.accepted_by.push(by);
        }
    }
}

pub(super) fn agreed(case: &mut Case, at: DateTime<Utc>, terms: &Terms) {
    if let CaseState::InMediation { offers, agreed, .. } = &mut case.state {
        offers.clear();
        *agreed = Some(Agreed {
            terms: terms.clone(),
            document: None,
            at,
            signed_by: Vec::new(),
            waived_by: Vec::new(),
        });
    }
}

pub(super) fn signed(case: &mut Case, by: Side, document: [u8; 32]) {
    if let Some(agreed) = agreed_in(case) {
        agreed.document.get_or_insert(document);
        agreed.signed_by.push(by);
    }
}

/// One side waived a written agreement; the second waiver settles.
pub(super) fn waived(case: &mut Case, at: DateTime<Utc>, by: Side, settling: Option<&Settling>) {
    if let Some(agreed) = agreed_in(case) {
        agreed.waived_by.push(by);
    }
    if let Some(settling) = settling {
        settled(case, at, Document::Waived, &settling.lapse);
    }
}

fn agreed_in(case: &mut Case) -> Option<&mut Agreed> {
    match &mut case.state {
        CaseState::InMediation { agreed, .. } => agreed.as_mut(),
        _ => None,
    }
}

pub(super) fn settled(case: &mut Case, at: DateTime<Utc>, document: Document, lapse: &Due) {
    let terms = match mem::replace(&mut case.state, CaseState::Filed) {
        CaseState::InMediation {
            agreed: Some(agreed),
            ..
        } => agreed.terms,
        other => {
            case.state = other;
            return;
        }
    };
    stopped(case, at);
    performance::settled(case, at, SettledHow::Mediated, document, terms, lapse);
}

/// Ended without an agreement; terms that were agreed fall with it.
pub(super) fn ended(
    case: &mut Case,
    recorded: &Recorded,
    ground: EndingGround,
    basis: EndingBasis,
) {
    if basis == EndingBasis::Withdrawn {
        notices::answered(case, &recorded.meta.notice_heads);
    }
    stopped(case, recorded.meta.occurred_at);
    close(case, recorded, Outcome::MediationEnded(ground));
}

fn stopped(case: &mut Case, at: DateTime<Utc>) {
    if let Some(handling) = &mut case.milestones.handling {
        handling.ended_at = Some(at);
    }
}
