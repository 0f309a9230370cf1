//! Performance of a settlement, and the rating.

use uuid::Uuid;

use crate::decide::asked::Asked;
use crate::event::Event;
use crate::ids::{Fen, TextRef};
use crate::refusal::{Reason, Refusal};
use crate::state::{CaseState, Performed};
use crate::terms::SettledHow;

pub(super) fn declare(asked: &Asked<'_>, evidence: Option<Uuid>) -> Result<Event, Refusal> {
    asked.side()?;
    match &asked.case.state {
        CaseState::Settled {
            declared_at: Some(_),
            ..
        } => Err(Reason::AlreadyDeclared.into()),
        _ => Ok(Event::PerformanceDeclared { evidence }),
    }
}

pub(super) fn confirm(
    asked: &Asked<'_>,
    performed: Performed,
    recovered: Fen,
) -> Result<Event, Refusal> {
    asked.side()?;
    let CaseState::Settled { terms, .. } = &asked.case.state else {
        return Err(Reason::WrongState.into());
    };
    if !matches!(performed, Performed::Yes | Performed::Partly) {
        return Err(Refusal::new(Reason::GroundNotForCommand).with("performed", performed));
    }
    let most = terms.amount();
    if !(0..=most.0).contains(&recovered.0) {
        return Err(Refusal::new(Reason::AmountNotPossible).with("most_fen", most.0));
    }
    Ok(Event::AgreementPerformed {
        performed,
        recovered,
    })
}

/// From the day of performance on. A direct settlement opens the window again, a mediated one is left to the courts.
pub(super) fn report_breach(asked: &Asked<'_>, text: Option<TextRef>) -> Result<Event, Refusal> {
    asked.side()?;
    let CaseState::Settled { how, terms, .. } = &asked.case.state else {
        return Err(Reason::WrongState.into());
    };
    if asked.today() < terms.perform_by {
        return Err(Refusal::new(Reason::PerformanceNotDue).with("perform_by", terms.perform_by));
    }
    let escalate_by = match how {
        SettledHow::Direct => Some(asked.escalate_by()),
        SettledHow::Mediated => None,
    };
    Ok(Event::BreachReported { escalate_by, text })
}

pub(super) fn lapse(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let CaseState::Settled { lapse, .. } = &asked.case.state else {
        return Err(Reason::WrongState.into());
    };
    asked.passed(lapse.at)?;
    Ok(Event::PerformanceLapsed { due: lapse.clone() })
}

pub(super) fn rate(asked: &Asked<'_>, stars: u8) -> Result<Event, Refusal> {
    asked.side()?;
    if asked.case.rating.is_some() {
        return Err(Reason::AlreadyRated.into());
    }
    if !(1..=5).contains(&stars) {
        return Err(Refusal::new(Reason::AmountNotPossible).with("stars", stars));
    }
    Ok(Event::HandlingRated { stars })
}
