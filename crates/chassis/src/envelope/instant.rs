//! Instants as `ce_time` shows them: RFC 3339 with microseconds, in UTC. Every event is written once and checked by each
//! service, and the general way of formatting and reading takes several times as long as that of the one usual form.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};

/// An instant as `ce_time` shows it.
pub fn time_text(time: DateTime<Utc>) -> String {
    usual_text(time).unwrap_or_else(|| time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// Reads an instant that is written as [`time_text`] writes it, and in no other way.
pub(super) fn time_of(text: &str) -> Option<DateTime<Utc>> {
    let time = usual_time(text).or_else(|| {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        Some(time.with_timezone(&Utc))
    })?;
    (time_text(time) == text).then_some(time)
}

/// None for years of other than four digits and for leap seconds.
fn usual_text(time: DateTime<Utc>) -> Option<String> {
    let year = u32::try_from(time.year()).ok()?;
    let micros = time.nanosecond() / 1_000;
    if year > 9_999 || micros > 999_999 {
        return None;
    }
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    for (from, to, mut number) in [
        (0, 4, year),
        (5, 7, time.month()),
        (8, 10, time.day()),
        (11, 13, time.hour()),
        (14, 16, time.minute()),
        (17, 19, time.second()),
        (20, 26, micros),
    ] {
        for digit in text[from..to].iter_mut().rev() {
            *digit += u8::try_from(number % 10).ok()?;
            number /= 10;
        }
    }
    Some(str::from_utf8(&text).ok()?.to_owned())
}

/// The instant whose digits stand where the usual form has them; whether all else is as it should be, it does not say.
fn usual_time(text: &str) -> Option<DateTime<Utc>> {
    let number = |from: usize, to: usize| {
        let digits = text.as_bytes().get(from..to)?;
        digits.iter().try_fold(0, |sum, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let time = date.and_hms_micro_opt(hour, minute, second, number(20, 26)?)?;
    Some(time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_the_general_way_writes_it_and_read_again() {
        let seconds = [
            i64::from(i32::MIN) * 40,
            -62_135_596_801,
            -62_135_596_800,
            -1,
            0,
            951_782_399,
            951_868_799,
            1_700_000_000,
            4_107_542_399,
            253_402_300_799,
            253_402_300_800,
        ];
        let nanoseconds = [0, 999, 1_000, 123_456_789, 999_999_999, 1_500_000_000];
        let mut written = 0;
        for (second, nanosecond) in seconds
            .into_iter()
            .flat_map(|second| nanoseconds.map(|nanosecond| (second, nanosecond)))
        {
            // A leap second stands only at a minute's end.
            let Some(time) = DateTime::from_timestamp(second, nanosecond) else {
                continue;
            };
            written += 1;
            let text = time_text(time);
            assert_eq!(text, time.to_rfc3339_opts(SecondsFormat::Micros, true));
            if let Some(read) = time_of(&text) {
                assert_eq!(time_text(read), text);
            } else {
                assert!(!(0..10_000).contains(&time.year()), "{text}");
            }
        }
        assert!(written > 5 * seconds.len());
    }

    #[test]
    fn another_form_of_an_instant_is_not_read() {
        assert!(time_of("2026-02-28T23:59:59.000001Z").is_some());
        for text in [
            "",
            "2026-02-28",
            "2026-02-29T23:59:59.000001Z",
            "2026-02-28T24:59:59.000001Z",
            "2026-02-28 23:59:59.000001Z",
            "2026-02-28T23:59:59.000001z",
            "2026-02-28T23:59:59.000001+00:00",
            "2026-02-28T23:59:59.001Z",
            "2026-02-28T23:59:59.0000011Z",
            "2026-02-28T23:59:59Z",
            "2026-02-28T23-59-59.000001Z",
            "2026-02-28T23:59:59.00000\u{661}",
            "+026-02-28T23:59:59.000001Z",
        ] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }
}
