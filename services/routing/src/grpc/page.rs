//! Page tokens: where the next page begins, bound to the filters of the first.

use chassis::violations::Violations;
use sha2::{Digest, Sha256};

/// Hexadecimal digits of the filters' fingerprint, at the front of a token.
const FINGERPRINT: usize = 16;
/// No token of this service is longer: a name of 200 characters and a credit code.
const LONGEST: usize = 4096;

/// What the list is narrowed by, for telling another list's token.
pub(super) fn fingerprint(method: &str, filters: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in std::iter::once(&method).chain(filters) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(&digest.finalize()[..FINGERPRINT / 2])
}

/// The token of the page after `place`.
pub(super) fn token(fingerprint: &str, place: &str) -> String {
    format!("{fingerprint}{}", hex::encode(place))
}

/// The place a token names, read by `parse`; a violation for anything else but an empty one.
pub(super) fn place<T>(
    violations: &mut Violations,
    fingerprint: &str,
    token: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    if token.is_empty() {
        return None;
    }
    let place = Some(token)
        .filter(|token| token.len() <= LONGEST)
        .and_then(|token| token.strip_prefix(fingerprint))
        .and_then(|rest| String::from_utf8(hex::decode(rest).ok()?).ok())
        .and_then(|place| parse(&place));
    violations.require(
        place.is_some(),
        "page_token",
        "must be next_page_token of the page before, with the same filters",
    );
    place
}

/// Cuts a list that was read one row too long to its page; the last row kept is the next page's place, if there is one.
pub(super) fn cut<T>(rows: &mut Vec<T>, size: i64) -> bool {
    let size = usize::try_from(size).expect("a page size is checked to be small and positive");
    let more = rows.len() > size;
    rows.truncate(size);
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place_and_to_no_other_list() {
        let own = fingerprint("ListEnterprises", &["pre", "admitted"]);
        let made = token(&own, "name\u{1f}code");
        let read = |fingerprint: &str, token: &str| {
            let mut violations = Violations::new();
            let read = place(&mut violations, fingerprint, token, |text| {
                Some(text.to_owned())
            });
            (read, violations.is_empty())
        };
        assert_eq!(read(&own, &made), (Some("name\u{1f}code".to_owned()), true));
        assert_eq!(read(&own, ""), (None, true));
        let other = fingerprint("ListEnterprises", &["prea", "dmitted"]);
        for (fingerprint, token) in [
            (&other, made.as_str()),
            (&own, "zz"),
            (&own, &made[..made.len() - 1]),
            (&own, &"a".repeat(5000)),
        ] {
            assert_eq!(read(fingerprint, token), (None, false), "{token}");
        }
    }

    #[test]
    fn a_page_is_cut_when_one_row_more_was_found() {
        for (found, size, kept, more) in [(0, 2, 0, false), (2, 2, 2, false), (3, 2, 2, true)] {
            let mut rows: Vec<i32> = (0..found).collect();
            assert_eq!(cut(&mut rows, size), more, "{found}");
            assert_eq!(rows.len(), kept, "{found}");
        }
    }
}
