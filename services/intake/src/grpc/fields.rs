//! Checks of single fields. A field that is right costs no allocation; paths are put together for wrong ones only.

use chassis::violations::Violations;
use chrono::NaiveDate;
use law::directory::{Directory, RegionCode};
use proto::wire::{self, Listed};

/// Most fen a complaint may name.
const MOST_FEN: i64 = 1_000_000_000_000;

/// The fields of one message: violations, with the message's path.
pub(super) struct Fields<'v> {
    violations: &'v mut Violations,
    path: &'static str,
}

impl<'v> Fields<'v> {
    /// The fields of the message at `path`.
    pub(super) fn of(violations: &'v mut Violations, path: &'static str) -> Self {
        Self { violations, path }
    }

    /// Notes that a field breaks a rule.
    pub(super) fn add(&mut self, field: &str, rule: &'static str) {
        self.violations
            .add(format_args!("{}.{field}", self.path), rule);
    }

    /// Notes that a field breaks `rule` unless `holds`.
    pub(super) fn require(&mut self, holds: bool, field: &str, rule: &'static str) {
        if !holds {
            self.add(field, rule);
        }
    }

    /// A line of `least` to `most` characters, none of them a control character.
    pub(super) fn line(
        &mut self,
        field: &str,
        value: &str,
        least: usize,
        most: usize,
        rule: &'static str,
    ) {
        let plain = !value.bytes().any(|byte| byte.is_ascii_control());
        self.require(has_length(value, least, most) && plain, field, rule);
    }

    /// A text of several lines; no NUL, which the store cannot keep.
    pub(super) fn text(
        &mut self,
        field: &str,
        value: &str,
        least: usize,
        most: usize,
        rule: &'static str,
    ) {
        self.require(
            has_length(value, least, most) && !value.contains('\0'),
            field,
            rule,
        );
    }

    /// A telephone number; empty only where none is required.
    pub(super) fn phone(&mut self, field: &str, value: &str, is_required: bool) {
        let fits = (5..=30).contains(&value.len())
            && value
                .bytes()
                .all(|b| b.is_ascii_digit() || b" +-()".contains(&b));
        let absent = value.is_empty() && !is_required;
        self.require(
            fits || absent,
            field,
            "must have 5 to 30 digits, spaces and + - ( )",
        );
    }

    /// A code of `least` to `most` of A-Z a-z 0-9 . _ -
    pub(super) fn code(
        &mut self,
        field: &str,
        value: &str,
        least: usize,
        most: usize,
        rule: &'static str,
    ) {
        let plain = value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        self.require((least..=most).contains(&value.len()) && plain, field, rule);
    }

    /// The code of a region of the directory; empty means not given.
    pub(super) fn region(
        &mut self,
        field: &str,
        value: &str,
        directory: &Directory,
    ) -> Option<RegionCode> {
        if value.is_empty() {
            return None;
        }
        let found = directory.region(value).map(|region| region.code.clone());
        self.require(found.is_some(), field, "must be a region of the directory");
        found
    }

    /// A day from 1990 to today; empty means not given.
    pub(super) fn past_day(
        &mut self,
        field: &str,
        value: &str,
        today: NaiveDate,
    ) -> Option<NaiveDate> {
        if value.is_empty() {
            return None;
        }
        let first = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day of the calendar");
        let day = wire::day(value).filter(|day| first <= *day && *day <= today);
        self.require(
            day.is_some(),
            field,
            "must be a day YYYY-MM-DD from 1990-01-01 to today",
        );
        day
    }

    /// An amount of money.
    pub(super) fn fen(&mut self, field: &str, value: i64) {
        self.require(
            (0..=MOST_FEN).contains(&value),
            field,
            "must be 0 to 1000000000000 fen",
        );
    }

    /// A value of a closed list, required.
    pub(super) fn listed<T: Listed>(&mut self, field: &str, number: i32) -> Option<T> {
        let value = wire::listed(number);
        self.require(value.is_some(), field, "must be a value of the list");
        value
    }

    /// A value of a closed list; UNSPECIFIED counts as `default`.
    pub(super) fn listed_or<T: Listed>(
        &mut self,
        field: &str,
        number: i32,
        default: T,
    ) -> Option<T> {
        if number == 0 {
            Some(default)
        } else {
            self.listed(field, number)
        }
    }
}

/// Whether a text has `least` to `most` characters; one of more than four bytes a character is not counted.
fn has_length(value: &str, least: usize, most: usize) -> bool {
    value.len() <= most * 4 && (least..=most).contains(&value.chars().count())
}
