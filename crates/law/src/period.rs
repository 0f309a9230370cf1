//! When a period ends, and why: first day not counted, pauses not counted, roll over statutory holidays
//! (Order 121 Art 45, Penalty Procedure Provisions Art 80).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

use crate::calendar::{DayKind, is_weekend};
use crate::day::start_of;
use crate::rules::{Law, RuleSet};

/// Longest period that can be written as text, in days.
pub const MAX_DAYS: u32 = 3_660;

/// A length of time as the rules give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// Only working days count.
    WorkingDays(u32),
    /// Every day counts.
    CalendarDays(u32),
}

/// A text that is no period.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a period is written like 7WD or 60D, from 1 to {MAX_DAYS} days")]
pub struct PeriodError;

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .parse()
                .ok()
                .filter(|days| plain && (1..=MAX_DAYS).contains(days))
                .ok_or(PeriodError)
        };
        match (text.strip_suffix("WD"), text.strip_suffix('D')) {
            (Some(digits), _) => number(digits).map(Period::WorkingDays),
            (None, Some(digits)) => number(digits).map(Period::CalendarDays),
            (None, None) => Err(PeriodError),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::WorkingDays(days) => write!(f, "{days}WD"),
            Period::CalendarDays(days) => write!(f, "{days}D"),
        }
    }
}

/// Days from `first` to `last`, both included; the wrong way round it holds no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayRange {
    /// First day of the range.
    pub first: NaiveDate,
    /// Last day of the range.
    pub last: NaiveDate,
}

/// A text that is no range of days.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a range of days is written YYYY-MM-DD..YYYY-MM-DD, the first day not after the last")]
pub struct DayRangeError;

impl DayRange {
    /// Whether the range holds this day.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }
}

impl FromStr for DayRange {
    type Err = DayRangeError;

    fn from_str(text: &str) -> Result<Self, DayRangeError> {
        let (first, last) = text.split_once("..").ok_or(DayRangeError)?;
        let day = |text: &str| {
            NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| DayRangeError)
        };
        let range = DayRange {
            first: day(first)?,
            last: day(last)?,
        };
        if range.first > range.last {
            Err(DayRangeError)
        } else {
            Ok(range)
        }
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// The end of a period, with what it was counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The instant from which the act is late: 00:00 at +08:00 of the day after `last_day`.
    pub at: DateTime<Utc>,
    /// The last day on which the act is in time.
    pub last_day: NaiveDate,
    /// The rule set the period was taken from.
    pub rule_set: RuleSet,
    /// Version of the calendar it was counted with.
    pub calendar_version: u32,
    /// Whether the last day lies beyond what the calendar knows, so that it may move when next year's arrives.
    pub provisional: bool,
}

/// What became of one day in the counting of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// The day on which the clock starts; never counted.
    StartDay,
    /// Counted, as the n-th day from 1.
    Counted(u32),
    /// Passed over: a period of working days meets a day that is not worked.
    NotWorking,
    /// Passed over: the clock pauses.
    Paused,
    /// Passed over after the count was full, since a period may not end on this day.
    RolledOver,
    /// The day the period ends on after rolling.
    RolledTo,
}

/// One day of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedDay {
    /// The day.
    pub day: NaiveDate,
    /// What the calendar says of it.
    pub kind: DayKind,
    /// What the counting did with it.
    pub treatment: Treatment,
}

/// A due date with every day that led to it, from the start day to the last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The end of the period.
    pub due: Due,
    /// Every day in order, without holes.
    pub days: Vec<CountedDay>,
}

/// When a period that starts on `from` ends.
///
/// A pause's days are not counted, days named by several pauses once; a period never ends inside a pause. A period of
/// no days ends on its start day, where that day may be a last day. Counting stops at the end of the representable
/// calendar.
pub fn due(
    from: NaiveDate,
    period: Period,
    pauses: &[DayRange],
    rule_set: RuleSet,
    law: &Law,
) -> Due {
    ending(count(from, period, pauses, law, |_, _| {}), rule_set, law)
}

/// Like [`due`], with the treatment of every day.
pub fn explain(
    from: NaiveDate,
    period: Period,
    pauses: &[DayRange],
    rule_set: RuleSet,
    law: &Law,
) -> Explained {
    let mut days = Vec::new();
    let last_day = count(from, period, pauses, law, |day, treatment| {
        days.push(CountedDay {
            day,
            kind: law.calendar.kind(day),
            treatment,
        });
    });
    Explained {
        due: ending(last_day, rule_set, law),
        days,
    }
}

/// Walks the days and tells each one's treatment to `visit`; returns the last day.
fn count(
    from: NaiveDate,
    period: Period,
    pauses: &[DayRange],
    law: &Law,
    mut visit: impl FnMut(NaiveDate, Treatment),
) -> NaiveDate {
    let (length, only_working) = match period {
        Period::WorkingDays(days) => (days, true),
        Period::CalendarDays(days) => (days, false),
    };
    let paused = |day| pauses.iter().any(|pause| pause.contains(day));
    visit(from, Treatment::StartDay);
    let (mut day, mut counted) = (from, 0);
    while counted < length {
        let Some(next) = day.succ_opt() else {
            return day;
        };
        day = next;
        let treatment = if paused(day) {
            Treatment::Paused
        } else if only_working && !law.calendar.is_working_day(day) {
            Treatment::NotWorking
        } else {
            counted += 1;
            Treatment::Counted(counted)
        };
        visit(day, treatment);
    }
    while let Some(next) = day
        .succ_opt()
        .filter(|_| paused(day) || !may_end_on(day, law))
    {
        day = next;
        let treatment = match (paused(day), may_end_on(day, law)) {
            (true, _) => Treatment::Paused,
            (false, true) => Treatment::RolledTo,
            (false, false) => Treatment::RolledOver,
        };
        visit(day, treatment);
    }
    day
}

/// Whether a period may end on this day: never on a statutory holiday, otherwise as the policy says.
pub fn may_end_on(day: NaiveDate, law: &Law) -> bool {
    let weekend_forbidden = law.policy.roll_weekends && is_weekend(day);
    match law.calendar.kind(day) {
        DayKind::Working | DayKind::MakeUpWorking(_) => true,
        DayKind::Weekend => !weekend_forbidden,
        DayKind::StatutoryHoliday(_) => false,
        DayKind::AdjustedRest(_) => !law.policy.roll_adjusted_rest && !weekend_forbidden,
    }
}

fn ending(last_day: NaiveDate, rule_set: RuleSet, law: &Law) -> Due {
    Due {
        at: start_of(last_day.succ_opt().unwrap_or(last_day)),
        last_day,
        rule_set,
        calendar_version: law.calendar.version(),
        provisional: last_day > law.calendar.known_until(),
    }
}
