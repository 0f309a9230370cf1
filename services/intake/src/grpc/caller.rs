//! What comes with a call beside its message: the space it is meant for, and the time there.

use chassis::clock;
use chassis::config::Mode;
use chassis::store::clocks;
use chassis::violations::Violations;
use chrono::{DateTime, Utc};
use tonic::Status;
use tonic::metadata::MetadataMap;

use super::Parts;

/// Metadata key by which a caller in a sandbox names another space than the default.
const SPACE_KEY: &str = "odr-space";

/// The space of a call: in a sandbox the one it names, else the default.
///
/// # Errors
/// INVALID_ARGUMENT for a name that is none.
pub(super) fn space(parts: &Parts, metadata: &MetadataMap) -> Result<String, Status> {
    let Some(named) = metadata
        .get(SPACE_KEY)
        .filter(|_| parts.mode == Mode::Sandbox)
    else {
        return Ok(parts.default_space.clone());
    };
    let fits = |name: &&str| {
        (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    match named.to_str().ok().filter(fits) {
        Some(name) => Ok(name.to_owned()),
        None => {
            let mut violations = Violations::new();
            violations.add(SPACE_KEY, "must have 1 to 64 of a-z A-Z 0-9 . _ -");
            Err(refused(violations))
        }
    }
}

/// The time in a space now. Only stepped time asks the store.
///
/// # Errors
/// UNAVAILABLE when the store does not answer.
pub(super) async fn now(parts: &Parts, space: &str) -> Result<DateTime<Utc>, Status> {
    if !parts.stepped {
        return Ok(clock::wall());
    }
    let mut connection = parts
        .clerk
        .pool()
        .acquire()
        .await
        .map_err(docket::error::store)?;
    let spaces = [space.to_owned()];
    let shown = clocks::of_spaces(&mut connection, &spaces)
        .await
        .map_err(docket::error::store)?;
    Ok(shown.first().map_or_else(clock::wall, |(_, now)| *now))
}

/// INVALID_ARGUMENT with the violations found; call it when there are some.
pub(super) fn refused(violations: Violations) -> Status {
    violations
        .into_result()
        .err()
        .unwrap_or_else(|| chassis::status::defect("a request was refused without a reason"))
}
