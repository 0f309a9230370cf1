//! What a state says beyond its kind, as callers read it.

use case::CaseState;
use case::step::DeadlineKind;
use case::terms::{Agreed, Terms};
use chrono::{DateTime, Utc};
use law::Due;

use crate::listed::Listed;
use crate::odr::case::v1;
use crate::odr::case::v1::case::Detail;
use crate::scalar::{day_text, numbers, timestamp};

/// The content of a state; `None` for one that has none.
pub(super) fn detail(state: &CaseState) -> Option<Detail> {
    let detail = match state {
        CaseState::Filed => return None,
        CaseState::HeldForRouting {
            holder,
            reason,
            since,
            ..
        } => Detail::Held(v1::CaseHeld {
            holder: holder.as_str().to_owned(),
            reason: reason.number(),
            held_at: Some(timestamp(*since)),
        }),
        CaseState::InNegotiation {
            enterprise,
            on_behalf_of,
            since,
            acknowledged_at,
            last_answer_at,
            last_act,
            ..
        } => Detail::InNegotiation(v1::CaseInNegotiation {
            enterprise: enterprise.as_str().to_owned(),
            on_behalf_of: on_behalf_of.as_ref().map(|uscc| uscc.as_str().to_owned()),
            started_at: Some(timestamp(*since)),
            acknowledged_at: acknowledged_at.map(timestamp),
            last_answer_at: last_answer_at.map(timestamp),
            last_act: last_act.map(Listed::number).unwrap_or_default(),
        }),
        CaseState::NegotiationFailed { why, at, .. } => {
            Detail::NegotiationFailed(v1::CaseNegotiationFailed {
                why: why.number(),
                failed_at: Some(timestamp(*at)),
            })
        }
        CaseState::Escalated { at } => Detail::Escalated(v1::CaseEscalated {
            escalated_at: Some(timestamp(*at)),
        }),
        CaseState::AtAuthority { receipt, .. } => Detail::AtAuthority(v1::CaseAtAuthority {
            receipt: Some(receipt.into()),
        }),
        CaseState::InMediation {
            receipt,
            accepted_at,
            sessions,
            agreed: reached,
            ..
        } => Detail::InMediation(Box::new(v1::CaseInMediation {
            receipt: Some(receipt.into()),
            accepted_at: Some(timestamp(*accepted_at)),
            session_count: *sessions,
            agreed: reached.as_ref().map(agreed),
        })),
        CaseState::Settled {
            how,
            terms: reached,
            document,
            at,
            declared_at,
            ..
        } => Detail::Settled(v1::CaseSettled {
            how: how.number(),
            terms: Some(terms(reached)),
            document: document.number(),
            settled_at: Some(timestamp(*at)),
            declared_at: declared_at.map(timestamp),
        }),
        CaseState::Closed {
            outcome,
            performed,
            at,
            ..
        } => Detail::Closed(v1::CaseClosed {
            outcome: Some((*outcome).into()),
            performed: performed.number(),
            closed_at: Some(timestamp(*at)),
        }),
    };
    Some(detail)
}

/// The clock of a state: what falls due, when, and when it was found to have passed.
pub(super) fn clock(state: &CaseState) -> Option<(DeadlineKind, &Due, Option<DateTime<Utc>>)> {
    match state {
        CaseState::HeldForRouting {
            due, overdue_at, ..
        } => Some((DeadlineKind::RoutingOverdue, due, *overdue_at)),
        CaseState::InNegotiation { due, .. } => Some((DeadlineKind::Negotiation, due, None)),
        CaseState::NegotiationFailed { escalate_by, .. } => {
            Some((DeadlineKind::Escalation, escalate_by, None))
        }
        CaseState::AtAuthority {
            receipt,
            overdue_at,
        } => Some((DeadlineKind::Acceptance, &receipt.decide_by, *overdue_at)),
        CaseState::InMediation {
            due, overdue_at, ..
        } => Some((DeadlineKind::Mediation, due, *overdue_at)),
        CaseState::Settled { lapse, .. } => Some((DeadlineKind::Performance, lapse, None)),
        CaseState::Filed | CaseState::Escalated { .. } | CaseState::Closed { .. } => None,
    }
}

pub(super) fn terms(terms: &Terms) -> v1::CaseTerms {
    v1::CaseTerms {
        reliefs: terms.reliefs.iter().map(Into::into).collect(),
        payer: terms.payer.number(),
        perform_by: day_text(terms.perform_by),
        text_id: terms.text.map(|text| text.id.to_string()),
    }
}

fn agreed(agreed: &Agreed) -> v1::CaseAgreed {
    v1::CaseAgreed {
        terms: Some(terms(&agreed.terms)),
        document: agreed.document.map(|document| document.to_vec()),
        agreed_at: Some(timestamp(agreed.at)),
        signed_by: numbers(&agreed.signed_by),
        waived_by: numbers(&agreed.waived_by),
    }
}
