//! The legal day turns at 16:00 UTC.

use chrono::{DateTime, NaiveDate, Utc};
use law::day::{day_of, start_of};

use crate::day;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("tests write instants in RFC 3339")
}

#[test]
fn day_turns_at_sixteen_hours_utc() {
    for (instant, expected) in [
        ("2026-01-05T15:59:59.999999999Z", "2026-01-05"),
        ("2026-01-05T16:00:00Z", "2026-01-06"),
        ("2026-01-05T00:00:00Z", "2026-01-05"),
        ("2026-12-31T16:00:00Z", "2027-01-01"),
        ("2024-02-28T16:00:00Z", "2024-02-29"),
    ] {
        assert_eq!(day_of(at(instant)), day(expected), "{instant}");
    }
}

#[test]
fn day_starts_on_the_evening_before_in_utc() {
    assert_eq!(start_of(day("2026-01-06")), at("2026-01-05T16:00:00Z"));
    assert_eq!(day_of(start_of(day("2026-01-06"))), day("2026-01-06"));
}

#[test]
fn ends_of_the_representable_calendar_do_not_panic() {
    start_of(NaiveDate::MIN);
    start_of(NaiveDate::MAX);
    day_of(DateTime::<Utc>::MIN_UTC);
    day_of(DateTime::<Utc>::MAX_UTC);
}
