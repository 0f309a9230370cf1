//! Notices of intake, and the decisions that answer them.

use law::grounds::EndingGround;
use uuid::Uuid;

use crate::decide::asked::Asked;
use crate::decide::mediation;
use crate::event::{EndingBasis, Event};
use crate::ids::TextRef;
use crate::refusal::{Reason, Refusal};
use crate::state::{CaseState, WithdrawalReason};

pub(super) fn ask_withdrawal(
    asked: &Asked<'_>,
    reason: WithdrawalReason,
    text: Option<TextRef>,
) -> Result<Event, Refusal> {
    asked.side()?;
    if asked.case.withdrawals.is_empty() {
        Ok(Event::WithdrawalRequested { reason, text })
    } else {
        Err(Reason::WithdrawalPending.into())
    }
}

/// Mediation ends on its first ground, everything before it is simply withdrawn.
pub(super) fn withdraw(asked: &Asked<'_>, reason: WithdrawalReason) -> Result<Event, Refusal> {
    pending(asked)?;
    if matches!(asked.case.state, CaseState::InMediation { .. }) {
        let ground = EndingGround::WithdrawnOrSelfSettled;
        return mediation::ended(asked, ground, EndingBasis::Withdrawn, None);
    }
    Ok(Event::ComplaintWithdrawn {
        reason,
        stopped: asked.stopped_clock(),
    })
}

pub(super) fn refuse_withdrawal(
    asked: &Asked<'_>,
    reason: WithdrawalReason,
) -> Result<Event, Refusal> {
    pending(asked)?;
    Ok(Event::WithdrawalRefused { reason })
}

fn pending(asked: &Asked<'_>) -> Result<(), Refusal> {
    if asked.case.withdrawals.is_empty() {
        Err(Reason::NoWithdrawalPending.into())
    } else {
        Ok(())
    }
}

pub(super) fn add_evidence(
    asked: &Asked<'_>,
    evidence: Uuid,
    hash: [u8; 32],
    media_type: &str,
    size_bytes: u64,
) -> Result<Event, Refusal> {
    let by = asked.side()?;
    Ok(Event::EvidenceAdded {
        evidence,
        hash,
        media_type: media_type.to_owned(),
        size_bytes,
        by,
    })
}
