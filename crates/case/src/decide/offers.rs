//! Offers in negotiation and mediation: made, accepted, rejected, expired.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::actor::Side;
use crate::decide::asked::Asked;
use crate::event::Event;
use crate::ids::TextRef;
use crate::refusal::{Reason, Refusal};
use crate::state::{Case, CaseState, PARTIES};
use crate::terms::{Offer, Terms};

/// The most that one amount may be, in fen: a hundred thousand million in the currency's unit.
pub(super) const MOST_FEN: i64 = 10_000_000_000_000;

/// The most reliefs one offer may have.
const MOST_RELIEFS: usize = 8;

pub(super) fn propose(
    asked: &Asked<'_>,
    proposal: Uuid,
    terms: &Terms,
    valid_until: Option<DateTime<Utc>>,
) -> Result<Event, Refusal> {
    let by = asked.side()?;
    no_terms_yet(asked.case)?;
    possible(asked, terms)?;
    let valid_until = match valid_until {
        Some(at) => {
            asked.possible_instant(at)?;
            at
        }
        None => asked.law.offer_due(asked.today(), asked.case.rule_set()).at,
    };
    Ok(Event::SettlementProposed {
        proposal,
        by,
        terms: terms.clone(),
        valid_until,
    })
}

fn possible(asked: &Asked<'_>, terms: &Terms) -> Result<(), Refusal> {
    if !(1..=MOST_RELIEFS).contains(&terms.reliefs.len()) {
        return Err(Reason::ReliefsNotPossible.into());
    }
    for relief in &terms.reliefs {
        let most = if relief.kind.is_monetary() {
            MOST_FEN
        } else {
            0
        };
        if !(0..=most).contains(&relief.amount.0) {
            return Err(Refusal::new(Reason::AmountNotPossible).with("relief", relief.kind));
        }
    }
    asked.possible_day(terms.perform_by)
}

pub(super) fn accept(asked: &Asked<'_>, proposal: Uuid) -> Result<Event, Refusal> {
    let side = asked.side()?;
    let offer = open_to(asked, proposal, side)?;
    let terms = offer.terms.clone();
    if !matches!(asked.case.state, CaseState::InMediation { .. }) {
        let set = asked.case.rule_set();
        return Ok(Event::SettlementReached {
            proposal,
            lapse: asked.law.performance_lapse_due(terms.perform_by, set),
            terms,
            stopped: asked.stopped_clock(),
        });
    }
    if offer.accepted_by.contains(&side) {
        return Err(Reason::ProposalAlreadyAccepted.into());
    }
    let other_accepted = PARTIES
        .iter()
        .all(|party| *party == side || offer.by == *party || offer.accepted_by.contains(party));
    Ok(if other_accepted {
        Event::TermsAgreed { proposal, terms }
    } else {
        Event::ProposalAccepted { proposal, by: side }
    })
}

pub(super) fn reject(
    asked: &Asked<'_>,
    proposal: Uuid,
    text: Option<TextRef>,
) -> Result<Event, Refusal> {
    let by = asked.side()?;
    open_to(asked, proposal, by)?;
    Ok(Event::ProposalRejected { proposal, by, text })
}

pub(super) fn expire(asked: &Asked<'_>, proposal: Uuid) -> Result<Event, Refusal> {
    let due = find(asked.case, proposal)?.valid_until;
    asked.passed(due)?;
    Ok(Event::ProposalExpired { proposal, due })
}

/// The other side's offer, in time.
fn open_to<'a>(asked: &Asked<'a>, proposal: Uuid, side: Side) -> Result<&'a Offer, Refusal> {
    no_terms_yet(asked.case)?;
    let offer = find(asked.case, proposal)?;
    if offer.by == side {
        return Err(Reason::OwnProposal.into());
    }
    if asked.now >= offer.valid_until {
        return Err(Reason::ProposalExpired.into());
    }
    Ok(offer)
}

fn find(case: &Case, proposal: Uuid) -> Result<&Offer, Refusal> {
    case.offers()
        .iter()
        .find(|offer| offer.id == proposal)
        .ok_or_else(|| Reason::ProposalNotOpen.into())
}

fn no_terms_yet(case: &Case) -> Result<(), Refusal> {
    match &case.state {
        CaseState::InMediation {
            agreed: Some(_), ..
        } => Err(Reason::TermsAlreadyAgreed.into()),
        _ => Ok(()),
    }
}
