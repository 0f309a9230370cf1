//! The answers that are not successes, each made in one place: gRPC code plus a machine-readable detail.
//!
//! Texts here are for developers; people read what a client makes of the reason. No personal data in any of them.

use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use uuid::Uuid;

/// Domain of the reasons that the chassis itself gives.
pub const DOMAIN: &str = "odr";
/// Reason of [`etag_mismatch`].
pub const ETAG_MISMATCH: &str = "ETAG_MISMATCH";
/// Reason of [`request_id_reused`].
pub const REQUEST_ID_REUSED: &str = "REQUEST_ID_REUSED";

/// FAILED_PRECONDITION: a rule says no. `domain` is the service (`odr.intake`), `reason` of its closed list in UPPER_SNAKE_CASE.
pub fn refused<'a>(
    domain: &str,
    reason: &str,
    params: impl IntoIterator<Item = (&'a str, String)>,
) -> Status {
    with_reason(Code::FailedPrecondition, "refused", domain, reason, params)
}

/// PERMISSION_DENIED: the rule that says no is about who asks.
pub fn forbidden<'a>(
    domain: &str,
    reason: &str,
    params: impl IntoIterator<Item = (&'a str, String)>,
) -> Status {
    with_reason(
        Code::PermissionDenied,
        "not allowed",
        domain,
        reason,
        params,
    )
}

/// NOT_FOUND, with the kind (`case`) and the id asked for, which must not be personal.
pub fn not_found(kind: &str, id: impl Display) -> Status {
    let id = id.to_string();
    let mut details = ErrorDetails::new();
    details.set_resource_info(kind, id.as_str(), "", "");
    Status::with_error_details(Code::NotFound, format!("{kind} {id} is not known"), details)
}

/// ABORTED: what the caller saw is no longer so; read again, then decide again.
pub fn etag_mismatch(current: impl Display) -> Status {
    let params = [("current", current.to_string())];
    with_reason(
        Code::Aborted,
        "the etag is stale",
        DOMAIN,
        ETAG_MISMATCH,
        params,
    )
}

/// ALREADY_EXISTS: the request id was used before, with another body.
pub fn request_id_reused(request_id: impl Display) -> Status {
    let params = [("request_id", request_id.to_string())];
    let text = "the request id was used with another body";
    with_reason(Code::AlreadyExists, text, DOMAIN, REQUEST_ID_REUSED, params)
}

/// UNAVAILABLE: nothing is wrong with the request; try again after `retry_after`.
pub fn unavailable(why: &str, retry_after: Duration) -> Status {
    let details = ErrorDetails::with_retry_info(Some(retry_after));
    Status::with_error_details(Code::Unavailable, why, details)
}

/// RESOURCE_EXHAUSTED: too many wait already; nothing was done, try again after `retry_after`.
pub fn overloaded(why: &str, retry_after: Duration) -> Status {
    let details = ErrorDetails::with_retry_info(Some(retry_after));
    Status::with_error_details(Code::ResourceExhausted, why, details)
}

/// INTERNAL: a defect of ours. `alarm_id` is in the log beside what happened; nothing else is told.
pub fn internal(alarm_id: impl Display) -> Status {
    let mut details = ErrorDetails::new();
    details.set_request_info(alarm_id.to_string(), "");
    Status::with_error_details(
        Code::Internal,
        format!("internal defect, alarm {alarm_id}"),
        details,
    )
}

/// Raises an alarm in the log and gives the answer that refers to it. `what` reads alone and holds no personal data.
pub fn defect(what: &str) -> Status {
    let alarm_id = Uuid::new_v4();
    tracing::error!(alarm.id = %alarm_id, "{what}");
    internal(alarm_id)
}

/// The reason an answer carries, for clients and tests.
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// How long an answer asks its caller to wait before trying again.
pub fn retry_after(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

fn with_reason<'a>(
    code: Code,
    text: &str,
    domain: &str,
    reason: &str,
    params: impl IntoIterator<Item = (&'a str, String)>,
) -> Status {
    let params: HashMap<String, String> = params
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, domain, params);
    Status::with_error_details(code, format!("{text}: {reason}"), details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_code_and_its_reason() {
        let rows = [
            (
                refused("odr.intake", "CASE_HELD", []),
                Code::FailedPrecondition,
                Some("CASE_HELD"),
            ),
            (
                forbidden("odr.intake", "NOT_A_PARTY", []),
                Code::PermissionDenied,
                Some("NOT_A_PARTY"),
            ),
            (etag_mismatch("7-2"), Code::Aborted, Some(ETAG_MISMATCH)),
            (
                request_id_reused("r-1"),
                Code::AlreadyExists,
                Some(REQUEST_ID_REUSED),
            ),
            (not_found("case", "c-1"), Code::NotFound, None),
            (
                unavailable("catching up", Duration::from_secs(1)),
                Code::Unavailable,
                None,
            ),
            (
                overloaded("too many calls wait", Duration::from_secs(1)),
                Code::ResourceExhausted,
                None,
            ),
            (internal("a-1"), Code::Internal, None),
        ];
        for (status, code, reason) in rows {
            assert_eq!(status.code(), code, "{status:?}");
            assert_eq!(reason_of(&status).as_deref(), reason, "{status:?}");
        }
    }

    #[test]
    fn parameters_and_delays_survive_the_wire() {
        let refused = refused("odr.intake", "TOO_LATE", [("due", "2026-01-05".to_owned())]);
        let wire = refused.into_http::<()>();
        let read = Status::from_header_map(wire.headers()).unwrap();
        let info = read.get_details_error_info().unwrap();
        assert_eq!(
            (info.domain.as_str(), info.metadata["due"].as_str()),
            ("odr.intake", "2026-01-05")
        );

        let busy = unavailable("busy", Duration::from_millis(250)).into_http::<()>();
        let read = Status::from_header_map(busy.headers()).unwrap();
        assert_eq!(retry_after(&read), Some(Duration::from_millis(250)));
        assert_eq!(reason_of(&Status::ok("")), None);
    }
}
