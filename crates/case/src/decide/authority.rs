//! Accept, refuse, return (Order 121 Arts 15, 16, 41).

use law::directory::AuthorityId;
use law::grounds::RefusalGround;

use crate::decide::asked::Asked;
use crate::event::{Event, StoppedClock};
use crate::ids::TextRef;
use crate::refusal::{Reason, Refusal};
use crate::state::{CaseState, Receipt, ReturnReason};

pub(super) fn accept(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let receipt = received(asked)?;
    let stopped = stopped(asked)?;
    let due = asked
        .law
        .mediation_due(asked.today(), receipt.rule_set, &[]);
    Ok(Event::ComplaintAccepted { due, stopped })
}

/// A held case has no competent authority yet: its holder can refuse for want of competence only.
pub(super) fn refuse(
    asked: &Asked<'_>,
    ground: RefusalGround,
    text: TextRef,
) -> Result<Event, Refusal> {
    let rule_set = match &asked.case.state {
        CaseState::HeldForRouting { holder, .. } => {
            asked.holder(holder)?;
            if ground != RefusalGround::OutsideCompetence {
                return Err(not_for_command(ground.code()));
            }
            asked.case.filing_rule_set()
        }
        _ => received(asked)?.rule_set,
    };
    let number = ground.number_in(rule_set).ok_or_else(|| {
        Refusal::new(Reason::GroundNotInRuleSet)
            .with("ground", ground.code())
            .with("rule_set", rule_set.code())
    })?;
    Ok(Event::ComplaintRefused {
        ground,
        number,
        text,
        stopped: asked.stopped_clock(),
    })
}

pub(super) fn return_case(
    asked: &Asked<'_>,
    reason: ReturnReason,
    text: Option<TextRef>,
) -> Result<Event, Refusal> {
    let receipt = received(asked)?;
    let holder: &AuthorityId = receipt.ancestors.first().ok_or(Reason::NoSuperior)?;
    Ok(Event::CaseReturned {
        holder: holder.clone(),
        reason,
        text,
        due: asked.law.routing_due(asked.today(), receipt.rule_set),
    })
}

pub(super) fn mark_overdue(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let CaseState::AtAuthority {
        receipt,
        overdue_at,
    } = &asked.case.state
    else {
        return Err(Reason::WrongState.into());
    };
    let due = asked.passed_unrecorded(&receipt.decide_by, *overdue_at)?;
    Ok(Event::AcceptanceOverdue { due })
}

/// The receipt of a case that waits for the decision of the actor's own authority.
fn received<'a>(asked: &Asked<'a>) -> Result<&'a Receipt, Refusal> {
    let CaseState::AtAuthority { receipt, .. } = &asked.case.state else {
        return Err(Reason::WrongState.into());
    };
    asked.holder(&receipt.authority)?;
    Ok(receipt)
}

fn stopped(asked: &Asked<'_>) -> Result<StoppedClock, Refusal> {
    asked
        .stopped_clock()
        .ok_or_else(|| Reason::WrongState.into())
}

/// The ground is not for this command.
pub(super) fn not_for_command(ground: &str) -> Refusal {
    Refusal::new(Reason::GroundNotForCommand).with("ground", ground)
}
