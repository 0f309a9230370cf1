//! The number of a case for people: `C-330106-20261124-0000513-K`.
//!
//! Type (C, complaint), region code, day of filing at +08:00, serial of at least seven digits, check character. The
//! check character is that of ISO 7064 MOD 37,36 over the letters and digits before it, hyphens left out: it finds
//! every single wrong character and every swap of neighbours but one in a hundred.

use chrono::{Datelike, NaiveDate};
use law::directory::RegionCode;

/// The region of a filing that names none.
const NO_REGION: &str = "000000";
const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The number of a complaint.
pub(crate) fn compose(region: Option<&RegionCode>, filed_on: NaiveDate, serial: i64) -> String {
    use std::fmt::Write as _;
    let region = region.map_or(NO_REGION, RegionCode::as_str);
    let mut number = String::with_capacity(40);
    let (year, month, day) = (filed_on.year(), filed_on.month(), filed_on.day());
    write!(
        number,
        "C-{region}-{year:04}{month:02}{day:02}-{serial:07}-"
    )
    .expect("a string takes every text");
    number.make_ascii_uppercase();
    let check = check_character(&number).expect("it is made of letters, digits and hyphens");
    number.push(check);
    number
}

/// The serial of a number that `compose` made; `None` for anything else.
pub(crate) fn serial_of(number: &str) -> Option<i64> {
    let (body, check) = number.split_at_checked(number.len().checked_sub(1)?)?;
    if check_character(body)? != check.chars().next()? {
        return None;
    }
    let (_, serial) = body.strip_suffix('-')?.rsplit_once('-')?;
    serial.parse().ok()
}

/// ISO 7064 MOD 37,36; `None` for a text with other characters.
fn check_character(text: &str) -> Option<char> {
    let mut product = 36;
    for byte in text.bytes().filter(|byte| *byte != b'-') {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return None,
        };
        let sum = (product + u32::from(value)) % 36;
        product = if sum == 0 { 36 } else { sum } * 2 % 37;
    }
    let check = (37 - product) % 36;
    Some(ALPHABET[check as usize] as char)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_number_says_type_region_day_and_serial() {
        let region = |code: &str| RegionCode::parse(code).unwrap();
        for (region, filed_on, serial, start) in [
            (
                Some(region("330106")),
                day(2026, 11, 24),
                513,
                "C-330106-20261124-0000513-",
            ),
            (
                Some(region("al")),
                day(2016, 1, 4),
                1,
                "C-AL-20160104-0000001-",
            ),
            (
                None,
                day(2016, 1, 4),
                123_456_789,
                "C-000000-20160104-123456789-",
            ),
            (
                Some(region("123456789012")),
                day(2016, 1, 4),
                9_999_999_999_999,
                "C-123456789012-20160104-9999999999999-",
            ),
        ] {
            let number = compose(region.as_ref(), filed_on, serial);
            assert_eq!(&number[..number.len() - 1], start);
            assert!(number.len() <= 40, "{number}");
            assert_eq!(serial_of(&number), Some(serial), "{number}");
        }
    }

    #[test]
    fn the_check_character_is_that_of_the_standard() {
        // The example of ISO 7064 for this system.
        assert_eq!(check_character("A12425GABC1234002"), Some('M'));
        assert_eq!(check_character("a"), None);
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_found(serial in 1_i64..10_000_000, place in 0_usize..26, wrong in 0_usize..36) {
            let region = RegionCode::parse("330106").unwrap();
            let number = compose(Some(&region), day(2026, 11, 24), serial);
            let mut changed = number.clone().into_bytes();
            prop_assume!(changed[place] != b'-' && changed[place] != ALPHABET[wrong]);
            changed[place] = ALPHABET[wrong];
            prop_assert_eq!(serial_of(std::str::from_utf8(&changed).unwrap()), None);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _either = serial_of(&text);
        }
    }
}
