//! Sessions, and mediation that ends without an agreement (Order 121 Arts 20-23).

use chrono::{DateTime, Utc};
use law::grounds::EndingGround;

use crate::actor::Side;
use crate::decide::asked::Asked;
use crate::decide::authority::not_for_command;
use crate::event::{EndingBasis, Event, StoppedClock};
use crate::ids::TextRef;
use crate::refusal::{Reason, Refusal};
use crate::state::CaseState;

pub(super) fn schedule(
    asked: &Asked<'_>,
    at: DateTime<Utc>,
    online: bool,
    place: TextRef,
    recusal_days: u32,
) -> Result<Event, Refusal> {
    mediator(asked)?;
    asked.possible_instant(at)?;
    Ok(Event::SessionScheduled {
        at,
        online,
        place,
        recusal_days,
    })
}

pub(super) fn end(
    asked: &Asked<'_>,
    ground: EndingGround,
    text: TextRef,
) -> Result<Event, Refusal> {
    mediator(asked)?;
    match (ground, &asked.case.state) {
        // The parties' own acts have their own commands.
        (EndingGround::WithdrawnOrSelfSettled, _) => return Err(not_for_command(ground.code())),
        (EndingGround::TimeExpired, CaseState::InMediation { due, .. }) => asked.passed(due.at)?,
        _ => {}
    }
    ended(asked, ground, EndingBasis::Decided, Some(text))
}

pub(super) fn record_self_settlement(asked: &Asked<'_>) -> Result<Event, Refusal> {
    mediator(asked)?;
    let ground = EndingGround::WithdrawnOrSelfSettled;
    ended(asked, ground, EndingBasis::SelfSettled, None)
}

/// Mediation ends on a ground of the rules pinned at the first receipt.
pub(super) fn ended(
    asked: &Asked<'_>,
    ground: EndingGround,
    basis: EndingBasis,
    text: Option<TextRef>,
) -> Result<Event, Refusal> {
    let rule_set = asked.case.rule_set();
    let number = ground.number_in(rule_set).ok_or_else(|| {
        Refusal::new(Reason::GroundNotInRuleSet)
            .with("ground", ground.code())
            .with("rule_set", rule_set.code())
    })?;
    Ok(Event::MediationEnded {
        ground,
        number,
        basis,
        text,
        stopped: stopped(asked)?,
    })
}

pub(super) fn mark_overdue(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let CaseState::InMediation {
        due, overdue_at, ..
    } = &asked.case.state
    else {
        return Err(Reason::WrongState.into());
    };
    let due = asked.passed_unrecorded(due, *overdue_at)?;
    Ok(Event::MediationOverdue { due })
}

/// The mediation clock, stopped now.
pub(super) fn stopped(asked: &Asked<'_>) -> Result<StoppedClock, Refusal> {
    asked
        .stopped_clock()
        .ok_or_else(|| Reason::WrongState.into())
}

/// The actor is an official of the mediating authority.
pub(super) fn mediator(asked: &Asked<'_>) -> Result<(), Refusal> {
    match asked.side()? {
        Side::Mediator => Ok(()),
        Side::Consumer | Side::Enterprise => Err(Reason::ActorNotPermitted.into()),
    }
}
