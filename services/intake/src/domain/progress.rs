//! What is told of a case's progress: whose turn it is, and what the consumer may do or wait for.

use case::terms::{Agreed, Offer};
use case::{Case, CaseState, Side};

/// What the consumer may do or wait for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// Nothing is left to do.
    Nothing,
    /// The complaint is being given to an enterprise or an authority.
    WaitForRouting,
    /// The enterprise has to answer.
    WaitForEnterprise,
    /// Accept or reject an offer.
    AnswerOffer,
    /// Escalate to an authority, or let it rest.
    EscalateOrRest,
    /// The authority has to accept or refuse.
    WaitForAcceptance,
    /// Take part in the mediation.
    TakePartInMediation,
    /// Sign or waive the agreement.
    SignAgreement,
    /// Confirm that what was agreed was done, or report that it was not.
    ConfirmPerformance,
    /// Rate the handling.
    Rate,
}

/// The consumer's next step, and whose turn it is; `None` for nobody's.
pub(crate) fn next(case: &Case) -> (NextStep, Option<Side>) {
    match &case.state {
        CaseState::Filed | CaseState::HeldForRouting { .. } | CaseState::Escalated { .. } => {
            (NextStep::WaitForRouting, None)
        }
        CaseState::InNegotiation { offers, .. } if waits_for_consumer(offers) => {
            (NextStep::AnswerOffer, Some(Side::Consumer))
        }
        CaseState::InNegotiation { .. } => (NextStep::WaitForEnterprise, Some(Side::Enterprise)),
        CaseState::NegotiationFailed { .. } => (NextStep::EscalateOrRest, Some(Side::Consumer)),
        CaseState::AtAuthority { .. } => (NextStep::WaitForAcceptance, Some(Side::Mediator)),
        CaseState::InMediation {
            agreed: Some(agreed),
            ..
        } => signing(agreed),
        CaseState::InMediation { offers, .. } if waits_for_consumer(offers) => {
            (NextStep::AnswerOffer, Some(Side::Consumer))
        }
        CaseState::InMediation { .. } => (NextStep::TakePartInMediation, Some(Side::Mediator)),
        CaseState::Settled {
            declared_at: None, ..
        } => (NextStep::ConfirmPerformance, Some(Side::Enterprise)),
        CaseState::Settled { .. } => (NextStep::ConfirmPerformance, Some(Side::Consumer)),
        CaseState::Closed { .. } if case.rating.is_none() => (NextStep::Rate, None),
        CaseState::Closed { .. } => (NextStep::Nothing, None),
    }
}

fn waits_for_consumer(offers: &[Offer]) -> bool {
    offers
        .iter()
        .any(|offer| offer.by != Side::Consumer && !offer.accepted_by.contains(&Side::Consumer))
}

fn signing(agreed: &Agreed) -> (NextStep, Option<Side>) {
    let missing =
        |side: Side| !agreed.signed_by.contains(&side) && !agreed.waived_by.contains(&side);
    if missing(Side::Consumer) {
        (NextStep::SignAgreement, Some(Side::Consumer))
    } else if missing(Side::Enterprise) {
        (NextStep::TakePartInMediation, Some(Side::Enterprise))
    } else {
        (NextStep::TakePartInMediation, Some(Side::Mediator))
    }
}
