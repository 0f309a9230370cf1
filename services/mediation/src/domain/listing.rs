//! Where a case stands in lists: its state, its enterprise, its due date, and the authorities that see it.

use std::collections::BTreeSet;

use case::{Case, CaseState, StateKind, Uscc};
use chrono::{DateTime, NaiveDate, Utc};

/// What lists are ordered and filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// State.
    pub(crate) state: StateKind,
    /// Who negotiates or negotiated, else the respondent of a case that came to an authority.
    pub(crate) enterprise: Option<Uscc>,
    /// When the state's clock is due, passed or not; [`never`] when none runs.
    pub(crate) due_at: DateTime<Utc>,
}

/// A case's entry and the scopes it is listed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The entry.
    pub(crate) entry: Entry,
    /// See [`held_by`], [`held_below`], [`at_or_below`].
    pub(crate) scopes: BTreeSet<String>,
}

impl Listing {
    /// The listing of a case as it stands.
    pub(crate) fn of(case: &Case) -> Self {
        let respondent = case.filing.respondent.uscc.as_ref();
        let enterprise = case
            .enterprise()
            .or(respondent.filter(|_| case.last_receipt.is_some()));
        let entry = Entry {
            state: StateKind::of(&case.state),
            enterprise: enterprise.cloned(),
            due_at: due_at(case).unwrap_or_else(never),
        };
        let scopes = scopes(case);
        Self { entry, scopes }
    }
}

/// The complainant and the representatives: those who list the case as their own.
pub(crate) fn parties(case: &Case) -> impl Iterator<Item = &str> {
    let filing = &case.filing;
    std::iter::once(&filing.complainant)
        .chain(&filing.representatives)
        .map(|party| party.as_str())
}

/// When the clock of the case's state is due, whether it has passed or not.
pub(crate) fn due_at(case: &Case) -> Option<DateTime<Utc>> {
    match &case.state {
        CaseState::HeldForRouting { due, .. }
        | CaseState::InNegotiation { due, .. }
        | CaseState::InMediation { due, .. } => Some(due.at),
        CaseState::NegotiationFailed { escalate_by, .. } => Some(escalate_by.at),
        CaseState::AtAuthority { receipt, .. } => Some(receipt.decide_by.at),
        CaseState::Settled { lapse, .. } => Some(lapse.at),
        CaseState::Filed | CaseState::Escalated { .. } | CaseState::Closed { .. } => None,
    }
}

/// The due instant of what never falls due: after every other one.
pub(crate) fn never() -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day of the calendar");
    law::day::start_of(day)
}

/// Scope of the cases an authority holds.
pub(crate) fn held_by(authority: &str) -> String {
    authority.to_owned()
}

/// Scope of the cases an authority holds, for officials of a superior.
pub(crate) fn held_below(superior: &str, authority: &str) -> String {
    format!("{superior}/{authority}")
}

/// Scope of the cases that are with an authority or one below it, or were when an authority last had them.
pub(crate) fn at_or_below(authority: &str) -> String {
    format!("{authority}/")
}

fn scopes(case: &Case) -> BTreeSet<String> {
    let mut scopes = BTreeSet::new();
    let chain: Vec<&str> = case
        .last_receipt
        .iter()
        .flat_map(|receipt| std::iter::once(&receipt.authority).chain(&receipt.ancestors))
        .map(|authority| authority.as_str())
        .collect();
    scopes.extend(chain.iter().map(|authority| at_or_below(authority)));
    if let Some(holder) = case.authority() {
        let holder = holder.as_str();
        let place = chain.iter().position(|authority| *authority == holder);
        let above = place.map_or(&[][..], |place| &chain[place + 1..]);
        scopes.insert(held_by(holder));
        scopes.insert(at_or_below(holder));
        scopes.extend(above.iter().map(|superior| held_below(superior, holder)));
    }
    scopes
}
