//! Commands of an authority's handling.

use case::Body;
use case::state::ReturnReason;
use proto::mediation::v1::*;

use super::form::Form;

/// The most days to ask for recusal, in calendar days.
const MOST_RECUSAL_DAYS: u32 = 60;

pub(super) fn refuse(request: RefuseComplaintRequest, form: &mut Form) -> Option<Body> {
    let ground = form.listed("ground", request.ground);
    let text = form.text("text", request.text);
    Some(Body::RefuseComplaint {
        ground: ground?,
        text,
    })
}

pub(super) fn return_case(request: ReturnCaseRequest, form: &mut Form) -> Option<Body> {
    let reason = form.listed("reason", request.reason)?;
    let told = reason != ReturnReason::Other || !request.text.is_empty();
    form.violations
        .require(told, "text", "must be set for another reason");
    Some(Body::ReturnCase {
        reason,
        text: form.maybe_text("text", request.text),
    })
}

pub(super) fn schedule(request: ScheduleSessionRequest, form: &mut Form) -> Option<Body> {
    let at = form.instant("at", request.at.as_ref());
    let place = form.text("place", request.place);
    form.violations
        .range("recusal_days", request.recusal_days, 0..=MOST_RECUSAL_DAYS);
    Some(Body::ScheduleSession {
        at: at?,
        online: request.online,
        place,
        recusal_days: request.recusal_days,
    })
}

pub(super) fn end(request: EndMediationRequest, form: &mut Form) -> Option<Body> {
    let ground = form.listed("ground", request.ground);
    let text = form.text("text", request.text);
    Some(Body::EndMediation {
        ground: ground?,
        text,
    })
}
