//! RequestWithdrawal.

use case::Body;
use case::state::WithdrawalReason;
use chassis::violations::Violations;
use docket::clerk::body_hash;
use docket::text::NewText;
use docket::{Submission, asking};
use proto::intake::v1::RequestWithdrawalRequest;
use proto::v1::CaseRevision;
use proto::wire;
use tonic::{Request, Status};

use super::Parts;
use super::caller::refused;
use crate::desk::Extra;

/// Asks to withdraw: a notice, answered by whoever owns the case.
pub(super) async fn request(
    parts: &Parts,
    request: Request<RequestWithdrawalRequest>,
) -> Result<CaseRevision, Status> {
    let (_, extensions, request) = request.into_parts();
    let body_hash = body_hash(&request);
    let etag = (!request.etag.is_empty()).then_some(request.etag);
    let mut violations = Violations::new();
    asking::request_id(&mut violations, &request.request_id);
    let case_id = asking::case_id(&mut violations, &request.case_id);
    asking::etag(&mut violations, etag.as_deref());
    let reason = wire::listed::<WithdrawalReason>(request.reason);
    if reason == Some(WithdrawalReason::Other) || !request.text.is_empty() {
        asking::text(&mut violations, "text", &request.text);
    }
    let Some(reason) = reason else {
        violations.add("reason", "must be a reason of the list");
        return Err(refused(violations));
    };
    violations.into_result()?;
    let text = (!request.text.is_empty()).then(|| NewText::take(request.text));
    let submission = Submission {
        method: "RequestWithdrawal",
        request_id: request.request_id,
        body_hash,
        case_id,
        creates: false,
        min_version: request.min_version,
        etag,
        body: Body::RequestWithdrawal {
            reason,
            text: text.as_ref().map(|text| text.reference),
        },
        texts: text.into_iter().collect(),
        extra: Extra::default(),
    };
    parts.clerk.submit_for(&extensions, submission).await
}
