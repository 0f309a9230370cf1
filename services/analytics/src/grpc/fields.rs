//! The fields of requests, checked. An empty text means "not given".

use chassis::violations::Violations;
use chrono::NaiveDate;
use proto::{analytics, wire};

use crate::domain::selection::Selection;

/// A selection; what breaks a rule is noted and selects nothing narrower.
pub(crate) fn selection(violations: &mut Violations, asked: analytics::v1::Selection) -> Selection {
    let (from, to) = days(violations, &asked.from_day, &asked.to_day);
    let given = |text: String| (!text.is_empty()).then_some(text);
    let (enterprise, authority) = (given(asked.enterprise), given(asked.authority));
    let category = given(asked.category);
    violations.require(
        enterprise
            .as_deref()
            .is_none_or(|text| wire::uscc(text).is_some()),
        "enterprise",
        "must be a unified social credit code of 18 characters",
    );
    violations.require(
        authority
            .as_deref()
            .is_none_or(|text| wire::authority(text).is_some()),
        "authority",
        "must have 1 to 32 letters, digits or hyphens",
    );
    if let Some(text) = &category {
        violations.len("category", text, 1, 64);
        violations.require(!text.contains('\0'), "category", "must not contain NUL");
    }
    Selection {
        from,
        to,
        enterprise,
        authority,
        category,
    }
}

/// First and last day of filing.
pub(crate) fn days(
    violations: &mut Violations,
    from_day: &str,
    to_day: &str,
) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let from = day(violations, "from_day", from_day);
    let to = day(violations, "to_day", to_day);
    if let (Some(from), Some(to)) = (from, to) {
        violations.require(from <= to, "to_day", "must not be before from_day");
    }
    (from, to)
}

fn day(violations: &mut Violations, field: &str, text: &str) -> Option<NaiveDate> {
    let day = wire::day(text);
    violations.require(
        day.is_some() || text.is_empty(),
        field,
        "must be a day of the calendar, YYYY-MM-DD",
    );
    day
}
