//! The legal day: instants are stored in UTC, the law decides by the calendar day at +08:00.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Hours by which the legal day runs ahead of UTC.
pub const OFFSET_HOURS: i32 = 8;

/// The +08:00 calendar day of an instant.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.checked_add_signed(offset()).unwrap_or(at).date_naive()
}

/// The instant at which a day begins: 00:00 at +08:00. Saturates at the first instant that can be written.
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN)
        .and_utc()
        .checked_sub_signed(offset())
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn offset() -> TimeDelta {
    TimeDelta::hours(i64::from(OFFSET_HOURS))
}
