//! Notices, and the decisions that answer them. Nothing here may depend on the order of arrival.

use crate::event::{Event, Heads, Recorded};
use crate::evolve::{close, negotiation};
use crate::state::{Case, CaseState, Outcome, WithdrawalReason, WithdrawalRequest};

/// Takes a notice in.
pub(super) fn take(case: &mut Case, recorded: &Recorded) {
    let at = recorded.meta.occurred_at;
    match &recorded.event {
        Event::HandlingReported { .. } => {
            let first = case.handling_reported_at.map_or(at, |known| known.min(at));
            case.handling_reported_at = Some(first);
        }
        Event::EvidenceAdded { .. } => case.evidence += 1,
        Event::WithdrawalRequested { reason, .. } => request(
            case,
            WithdrawalRequest {
                source: recorded.source,
                sequence: recorded.sequence,
                reason: *reason,
                event_id: recorded.id,
            },
        ),
        _ => {}
    }
}

/// Pending unless an answer had absorbed it, or the case is closed: then it was answered, or came too late.
fn request(case: &mut Case, request: WithdrawalRequest) {
    if matches!(case.state, CaseState::Closed { .. }) || is_answered(&case.answered, &request) {
        return;
    }
    let key = |request: &WithdrawalRequest| (request.source, request.sequence);
    if let Err(place) = case.withdrawals.binary_search_by_key(&key(&request), key) {
        case.withdrawals.insert(place, request);
    }
}

/// Withdrawn before mediation.
pub(super) fn withdrawn(case: &mut Case, recorded: &Recorded, reason: WithdrawalReason) {
    answered(case, &recorded.meta.notice_heads);
    negotiation::stopped(case, recorded.meta.occurred_at);
    close(case, recorded, Outcome::Withdrawn(reason));
}

/// A decision answered every request that its owner had taken in.
pub(super) fn answered(case: &mut Case, heads: &Heads) {
    for (source, head) in heads {
        let known = case.answered.entry(*source).or_insert(*head);
        if head.sequence > known.sequence {
            *known = *head;
        }
    }
    let answered = &case.answered;
    case.withdrawals
        .retain(|request| !is_answered(answered, request));
}

fn is_answered(answered: &Heads, request: &WithdrawalRequest) -> bool {
    answered
        .get(&request.source)
        .is_some_and(|head| request.sequence <= head.sequence)
}
