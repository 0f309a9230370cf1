//! From agreed terms to a settlement: signed and sealed, waived, or recorded (Order 121 Art 24).

use crate::actor::Side;
use crate::decide::asked::Asked;
use crate::decide::mediation::{mediator, stopped};
use crate::event::{Event, Settling};
use crate::ids::TextRef;
use crate::refusal::{Reason, Refusal};
use crate::state::{Case, CaseState, PARTIES};
use crate::terms::Agreed;

pub(super) fn sign(asked: &Asked<'_>, document: [u8; 32]) -> Result<Event, Refusal> {
    let (by, agreed) = undecided_side(asked)?;
    if agreed.document.is_some_and(|signed| signed != document) {
        return Err(Reason::DocumentDiffers.into());
    }
    Ok(Event::AgreementSigned { by, document })
}

pub(super) fn seal(asked: &Asked<'_>, document: [u8; 32]) -> Result<Event, Refusal> {
    mediator(asked)?;
    let agreed = agreed(asked.case)?;
    if !PARTIES.iter().all(|side| agreed.signed_by.contains(side)) {
        return Err(Reason::SignaturesMissing.into());
    }
    if agreed.document != Some(document) {
        return Err(Reason::DocumentDiffers.into());
    }
    let Settling { lapse, stopped } = settling(asked, agreed)?;
    Ok(Event::AgreementSealed {
        document,
        lapse,
        stopped,
    })
}

pub(super) fn waive(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let (by, agreed) = undecided_side(asked)?;
    let settled = if agreed.waived_by.is_empty() {
        None
    } else {
        Some(Box::new(settling(asked, agreed)?))
    };
    Ok(Event::AgreementWaived { by, settled })
}

pub(super) fn record(asked: &Asked<'_>, text: TextRef) -> Result<Event, Refusal> {
    mediator(asked)?;
    let agreed = agreed(asked.case)?;
    Ok(Event::MediationRecorded {
        text,
        settled: Box::new(settling(asked, agreed)?),
    })
}

/// A side that has neither signed nor waived yet.
fn undecided_side<'a>(asked: &Asked<'a>) -> Result<(Side, &'a Agreed), Refusal> {
    let side = asked.side()?;
    let agreed = agreed(asked.case)?;
    if agreed.signed_by.contains(&side) {
        return Err(Reason::AlreadySigned.into());
    }
    if agreed.waived_by.contains(&side) {
        return Err(Reason::AlreadyWaived.into());
    }
    Ok((side, agreed))
}

fn agreed(case: &Case) -> Result<&Agreed, Refusal> {
    match &case.state {
        CaseState::InMediation {
            agreed: Some(agreed),
            ..
        } => Ok(agreed),
        _ => Err(Reason::TermsNotAgreed.into()),
    }
}

fn settling(asked: &Asked<'_>, agreed: &Agreed) -> Result<Settling, Refusal> {
    let (perform_by, set) = (agreed.terms.perform_by, asked.case.rule_set());
    Ok(Settling {
        lapse: asked.law.performance_lapse_due(perform_by, set),
        stopped: stopped(asked)?,
    })
}
