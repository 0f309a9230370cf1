//! Who may read a complaint with everything personal in it.

use case::{Case, Reason};
use chassis::principal::{Kind, Principal};
use law::directory::{AuthorityId, Directory};

/// Its own consumer or representative, staff, the platform itself, and officials of the authority that holds the case
/// (or held it last) or stands above that one. Enterprises, agencies and operators get what they need elsewhere,
/// without anything personal.
///
/// # Errors
/// Why not.
pub(crate) fn may_read(case: &Case, by: &Principal, directory: &Directory) -> Result<(), Reason> {
    let (allowed, reason) = match by.kind {
        Kind::Consumer => (is_own(case, by), Reason::NotPartyToCase),
        Kind::Official => (is_within_reach(case, by, directory), Reason::NotHolder),
        Kind::Staff | Kind::System => (true, Reason::ActorNotPermitted),
        Kind::Enterprise | Kind::Agency | Kind::Operator => (false, Reason::ActorNotPermitted),
    };
    if allowed { Ok(()) } else { Err(reason) }
}

fn is_own(case: &Case, by: &Principal) -> bool {
    let filing = &case.filing;
    let mut own = std::iter::once(&filing.complainant).chain(&filing.representatives);
    by.subject
        .as_deref()
        .is_some_and(|subject| own.any(|party| party.as_str() == subject))
}

fn is_within_reach(case: &Case, by: &Principal, directory: &Directory) -> bool {
    let last = case.last_receipt.as_ref().map(|receipt| &receipt.authority);
    let Some(holder) = case.authority().or(last) else {
        return false;
    };
    let own = by
        .org
        .as_deref()
        .and_then(|org| AuthorityId::parse(org).ok());
    own.is_some_and(|own| *holder == own || directory.is_at_or_below(holder, &own))
}
