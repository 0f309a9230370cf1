//! Until when a call may take: what its caller says, else the setting.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;
use tonic::Extensions;

// A caller who names hours must not hold a place for hours.
const LONGEST: Duration = Duration::from_secs(60);

/// The instant at which a call is answered DEADLINE_EXCEEDED; in the extensions of every call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// From `grpc-timeout` (at most a minute is granted), else `default` from now.
    pub(super) fn from_headers(headers: &HeaderMap, default: Duration) -> Self {
        Self(Instant::now() + granted(headers, default))
    }

    /// The deadline of a call. A call that came without the server's layer may take a minute.
    pub fn of(extensions: &Extensions) -> Self {
        extensions
            .get()
            .copied()
            .unwrap_or_else(|| Self(Instant::now() + LONGEST))
    }

    /// The instant itself.
    pub fn at(self) -> Instant {
        self.0
    }

    /// The last instant that leaves `margin` for an answer of one's own, never before now.
    pub fn before(self, margin: Duration) -> Instant {
        let now = Instant::now();
        self.0.checked_sub(margin).map_or(now, |at| at.max(now))
    }
}

fn granted(headers: &HeaderMap, default: Duration) -> Duration {
    let named = headers
        .get("grpc-timeout")
        .and_then(|text| text.to_str().ok())
        .and_then(parse);
    named.map_or(default, |named| named.min(LONGEST))
}

/// At most eight digits and a unit, as gRPC over HTTP/2 writes it; anything else counts as not given.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_names_the_deadline_within_reason() {
        let default = Duration::from_millis(10_000);
        let rows: &[(Option<&str>, u64)] = &[
            (None, 10_000),
            (Some("200m"), 200),
            (Some("3S"), 3_000),
            (Some("30S"), 30_000),
            (Some("5000u"), 5),
            (Some("7000000n"), 7),
            (Some("1M"), 60_000),
            (Some("2M"), 60_000),
            (Some("99999999H"), 60_000),
            (Some("0n"), 0),
            (Some("S"), 10_000),
            (Some(""), 10_000),
            (Some("123456789S"), 10_000),
            (Some("+5S"), 10_000),
            (Some("-5S"), 10_000),
            (Some("5s"), 10_000),
        ];
        for (text, expected_ms) in rows {
            let mut headers = HeaderMap::new();
            if let Some(text) = text {
                headers.insert("grpc-timeout", text.parse().unwrap());
            }
            assert_eq!(
                granted(&headers, default),
                Duration::from_millis(*expected_ms),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_margin_larger_than_the_time_left_means_now() {
        let hour = Duration::from_secs(3_600);
        let deadline = Deadline(Instant::now() + hour);
        assert_eq!(deadline.before(hour / 2), deadline.at() - hour / 2);
        assert!(deadline.before(hour * 2) <= Instant::now());
    }
}
