//! The fields every command request has, checked once for all services.

use chassis::violations::Violations;
use uuid::Uuid;

/// `request_id`: 1 to 64 printable ASCII characters.
pub fn request_id(violations: &mut Violations, value: &str) {
    let fits = (1..=64).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
    violations.require(
        fits,
        "request_id",
        "must be 1 to 64 printable ASCII characters",
    );
}

/// `case_id`: a UUID; the nil id after a violation.
pub fn case_id(violations: &mut Violations, value: &str) -> Uuid {
    uuid(violations, "case_id", value)
}

/// A UUID in its canonical form; the nil id after a violation.
pub fn uuid(violations: &mut Violations, field: &str, value: &str) -> Uuid {
    let parsed = value
        .parse::<Uuid>()
        .ok()
        .filter(|uuid| !uuid.is_nil() && value.len() == 36);
    violations.require(parsed.is_some(), field, "must be a UUID");
    parsed.unwrap_or_default()
}

/// A free text of 1 to 4000 characters, without NUL.
pub fn text(violations: &mut Violations, field: &str, value: &str) {
    let length = value.chars().count();
    let fits = (1..=4000).contains(&length) && !value.contains('\0');
    violations.require(fits, field, "must have 1 to 4000 characters");
}

/// `etag`: as a read or an answer gave it.
pub fn etag(violations: &mut Violations, value: Option<&str>) {
    if let Some(value) = value {
        let fits = (1..=48).contains(&value.len())
            && value
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
        violations.require(fits, "etag", "must be an etag of this service");
    }
}

/// `page_size`: 0 (the default) to `most`; gives the size to use.
pub fn page_size(violations: &mut Violations, value: i32, default: i32, most: i32) -> i64 {
    let fits = (0..=most).contains(&value);
    violations.require(fits, "page_size", format!("must be 0 to {most}"));
    i64::from(if value == 0 {
        default
    } else {
        value.clamp(1, most)
    })
}
