//! Settlements, their performance, and the rating.

use chrono::{DateTime, Utc};
use law::Due;

use crate::event::Recorded;
use crate::evolve::{close_performed, negotiation};
use crate::ids::Fen;
use crate::milestones::Settlement;
use crate::state::{Case, CaseState, FailedWhy, Outcome, Performed, Rating};
use crate::terms::{Document, SettledHow, Terms};

pub(super) fn settled_directly(case: &mut Case, at: DateTime<Utc>, terms: &Terms, lapse: &Due) {
    negotiation::stopped(case, at);
    let document = Document::Proposal;
    settled(case, at, SettledHow::Direct, document, terms.clone(), lapse);
}

pub(super) fn settled(
    case: &mut Case,
    at: DateTime<Utc>,
    how: SettledHow,
    document: Document,
    terms: Terms,
    lapse: &Due,
) {
    case.milestones.settlement = Some(Settlement {
        how,
        at,
        reliefs: terms.reliefs.clone(),
    });
    case.state = CaseState::Settled {
        how,
        terms,
        document,
        at,
        declared_at: None,
        lapse: lapse.clone(),
    };
}

pub(super) fn declared(case: &mut Case, at: DateTime<Utc>) {
    if let CaseState::Settled { declared_at, .. } = &mut case.state {
        declared_at.get_or_insert(at);
    }
}

pub(super) fn confirmed(
    case: &mut Case,
    recorded: &Recorded,
    performed: Performed,
    recovered: Fen,
) {
    case.recovered = recovered;
    finished(case, recorded, performed);
}

/// Not performed: with a window the negotiation failed after all, without one the case ends.
pub(super) fn broken(case: &mut Case, recorded: &Recorded, escalate_by: Option<&Due>) {
    match escalate_by {
        Some(due) => {
            negotiation::failed(case, recorded.meta.occurred_at, FailedWhy::Broken, due);
        }
        None => finished(case, recorded, Performed::No),
    }
}

/// A settled case ends, performed or not.
pub(super) fn finished(case: &mut Case, recorded: &Recorded, performed: Performed) {
    let outcome = match &case.state {
        CaseState::Settled {
            how: SettledHow::Mediated,
            ..
        } => Outcome::Mediated,
        _ => Outcome::SettledDirectly,
    };
    close_performed(case, recorded, outcome, performed);
}

pub(super) fn rated(case: &mut Case, at: DateTime<Utc>, stars: u8) {
    case.rating = Some(Rating { stars, at });
}
