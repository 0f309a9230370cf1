//! Why an act on the registry failed, as a gRPC status.

use std::time::Duration;

use chassis::status;
use chassis::store::batch::SaveError;
use tonic::Status;

use crate::domain::enterprise::Refusal;
use crate::registry::{Ask, Error, passes};

/// Domain of the reasons.
pub(crate) const DOMAIN: &str = "odr.routing";

/// The status of an act that was not carried out.
pub(crate) fn status(error: Error, ask: &Ask) -> Status {
    match error {
        Error::Refused(Refusal::Unknown) => status::not_found("enterprise", &ask.uscc),
        Error::Refused(refusal) => refused(refusal),
        Error::EtagDiffers(current) => status::etag_mismatch(current),
        Error::RequestIdReused => status::request_id_reused(&ask.request_id),
        Error::Recovering => status::unavailable(
            "the service reads its own words again",
            Duration::from_secs(1),
        ),
        Error::Busy(error) if !passes(&error) => {
            status::defect("the store does not take an enterprise")
        }
        Error::Busy(SaveError::Database(error)) => docket::error::store(error),
        Error::Busy(_) => status::unavailable("others were quicker", Duration::from_millis(100)),
    }
}

fn refused(refusal: Refusal) -> Status {
    let (reason, params) = match refusal {
        Refusal::Unknown => ("ENTERPRISE_UNKNOWN", None),
        Refusal::Exists(status) => ("ENTERPRISE_EXISTS", Some(("status", status.to_string()))),
        Refusal::Removed => ("ENTERPRISE_REMOVED", None),
        Refusal::AlreadyAdmitted => ("ALREADY_ADMITTED", None),
        Refusal::AlreadySuspended => ("ALREADY_SUSPENDED", None),
        Refusal::NotAdmitted(status) => ("NOT_ADMITTED", Some(("status", status.to_string()))),
        Refusal::FiveOnesMissing(missing) => {
            ("FIVE_ONES_MISSING", Some(("missing", missing.join(","))))
        }
    };
    status::refused(DOMAIN, reason, params)
}

/// Who asks may not do this.
pub(crate) fn forbidden(reason: &'static str) -> Status {
    status::forbidden(DOMAIN, reason, [])
}
