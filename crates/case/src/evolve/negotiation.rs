//! Negotiation with the ODR enterprise, offers, and what follows a failure.

use chrono::{DateTime, Utc};
use law::Due;
use uuid::Uuid;

use crate::actor::Side;
use crate::state::{Case, CaseState, DeclineReason, FailedWhy, LastAct};
use crate::terms::{Offer, Terms};

pub(super) fn acknowledged(case: &mut Case, at: DateTime<Utc>) {
    if let CaseState::InNegotiation {
        acknowledged_at, ..
    } = &mut case.state
    {
        acknowledged_at.get_or_insert(at);
    }
    if let Some(negotiation) = &mut case.milestones.negotiation {
        negotiation.acknowledged_at.get_or_insert(at);
    }
}

pub(super) fn answered(case: &mut Case, at: DateTime<Utc>) {
    act(case, at, LastAct::EnterpriseAnswered);
    if let CaseState::InNegotiation { last_answer_at, .. } = &mut case.state {
        *last_answer_at = Some(at);
    }
}

pub(super) fn proposed(
    case: &mut Case,
    at: DateTime<Utc>,
    id: Uuid,
    by: Side,
    terms: &Terms,
    valid_until: DateTime<Utc>,
) {
    match by {
        Side::Consumer => act(case, at, LastAct::ConsumerProposed),
        Side::Enterprise => act(case, at, LastAct::EnterpriseProposed),
        Side::Mediator => {}
    }
    if let CaseState::InNegotiation { offers, .. } | CaseState::InMediation { offers, .. } =
        &mut case.state
    {
        offers.retain(|offer| offer.by != by);
        offers.push(Offer {
            id,
            by,
            terms: terms.clone(),
            valid_until,
            at,
            accepted_by: Vec::new(),
        });
    }
}

pub(super) fn rejected(case: &mut Case, at: DateTime<Utc>, proposal: Uuid, by: Side) {
    match by {
        Side::Consumer => act(case, at, LastAct::ConsumerRejected),
        Side::Enterprise => act(case, at, LastAct::EnterpriseRejected),
        Side::Mediator => {}
    }
    drop_offer(case, proposal);
}

pub(super) fn drop_offer(case: &mut Case, proposal: Uuid) {
    match &mut case.state {
        CaseState::InNegotiation { offers, .. } | CaseState::InMediation { offers, .. } => {
            offers.retain(|offer| offer.id != proposal);
        }
        CaseState::NegotiationFailed { offer_open, .. } => {
            offer_open.take_if(|offer| offer.id == proposal);
        }
        _ => {}
    }
}

/// Remembers the last act; an act of the enterprise is also its answer. In a negotiation only.
fn act(case: &mut Case, at: DateTime<Utc>, act: LastAct) {
    let CaseState::InNegotiation { last_act, .. } = &mut case.state else {
        return;
    };
    *last_act = Some(act);
    let by_enterprise = matches!(
        act,
        LastAct::EnterpriseAnswered | LastAct::EnterpriseProposed | LastAct::EnterpriseRejected
    );
    if let Some(negotiation) = case
        .milestones
        .negotiation
        .as_mut()
        .filter(|_| by_enterprise)
    {
        negotiation.answered_at.get_or_insert(at);
    }
}

pub(super) fn declined(
    case: &mut Case,
    at: DateTime<Utc>,
    reason: DeclineReason,
    escalate_by: &Due,
) {
    if let CaseState::InNegotiation { offers, .. } = &mut case.state {
        offers.clear();
    }
    failed(case, at, FailedWhy::of_decline(reason), escalate_by);
}

/// The negotiation failed; the enterprise's offer stays open as long as it is valid.
pub(super) fn failed(case: &mut Case, at: DateTime<Utc>, why: FailedWhy, escalate_by: &Due) {
    let offer_open = match &mut case.state {
        CaseState::InNegotiation { offers, .. } => std::mem::take(offers)
            .into_iter()
            .find(|offer| offer.by == Side::Enterprise && offer.valid_until > at),
        _ => None,
    };
    stopped(case, at);
    if let Some(negotiation) = &mut case.milestones.negotiation {
        negotiation.failed = Some(why);
    }
    case.odr_failed = true;
    case.state = CaseState::NegotiationFailed {
        why,
        at,
        escalate_by: escalate_by.clone(),
        offer_open,
    };
}

/// The negotiation, if there was one, ended now unless it had before.
pub(super) fn stopped(case: &mut Case, at: DateTime<Utc>) {
    if let Some(negotiation) = &mut case.milestones.negotiation {
        negotiation.ended_at.get_or_insert(at);
    }
}

pub(super) fn escalated(case: &mut Case, at: DateTime<Utc>) {
    case.milestones.escalated_at = Some(at);
    case.state = CaseState::Escalated { at };
}
