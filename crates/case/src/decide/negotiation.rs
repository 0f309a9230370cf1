//! What enterprise and consumer do in a negotiation, how it fails, and the way on.

use chrono::{DateTime, Utc};

use crate::actor::ActorKind;
use crate::decide::asked::Asked;
use crate::event::{Event, StoppedClock};
use crate::ids::TextRef;
use crate::refusal::{Reason, Refusal};
use crate::state::{Case, CaseState, DeclineReason, FailedWhy, LastAct};
use crate::step::escalates_by_itself;

pub(super) fn acknowledge(asked: &Asked<'_>) -> Result<Event, Refusal> {
    asked.side()?;
    match &asked.case.state {
        CaseState::InNegotiation {
            acknowledged_at: Some(_),
            ..
        } => Err(Reason::AlreadyAcknowledged.into()),
        _ => Ok(Event::NegotiationAcknowledged),
    }
}

pub(super) fn answer(asked: &Asked<'_>, text: TextRef, machine: bool) -> Result<Event, Refusal> {
    asked.side()?;
    Ok(Event::NegotiationAnswered { text, machine })
}

/// Only the enterprise that negotiates or negotiated has something to report.
pub(super) fn report(
    asked: &Asked<'_>,
    handled_at: DateTime<Utc>,
    [course, method, result]: [TextRef; 3],
) -> Result<Event, Refusal> {
    let negotiated = asked.case.enterprise().map(|uscc| uscc.as_str());
    if negotiated.is_none() || asked.by.org.as_deref() != negotiated {
        return Err(Reason::NotPartyToCase.into());
    }
    if handled_at > asked.now {
        return Err(Refusal::new(Reason::DateNotPossible).with("field", "handled_at"));
    }
    Ok(Event::HandlingReported {
        handled_at,
        course,
        method,
        result,
    })
}

pub(super) fn decline(
    asked: &Asked<'_>,
    reason: DeclineReason,
    text: TextRef,
) -> Result<Event, Refusal> {
    asked.side()?;
    Ok(Event::NegotiationDeclined {
        reason,
        text,
        escalate_by: asked.escalate_by(),
        stopped: stopped(asked)?,
    })
}

pub(super) fn expire(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let CaseState::InNegotiation { due, last_act, .. } = &asked.case.state else {
        return Err(Reason::WrongState.into());
    };
    asked.passed(due.at)?;
    let why = match last_act {
        _ if is_silent(asked.case) => FailedWhy::EnterpriseSilent,
        Some(LastAct::EnterpriseProposed) => FailedWhy::ConsumerSilent,
        _ => FailedWhy::NotAgreedInTime,
    };
    Ok(Event::NegotiationExpired {
        why,
        escalate_by: asked.escalate_by(),
        stopped: stopped(asked)?,
    })
}

pub(super) fn end(asked: &Asked<'_>) -> Result<Event, Refusal> {
    asked.side()?;
    let why = if is_silent(asked.case) {
        FailedWhy::ConsumerLeftBeforeAnswer
    } else {
        FailedWhy::ConsumerUnsatisfied
    };
    Ok(Event::NegotiationEnded {
        why,
        escalate_by: asked.escalate_by(),
        stopped: stopped(asked)?,
    })
}

/// No answer, proposal, rejection or handling report came from the enterprise.
fn is_silent(case: &Case) -> bool {
    let answered = case
        .milestones
        .negotiation
        .as_ref()
        .is_some_and(|negotiation| negotiation.answered_at.is_some());
    !answered && case.handling_reported_at.is_none()
}

fn stopped(asked: &Asked<'_>) -> Result<StoppedClock, Refusal> {
    asked
        .stopped_clock()
        .ok_or_else(|| Reason::WrongState.into())
}

/// The window binds the consumer; who agreed beforehand is escalated whenever the step comes.
pub(super) fn escalate(asked: &Asked<'_>) -> Result<Event, Refusal> {
    if asked.by.kind == ActorKind::System {
        return if escalates_by_itself(asked.case) {
            Ok(Event::ComplaintEscalated { automatic: true })
        } else {
            Err(Refusal::new(Reason::ActorNotPermitted).with("actor", asked.by.kind))
        };
    }
    asked.side()?;
    match &asked.case.state {
        CaseState::NegotiationFailed { escalate_by, .. } if asked.now >= escalate_by.at => {
            Err(Refusal::new(Reason::WindowPassed).with("last_day", escalate_by.last_day))
        }
        _ => Ok(Event::ComplaintEscalated { automatic: false }),
    }
}

pub(super) fn close_unescalated(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let CaseState::NegotiationFailed { escalate_by, .. } = &asked.case.state else {
        return Err(Reason::WrongState.into());
    };
    if escalates_by_itself(asked.case) {
        return Err(Reason::NotDue.into());
    }
    asked.passed(escalate_by.at)?;
    Ok(Event::ClosedUnescalated {
        due: escalate_by.clone(),
    })
}
