//! Who may read a case, with its events and its texts. Who may act on it is `case`'s to say.

use case::{Actor, ActorKind, Case, Reason};

/// Whether the actor may read the case: its parties, the authorities it is or was with and those above them, and who
/// runs the platform.
///
/// # Errors
/// The reason, for PERMISSION_DENIED.
pub(crate) fn may_read(case: &Case, by: &Actor) -> Result<(), Reason> {
    let (may, reason) = match by.kind {
        ActorKind::Consumer => (is_complainant(case, by), Reason::NotPartyToCase),
        ActorKind::Enterprise => (is_enterprise(case, by), Reason::NotPartyToCase),
        ActorKind::Official => (is_overseen(case, by), Reason::NotHolder),
        ActorKind::Operator | ActorKind::System => (true, Reason::ActorNotPermitted),
        ActorKind::Staff | ActorKind::Agency => (false, Reason::ActorNotPermitted),
    };
    if may { Ok(()) } else { Err(reason) }
}

/// The complainant or a representative.
fn is_complainant(case: &Case, by: &Actor) -> bool {
    let subject = by.subject.as_deref();
    super::listing::parties(case).any(|party| Some(party) == subject)
}

/// The enterprise that negotiates or negotiated, and the respondent once the case has left the table of the parties
/// or a delegate sits there for it.
fn is_enterprise(case: &Case, by: &Actor) -> bool {
    let respondent = case.filing.respondent.uscc.as_ref();
    let told = case.last_receipt.is_some() || case.enterprise().is_some();
    let negotiates = case.enterprise();
    [negotiates, respondent.filter(|_| told)]
        .into_iter()
        .flatten()
        .any(|uscc| by.org.as_deref() == Some(uscc.as_str()))
}

/// The authority that holds the case or received it last, and its superiors.
fn is_overseen(case: &Case, by: &Actor) -> bool {
    let holder = case.authority();
    let receipt = case.last_receipt.as_ref();
    let chain = receipt
        .into_iter()
        .flat_map(|receipt| std::iter::once(&receipt.authority).chain(&receipt.ancestors));
    holder
        .into_iter()
        .chain(chain)
        .any(|authority| by.org.as_deref() == Some(authority.as_str()))
}
