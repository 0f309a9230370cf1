//! Commands from agreed terms to their performance, and the rating.

use case::state::Performed;
use case::{Body, Fen};
use proto::mediation::v1::*;

use super::form::Form;

pub(super) fn sign(request: SignAgreementRequest, form: &mut Form) -> Option<Body> {
    let document = form.document("document", &request.document)?;
    Some(Body::SignAgreement { document })
}

pub(super) fn seal(request: SealAgreementRequest, form: &mut Form) -> Option<Body> {
    let document = form.document("document", &request.document)?;
    Some(Body::SealAgreement { document })
}

pub(super) fn record(request: RecordMediationRequest, form: &mut Form) -> Option<Body> {
    let text = form.text("text", request.text);
    Some(Body::RecordMediation { text })
}

pub(super) fn declare(request: DeclarePerformanceRequest, form: &mut Form) -> Option<Body> {
    let id = &request.evidence_id;
    let evidence = (!id.is_empty()).then(|| form.uuid("evidence_id", id));
    Some(Body::DeclarePerformance { evidence })
}

pub(super) fn confirm(request: ConfirmPerformanceRequest, form: &mut Form) -> Option<Body> {
    form.violations.require(
        request.recovered_fen >= 0,
        "recovered_fen",
        "must be 0 or more",
    );
    let performed = form.listed("performed", request.performed)?;
    let was_done = matches!(performed, Performed::Yes | Performed::Partly);
    form.violations
        .require(was_done, "performed", "must be YES or PARTLY");
    Some(Body::ConfirmPerformance {
        performed,
        recovered: Fen(request.recovered_fen),
    })
}

pub(super) fn report_breach(request: ReportBreachRequest, form: &mut Form) -> Option<Body> {
    Some(Body::ReportBreach {
        text: form.maybe_text("text", request.text),
    })
}

pub(super) fn rate(request: RateHandlingRequest, form: &mut Form) -> Option<Body> {
    form.violations.range("stars", request.stars, 1..=5);
    Some(Body::RateHandling {
        stars: u8::try_from(request.stars).unwrap_or(0),
    })
}
