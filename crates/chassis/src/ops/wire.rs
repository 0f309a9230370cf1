//! Requests and answers of the operations service: who may ask, instants, what is wrong.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use tonic::{Request, Status};

use crate::principal::{self, Kind};
use crate::status;
use crate::violations::Violations;

pub(super) fn unavailable(error: sqlx::Error) -> Status {
    tracing::warn!(%error, "the store did not answer");
    status::unavailable("the store did not answer", Duration::from_millis(500))
}

pub(super) fn operator<T>(request: &Request<T>) -> Result<(), Status> {
    let principal = principal::of(request.extensions())?;
    if principal.kind == Kind::Operator {
        Ok(())
    } else {
        Err(status::forbidden(
            status::DOMAIN,
            "ACTOR_NOT_PERMITTED",
            [("kind", principal.kind.code().to_owned())],
        ))
    }
}

pub(super) fn instant(at: Option<prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    let at = at?;
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?)
        .map(|at| at.trunc_subsecs(6))
}

pub(super) fn stamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0),
    }
}

pub(super) fn violated(field: &str, rule: &str) -> Status {
    let mut violations = Violations::new();
    violations.require(false, field, rule);
    match violations.into_result() {
        Err(status) => status,
        Ok(()) => Status::invalid_argument(rule),
    }
}
