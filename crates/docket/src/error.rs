//! Why a call failed, as a gRPC status. One place for all services.

use std::time::Duration;

use case::state::Service;
use case::{Reason, Refusal};
use chassis::status;
use chassis::writer::CallError;
use tonic::Status;

/// The status of a refusal: PERMISSION_DENIED when it is about who asks, ALREADY_EXISTS for a taken place,
/// FAILED_PRECONDITION otherwise; reason and parameters in `ErrorInfo`, domain `odr.<service>`.
pub fn refused(service: Service, refusal: &Refusal) -> Status {
    let domain = format!("odr.{service}");
    let params = refusal
        .params
        .iter()
        .map(|(name, value)| (*name, value.clone()));
    match refusal.reason {
        Reason::ActorNotPermitted | Reason::NotPartyToCase | Reason::NotHolder => {
            status::forbidden(&domain, refusal.reason.code(), params)
        }
        _ => status::refused(&domain, refusal.reason.code(), params),
    }
}

/// The status of a call that was not taken.
pub fn status_of(
    service: Service,
    case_id: uuid::Uuid,
    request_id: &str,
    error: CallError<Refusal>,
) -> Status {
    let domain = format!("odr.{service}");
    match error {
        CallError::Refused(refusal) => refused(service, &refusal),
        CallError::NotFound => status::not_found("case", case_id),
        CallError::Parked(reason) => parked(&domain, reason),
        CallError::EtagDiffers(current) => status::etag_mismatch(current),
        CallError::RequestIdReused => status::request_id_reused(request_id),
        CallError::Recovering => status::unavailable(
            "the service reads its own words again",
            Duration::from_secs(1),
        ),
        CallError::Overloaded => {
            status::overloaded("too many calls wait", Duration::from_millis(200))
        }
        CallError::Stopped => status::unavailable("the service stops", Duration::from_secs(1)),
        CallError::Defect(alarm) => status::internal(alarm),
    }
}

/// FAILED_PRECONDITION with reason `CASE_PARKED`: the case waits for its operators.
pub fn parked(domain: &str, reason: String) -> Status {
    status::refused(domain, "CASE_PARKED", [("cause", reason)])
}

/// The store did not answer a read.
pub fn store(error: sqlx::Error) -> Status {
    tracing::warn!(%error, "the store did not answer");
    status::unavailable("the store did not answer", Duration::from_millis(500))
}
