//! Which cases a caller asks to list, and under which of the caller's own scopes they are found.

use case::{Actor, ActorKind, Case, Reason, StateKind};
use chrono::{DateTime, Utc};

use super::listing::{due_at, held_below, held_by};

/// What a caller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Only cases with this enterprise.
    pub(crate) enterprise: Option<String>,
    /// Only cases this authority holds.
    pub(crate) authority: Option<String>,
    /// Only these states, each once.
    pub(crate) states: Vec<StateKind>,
    /// Only cases due before.
    pub(crate) due_before: Option<DateTime<Utc>>,
}

/// The index that is walked, and what is still to be checked of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// Every case.
    All,
    /// The cases of an enterprise.
    Enterprise {
        /// Its credit code.
        enterprise: String,
        /// Only those under this scope.
        scope: Option<String>,
    },
    /// The cases under a scope.
    Scope {
        /// As `listing` writes it.
        scope: String,
        /// Only those of this enterprise.
        enterprise: Option<String>,
    },
    /// The cases of a complainant or representative: few.
    Party {
        /// Opaque reference.
        party: String,
        /// Only those of this enterprise.
        enterprise: Option<String>,
        /// Only those under this scope.
        scope: Option<String>,
    },
}

impl Filter {
    /// The walk of a caller: never outside what the caller may read.
    ///
    /// # Errors
    /// The reason, for PERMISSION_DENIED.
    pub(crate) fn walk(&self, by: &Actor) -> Result<Walk, Reason> {
        let enterprise = self.enterprise.clone();
        let scope = self.authority.as_deref().map(held_by);
        let own = |part: &Option<String>| part.clone().ok_or(Reason::ActorNotPermitted);
        match by.kind {
            ActorKind::Consumer => Ok(Walk::Party {
                party: own(&by.subject)?,
                enterprise,
                scope,
            }),
            ActorKind::Enterprise => {
                let own = own(&by.org)?;
                if enterprise.is_some_and(|asked| asked != own) {
                    return Err(Reason::NotPartyToCase);
                }
                let enterprise = own;
                Ok(Walk::Enterprise { enterprise, scope })
            }
            ActorKind::Official => {
                let own = own(&by.org)?;
                let scope = match &self.authority {
                    None => super::listing::at_or_below(&own),
                    Some(asked) if *asked == own => held_by(&own),
                    Some(asked) => held_below(&own, asked),
                };
                Ok(Walk::Scope { scope, enterprise })
            }
            ActorKind::Operator | ActorKind::System => Ok(match (scope, enterprise) {
                (Some(scope), enterprise) => Walk::Scope { scope, enterprise },
                (None, Some(enterprise)) => Walk::Enterprise {
                    enterprise,
                    scope: None,
                },
                (None, None) => Walk::All,
            }),
            ActorKind::Staff | ActorKind::Agency => Err(Reason::ActorNotPermitted),
        }
    }

    /// Whether a case that was found by index still fits, read a moment later.
    pub(crate) fn still_fits(&self, case: &Case) -> bool {
        let holder = case.authority().map(|authority| authority.as_str());
        self.states.contains(&StateKind::of(&case.state))
            && (self.authority.is_none() || self.authority.as_deref() == holder)
            && self
                .due_before
                .is_none_or(|before| due_at(case).is_some_and(|due| due < before))
    }
}
