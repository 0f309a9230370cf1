//! What an authority does with a case before mediation.

use std::mem;

use chrono::{DateTime, Utc};
use law::Due;
use law::directory::AuthorityId;
use law::grounds::RefusalGround;

use crate::event::Recorded;
use crate::evolve::{close, routing};
use crate::state::{Case, CaseState, HoldReason, Outcome};

pub(super) fn accepted(case: &mut Case, at: DateTime<Utc>, due: &Due) {
    case.state = match mem::replace(&mut case.state, CaseState::Filed) {
        CaseState::AtAuthority { receipt, .. } => CaseState::InMediation {
            receipt,
            accepted_at: at,
            due: due.clone(),
            overdue_at: None,
            sessions: 0,
            offers: Vec::new(),
            agreed: None,
        },
        other => other,
    };
    if let Some(handling) = &mut case.milestones.handling {
        handling.decided_at = Some(at);
        handling.accepted_at = Some(at);
        handling.mediation_due = Some(due.clone());
    }
}

/// Refused by the authority that received it, or by the holder of a held case, whom no clock bound.
pub(super) fn refused(case: &mut Case, recorded: &Recorded, ground: RefusalGround) {
    let received = matches!(case.state, CaseState::AtAuthority { .. });
    if let Some(handling) = case.milestones.handling.as_mut().filter(|_| received) {
        handling.decided_at = Some(recorded.meta.occurred_at);
    }
    close(case, recorded, Outcome::Refused(ground));
}

pub(super) fn returned(case: &mut Case, at: DateTime<Utc>, holder: &AuthorityId, due: &Due) {
    case.returns += 1;
    routing::held(case, at, holder, HoldReason::Returned, due);
}

pub(super) fn overdue(case: &mut Case, at: DateTime<Utc>) {
    if let CaseState::AtAuthority { overdue_at, .. } = &mut case.state {
        overdue_at.get_or_insert(at);
    }
}
