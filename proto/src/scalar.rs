//! Times, days, ids, hashes and codes of stored messages. Strict when read: what is not right is no value.

use case::ids::{Fen, PartyRef, TextRef, Uscc};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use law::directory::{AuthorityId, RegionCode, UnitId};
use prost_types::Timestamp;
use uuid::Uuid;

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::v1;

/// The result of reading a part.
pub(crate) type Read<T> = Result<T, DecodeError>;

pub(crate) fn garbage(what: &'static str) -> DecodeError {
    DecodeError::Garbage { what }
}

/// A field that must be set.
pub(crate) fn required<T>(value: Option<T>, what: &'static str) -> Read<T> {
    value.ok_or(garbage(what))
}

/// A value of a closed list.
pub(crate) fn listed<T: Listed>(number: i32, field: &'static str) -> Read<T> {
    T::from_number(number).ok_or(DecodeError::UnknownValue { field })
}

/// A list of values of a closed list.
pub(crate) fn all_listed<T: Listed>(numbers: Vec<i32>, field: &'static str) -> Read<Vec<T>> {
    numbers
        .into_iter()
        .map(|number| listed(number, field))
        .collect()
}

/// Numbers of a list of values.
pub(crate) fn numbers<T: Listed>(values: &[T]) -> Vec<i32> {
    values.iter().map(|value| value.number()).collect()
}

pub(crate) fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: at.timestamp(),
        nanos: at.timestamp_subsec_nanos().cast_signed(),
    }
}

pub(crate) fn instant(at: Option<Timestamp>, what: &'static str) -> Read<DateTime<Utc>> {
    let at = required(at, what)?;
    u32::try_from(at.nanos)
        .ok()
        .and_then(|nanos| DateTime::from_timestamp(at.seconds, nanos))
        .ok_or(garbage(what))
}

pub(crate) fn maybe_instant(
    at: Option<Timestamp>,
    what: &'static str,
) -> Read<Option<DateTime<Utc>>> {
    at.map(|at| instant(Some(at), what)).transpose()
}

/// YYYY-MM-DD; years beyond 9999 with a sign, as chrono writes them.
pub(crate) fn day_text(day: NaiveDate) -> String {
    let (year, month, of_month) = (day.year(), day.month(), day.day());
    if !(0..=9999).contains(&year) {
        return day.to_string();
    }
    let year = year.cast_unsigned();
    let digits = [
        year / 1000,
        year / 100,
        year / 10,
        year,
        month / 10,
        month,
        of_month / 10,
        of_month,
    ];
    let mut text = String::with_capacity(10);
    for (place, digit) in digits.into_iter().enumerate() {
        if place == 4 || place == 6 {
            text.push('-');
        }
        text.push(char::from_digit(digit % 10, 10).expect("a remainder of ten is a digit"));
    }
    text
}

/// Exactly YYYY-MM-DD and a day of the calendar.
pub(crate) fn plain_day(text: &str) -> Option<NaiveDate> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_u32, |number, byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    NaiveDate::from_ymd_opt(number(0..4)?.cast_signed(), number(5..7)?, number(8..10)?)
}

pub(crate) fn day(text: &str, what: &'static str) -> Read<NaiveDate> {
    plain_day(text)
        .or_else(|| {
            text.starts_with(['+', '-'])
                .then(|| text.parse().ok())
                .flatten()
        })
        .ok_or(garbage(what))
}

pub(crate) fn maybe_day(text: Option<String>, what: &'static str) -> Read<Option<NaiveDate>> {
    text.map(|text| day(&text, what)).transpose()
}

pub(crate) fn id_bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

pub(crate) fn id(bytes: &[u8], what: &'static str) -> Read<Uuid> {
    Uuid::from_slice(bytes).map_err(|_| garbage(what))
}

pub(crate) fn hash(bytes: &[u8], what: &'static str) -> Read<[u8; 32]> {
    bytes.try_into().map_err(|_| garbage(what))
}

/// Fen, never negative.
pub(crate) fn fen(amount: i64, what: &'static str) -> Read<Fen> {
    if amount < 0 {
        Err(garbage(what))
    } else {
        Ok(Fen(amount))
    }
}

pub(crate) fn text(text: &TextRef) -> v1::TextRef {
    v1::TextRef {
        id: id_bytes(text.id),
        hash: text.hash.to_vec(),
    }
}

pub(crate) fn text_ref(text: Option<v1::TextRef>, what: &'static str) -> Read<TextRef> {
    let text = required(text, what)?;
    Ok(TextRef {
        id: id(&text.id, what)?,
        hash: hash(&text.hash, what)?,
    })
}

pub(crate) fn maybe_text_ref(
    text: Option<v1::TextRef>,
    what: &'static str,
) -> Read<Option<TextRef>> {
    text.map(|text| text_ref(Some(text), what)).transpose()
}

pub(crate) fn uscc(text: &str, what: &'static str) -> Read<Uscc> {
    Uscc::parse(text).ok_or(garbage(what))
}

pub(crate) fn maybe_uscc(text: Option<String>, what: &'static str) -> Read<Option<Uscc>> {
    text.map(|text| uscc(&text, what)).transpose()
}

pub(crate) fn party(text: &str, what: &'static str) -> Read<PartyRef> {
    PartyRef::parse(text).ok_or(garbage(what))
}

pub(crate) fn maybe_region(code: Option<String>, what: &'static str) -> Read<Option<RegionCode>> {
    code.map(|code| RegionCode::parse(&code).map_err(|_| garbage(what)))
        .transpose()
}

pub(crate) fn authority(text: &str, what: &'static str) -> Read<AuthorityId> {
    AuthorityId::parse(text).map_err(|_| garbage(what))
}

pub(crate) fn authorities(ids: &[String], what: &'static str) -> Read<Vec<AuthorityId>> {
    ids.iter().map(|id| authority(id, what)).collect()
}

pub(crate) fn unit(text: &str, what: &'static str) -> Read<UnitId> {
    UnitId::parse(text).map_err(|_| garbage(what))
}

/// The texts of a list of ids.
pub(crate) fn authority_texts(ids: &[AuthorityId]) -> Vec<String> {
    ids.iter().map(|id| id.as_str().to_owned()).collect()
}
