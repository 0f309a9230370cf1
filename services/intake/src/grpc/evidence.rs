//! AddEvidence.

use case::Body;
use chassis::violations::Violations;
use docket::clerk::body_hash;
use docket::{Submission, asking};
use proto::intake::v1::{AddEvidenceRequest, AddEvidenceResponse};
use proto::wire;
use tonic::{Request, Status};
use uuid::Uuid;

use super::Parts;
use super::caller::refused;
use crate::desk::Extra;

/// Largest piece of evidence, in bytes.
const MOST_BYTES: u64 = 1_073_741_824;

/// Adds the metadata of a piece of evidence: a notice.
pub(super) async fn add(
    parts: &Parts,
    request: Request<AddEvidenceRequest>,
) -> Result<AddEvidenceResponse, Status> {
    let (_, extensions, request) = request.into_parts();
    let body_hash = body_hash(&request);
    let etag = (!request.etag.is_empty()).then_some(request.etag);
    let mut violations = Violations::new();
    asking::request_id(&mut violations, &request.request_id);
    let case_id = asking::case_id(&mut violations, &request.case_id);
    asking::etag(&mut violations, etag.as_deref());
    violations.require(
        is_media_type(&request.media_type),
        "media_type",
        "must be a media type of 3 to 100 characters",
    );
    violations.range("size_bytes", request.size_bytes, 1..=MOST_BYTES);
    let Some(hash) = wire::hash(&request.hash) else {
        violations.add("hash", "must have 32 bytes");
        return Err(refused(violations));
    };
    violations.into_result()?;
    let submission = Submission {
        method: "AddEvidence",
        request_id: request.request_id,
        body_hash,
        case_id,
        creates: false,
        min_version: request.min_version,
        etag,
        body: Body::AddEvidence {
            evidence: Uuid::now_v7(),
            hash,
            media_type: request.media_type,
            size_bytes: request.size_bytes,
        },
        texts: Vec::new(),
        extra: Extra::default(),
    };
    parts.clerk.submit_for(&extensions, submission).await
}

/// Type and subtype of RFC 6838, without parameters.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    (3..=100).contains(&text.len())
        && text
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

#[cfg(test)]
mod tests {
    use super::is_media_type;

    #[test]
    fn media_types_have_a_type_and_a_subtype() {
        let long = format!("image/{}", "x".repeat(95));
        for (text, expected) in [
            ("image/png", true),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                true,
            ),
            ("a/b", true),
            ("", false),
            ("png", false),
            ("image/", false),
            ("/png", false),
            ("image/png; charset=utf-8", false),
            ("image/png/x", false),
            ("图/像", false),
            (long.as_str(), false),
        ] {
            assert_eq!(is_media_type(text), expected, "{text}");
        }
    }
}
