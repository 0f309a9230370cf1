//! What services read from requests and write into answers: times, days, ids, values of closed lists, terms, filings.
//!
//! Reading is strict and gives `None`, or a list of [`FieldError`]s, instead of a value that was not said.

mod complaint;
mod terms;

use case::{CaseId, Uscc};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use law::directory::{AuthorityId, RegionCode};
use prost_types::Timestamp;
use uuid::Uuid;

pub use complaint::{claims, consents, respondent};
pub use terms::{offered_terms, reliefs, terms_bytes};

pub use crate::listed::Listed;
use crate::scalar;

/// A field of a request that breaks a rule. Never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field in its message, like `reliefs[2].amount_fen`.
    pub field: String,
    /// The rule it breaks, as a half sentence that follows the field's name.
    pub rule: &'static str,
}

impl FieldError {
    /// A field and the rule it breaks.
    pub fn new(field: impl Into<String>, rule: &'static str) -> Self {
        let field = field.into();
        Self { field, rule }
    }
}

/// An instant as a timestamp.
pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    scalar::timestamp(at)
}

/// The instant of a timestamp; `None` outside the years 1 to 9999, and for nanoseconds that are none.
pub fn instant(at: &Timestamp) -> Option<DateTime<Utc>> {
    let nanos = u32::try_from(at.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    DateTime::from_timestamp(at.seconds, nanos).filter(|at| (1..=9999).contains(&at.year()))
}

/// A day as YYYY-MM-DD.
pub fn day_text(day: NaiveDate) -> String {
    scalar::day_text(day)
}

/// The day of exactly YYYY-MM-DD.
pub fn day(text: &str) -> Option<NaiveDate> {
    scalar::plain_day(text)
}

/// The UUID of its canonical text: 36 characters in groups of 8, 4, 4, 4 and 12 hexadecimal digits.
pub fn uuid(text: &str) -> Option<Uuid> {
    // Other notations (braces, a prefix, no hyphens) have another length.
    if text.len() != 36 {
        return None;
    }
    Uuid::try_parse(text).ok()
}

/// The case id of a canonical UUID.
pub fn case_id(text: &str) -> Option<CaseId> {
    uuid(text).map(CaseId)
}

/// A SHA-256 value of exactly 32 bytes.
pub fn hash(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}

/// A unified social credit code with a right check character.
pub fn uscc(text: &str) -> Option<Uscc> {
    Uscc::parse(text)
}

/// The shape of an authority's id.
pub fn authority(text: &str) -> Option<AuthorityId> {
    AuthorityId::parse(text).ok()
}

/// The shape of a region code; the directory says whether it exists.
pub fn region(text: &str) -> Option<RegionCode> {
    RegionCode::parse(text).ok()
}

/// The value of a closed list; `None` for UNSPECIFIED and unknown numbers.
pub fn listed<T: Listed>(number: i32) -> Option<T> {
    T::from_number(number)
}

/// The number of a value of a closed list.
pub fn number<T: Listed>(value: T) -> i32 {
    value.number()
}
