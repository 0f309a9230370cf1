//! Who may do what with the registry, and who may read which case.

use case::state::CaseState;
use case::{Actor, ActorKind, Case};
use law::directory::{AuthorityId, Directory};

/// Whether the actor may change the registry: who works for an authority (the regulator reviews and admits), and the
/// platform's operator, for setting up many at once.
pub fn may_keep_registry(by: &Actor) -> bool {
    matches!(
        by.kind,
        ActorKind::Official | ActorKind::Staff | ActorKind::Operator
    )
}

/// The authority the actor works for.
pub fn authority_of(by: &Actor) -> Option<AuthorityId> {
    match by.kind {
        ActorKind::Official | ActorKind::Staff => AuthorityId::parse(by.org.as_deref()?).ok(),
        _ => None,
    }
}

/// Whether the actor may see what waits at `holder`: who works there or above, and the operator.
pub fn may_see_held(by: &Actor, holder: &AuthorityId, directory: &Directory) -> bool {
    let works_above = || {
        authority_of(by).is_some_and(|own| own == *holder || directory.is_at_or_below(holder, &own))
    };
    by.kind == ActorKind::Operator || works_above()
}

/// Whether the actor may read the case: its parties, the authorities that hold or received it and those above, the state
/// level, and the operator.
pub fn may_read(case: &Case, by: &Actor, directory: &Directory) -> bool {
    match by.kind {
        ActorKind::Operator | ActorKind::System => true,
        ActorKind::Consumer => {
            let parties =
                std::iter::once(&case.filing.complainant).chain(&case.filing.representatives);
            by.subject
                .as_deref()
                .is_some_and(|subject| parties.into_iter().any(|party| party.as_str() == subject))
        }
        ActorKind::Enterprise => {
            let own = [case.filing.respondent.uscc.as_ref(), case.enterprise()];
            by.org
                .as_deref()
                .is_some_and(|org| own.into_iter().flatten().any(|uscc| uscc.as_str() == org))
        }
        ActorKind::Official | ActorKind::Staff => {
            authority_of(by).is_some_and(|own| is_theirs(case, &own, directory))
        }
        ActorKind::Agency => false,
    }
}

fn is_theirs(case: &Case, own: &AuthorityId, directory: &Directory) -> bool {
    let held = match &case.state {
        CaseState::HeldForRouting { holder, .. } => {
            holder == own || directory.is_at_or_below(holder, own)
        }
        _ => false,
    };
    // The receipt names the superiors of its day, whatever the directory says now.
    let received = case
        .last_receipt
        .as_ref()
        .is_some_and(|receipt| receipt.authority == *own || receipt.ancestors.contains(own));
    held || received || directory.state().id == *own
}

#[cfg(test)]
mod tests;
