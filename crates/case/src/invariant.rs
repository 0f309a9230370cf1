//! What must hold of every case after every event; checked in release builds.

use std::collections::BTreeSet;

use law::Due;
use law::day::start_of;

use crate::actor::Side;
use crate::event::Heads;
use crate::ids::Fen;
use crate::milestones::Milestones;
use crate::state::{Case, CaseState, PARTIES, Receipt};
use crate::terms::{Agreed, Offer, Terms};

/// The invariants by number (from 1), as `docs/case-lifecycle.md` lists them.
pub const INVARIANTS: [&str; 8] = [
    "Versions are 1, 2, 3 … without holes; only the owner of the state appends.",
    "Folding the events gives the stored state, in every service, always.",
    "A closed case takes only: rating, notices, handling report.",
    "A case has exactly one holder; at most one negotiation clock and one authority clock run.",
    "Counted days and paused days make the elapsed days; a due date ends with its last day at +08:00.",
    "Every refusal names a reason of the closed list; nothing is half done.",
    "Money is in fen, never negative, never above the agreed terms.",
    "Nothing that identifies a person, and no free text, is in an event.",
];

/// An invariant by number, and whether it holds.
type Check = (usize, fn(&Case) -> bool);

/// The first broken invariant of those that one case alone can show (1, 3, 4, 5, 7), or `None`.
pub fn broken(case: &Case) -> Option<&'static str> {
    let checks: [Check; 5] = [
        (1, counts_fit),
        (3, is_at_rest_when_closed),
        (4, has_one_holder),
        (5, clocks_fit),
        (7, money_fits),
    ];
    checks
        .into_iter()
        .find(|(_, holds)| !holds(case))
        .map(|(number, _)| INVARIANTS[number - 1])
}

/// Versions begin at 1; receipts, returns and pending requests are counted without contradiction.
fn counts_fit(case: &Case) -> bool {
    let receipts_fit = case.last_receipt.as_ref().map_or(0, |receipt| receipt.nth) == case.receipts
        && case.returns <= case.receipts
        && case.returns <= case.holds;
    let ordered = case
        .withdrawals
        .windows(2)
        .all(|pair| (pair[0].source, pair[0].sequence) < (pair[1].source, pair[1].sequence));
    let pending = case.withdrawals.iter().all(|request| {
        let absorbed = |heads: &Heads| heads.get(&request.source).map_or(0, |head| head.sequence);
        request.sequence > absorbed(&case.answered)
    });
    case.version >= 1 && receipts_fit && ordered && pending
}

fn is_at_rest_when_closed(case: &Case) -> bool {
    let is_closed = matches!(case.state, CaseState::Closed { .. });
    let closed_once = is_closed == case.milestones.closed_at.is_some();
    closed_once && (is_closed && case.withdrawals.is_empty() || !is_closed && case.rating.is_none())
}

/// The state and what the case remembers name the same holder.
fn has_one_holder(case: &Case) -> bool {
    let Milestones {
        negotiation,
        handling,
        settlement,
        ..
    } = &case.milestones;
    let is_received = |receipt: &Receipt| {
        case.last_receipt.as_ref() == Some(receipt)
            && handling
                .as_ref()
                .is_some_and(|handling| handling.authority == receipt.authority)
    };
    match &case.state {
        CaseState::Filed => case.version == 1 && negotiation.is_none() && handling.is_none(),
        CaseState::InNegotiation { enterprise, .. } => {
            case.enterprise() == Some(enterprise)
                && !case.odr_failed
                && negotiation
                    .as_ref()
                    .is_some_and(|negotiation| negotiation.ended_at.is_none())
        }
        CaseState::NegotiationFailed { .. } | CaseState::Escalated { .. } => {
            negotiation.is_some() && case.odr_failed
        }
        CaseState::AtAuthority { receipt, .. } => is_received(receipt),
        CaseState::InMediation {
            receipt, agreed, ..
        } => is_received(receipt) && agreed.as_ref().is_none_or(is_one_way),
        CaseState::Settled { .. } => settlement.is_some(),
        CaseState::HeldForRouting { .. } | CaseState::Closed { .. } => true,
    }
}

/// Each side signs or waives once, never both, and the mediator neither.
fn is_one_way(agreed: &Agreed) -> bool {
    let acts: Vec<Side> = agreed
        .signed_by
        .iter()
        .chain(&agreed.waived_by)
        .copied()
        .collect();
    let sides: BTreeSet<Side> = acts.iter().copied().collect();
    sides.len() == acts.len()
        && sides.iter().all(|side| PARTIES.contains(side))
        && agreed.document.is_none() == agreed.signed_by.is_empty()
}

/// A due date is the end of its last day, and no clock runs backwards. Offers are at most one a side.
fn clocks_fit(case: &Case) -> bool {
    let ends_with_its_day = |due: &Due| due.last_day.succ_opt().map(start_of) == Some(due.at);
    let due = match &case.state {
        CaseState::HeldForRouting { due, .. }
        | CaseState::InNegotiation { due, .. }
        | CaseState::InMediation { due, .. } => Some(due),
        CaseState::NegotiationFailed { escalate_by, .. } => Some(escalate_by),
        CaseState::AtAuthority { receipt, .. } => Some(&receipt.decide_by),
        CaseState::Settled { lapse, .. } => Some(lapse),
        CaseState::Filed | CaseState::Escalated { .. } | CaseState::Closed { .. } => None,
    };
    due.is_none_or(ends_with_its_day) && case.at >= case.milestones.filed_at && offers_fit(case)
}

fn offers_fit(case: &Case) -> bool {
    let offers = case.offers();
    let sides: BTreeSet<Side> = offers.iter().map(|offer| offer.by).collect();
    let terms_agreed = matches!(
        case.state,
        CaseState::InMediation {
            agreed: Some(_),
            ..
        }
    );
    let accepted_rightly =
        |offer: &Offer| offer.accepted_by.is_empty() || offer.by == Side::Mediator;
    sides.len() == offers.len()
        && (!terms_agreed || offers.is_empty())
        && offers
            .iter()
            .all(|offer| offer.valid_until > offer.at && accepted_rightly(offer))
}

fn money_fits(case: &Case) -> bool {
    let settled: Fen = Fen(case
        .milestones
        .settlement
        .iter()
        .flat_map(|settlement| &settlement.reliefs)
        .map(|relief| relief.amount.0)
        .sum());
    let agreed = match &case.state {
        CaseState::Settled { terms, .. } => Some(terms),
        CaseState::InMediation {
            agreed: Some(agreed),
            ..
        } => Some(&agreed.terms),
        _ => None,
    };
    let filing = &case.filing;
    (0..=settled.0).contains(&case.recovered.0)
        && filing.paid.0 >= 0
        && filing.claimed.0 >= 0
        && agreed.is_none_or(terms_fit)
        && case.offers().iter().all(|offer| terms_fit(&offer.terms))
}

/// Amounts belong to reliefs that are money, and none is negative.
fn terms_fit(terms: &Terms) -> bool {
    !terms.reliefs.is_empty()
        && terms
            .reliefs
            .iter()
            .all(|relief| relief.amount.0 == 0 || relief.amount.0 > 0 && relief.kind.is_monetary())
}
