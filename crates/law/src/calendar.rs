//! Which days are working days: Monday to Friday, corrected by the State Council's yearly arrangement.
//!
//! The arrangement is data (`data/calendar-cn.csv`) with a version and a "known until" day; beyond that day only
//! weekends are known, and a due date that lies there is provisional.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::{Datelike, NaiveDate, Weekday};
use thiserror::Error;

use crate::table::{self, TableError, TableFault};

/// What a day is for the counting of periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayKind {
    /// An ordinary Monday to Friday.
    Working,
    /// An ordinary Saturday or Sunday.
    Weekend,
    /// A Saturday or Sunday that is worked to make up for a rest day; carries the festival.
    MakeUpWorking(Arc<str>),
    /// A day the public-holiday regulation itself names; carries the festival.
    StatutoryHoliday(Arc<str>),
    /// Another rest day of the arranged block around a festival; carries the festival.
    AdjustedRest(Arc<str>),
}

/// A working-day calendar; cloning shares the data.
#[derive(Debug, Clone)]
pub struct Calendar {
    data: Arc<Data>,
}

#[derive(Debug)]
struct Data {
    version: u32,
    known_until: NaiveDate,
    deviations: BTreeMap<NaiveDate, DayKind>,
}

/// Where and why a calendar file was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("calendar line {line}: {reason}")]
pub struct CalendarError {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub reason: CalendarFault,
}

/// What can be wrong with a calendar file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarFault {
    /// The table itself is broken.
    #[error("{0}")]
    Table(TableFault),
    /// The note `# version: N` is missing or N is no positive number.
    #[error("the note `# version: N` is missing or wrong")]
    Version,
    /// The note `# known-until: YYYY-MM-DD` is missing or wrong.
    #[error("the note `# known-until: YYYY-MM-DD` is missing or wrong")]
    KnownUntil,
    /// A day is not written as YYYY-MM-DD.
    #[error("`{0}` is not a day written YYYY-MM-DD")]
    Day(String),
    /// A kind is none of statutory, rest, work.
    #[error("`{0}` is none of statutory, rest, work")]
    Kind(String),
    /// A day has two rows.
    #[error("{0} has two rows")]
    DayTwice(NaiveDate),
    /// A day lies beyond the "known until" day.
    #[error("{0} lies beyond the known-until day")]
    BeyondKnown(NaiveDate),
    /// A make-up working day that is an ordinary working day anyway.
    #[error("{0} is worked anyway and cannot be a make-up day")]
    NotAWeekend(NaiveDate),
}

static BUILT_IN: LazyLock<Calendar> = LazyLock::new(|| {
    Calendar::parse(include_str!("../data/calendar-cn.csv"))
        .expect("the shipped calendar is parsed by every test run")
});

impl Calendar {
    /// The calendar shipped with this crate.
    pub fn built_in() -> Calendar {
        BUILT_IN.clone()
    }

    /// Reads a calendar: notes `# version: N` and `# known-until: YYYY-MM-DD`, then `day,kind,name` where kind is
    /// `statutory`, `rest` or `work`.
    ///
    /// # Errors
    /// The first fault with its line.
    pub fn parse(text: &str) -> Result<Calendar, CalendarError> {
        let refuse = |line, reason| CalendarError { line, reason };
        let version = note(text, "version")
            .and_then(|value| value.parse().ok().filter(|&version| version > 0))
            .ok_or(refuse(1, CalendarFault::Version))?;
        let known_until = note(text, "known-until")
            .and_then(|value| value.parse().ok())
            .ok_or(refuse(1, CalendarFault::KnownUntil))?;
        let mut deviations = BTreeMap::new();
        let mut names = BTreeMap::new();
        for row in table::read(text, &["day", "kind", "name"])? {
            let name = names
                .entry(row.fields[2].clone())
                .or_insert_with_key(|name| Arc::from(name.as_str()));
            let (day, kind) = deviation(&row.fields, name, known_until)
                .map_err(|reason| refuse(row.line, reason))?;
            if deviations.insert(day, kind).is_some() {
                return Err(refuse(row.line, CalendarFault::DayTwice(day)));
            }
        }
        Ok(Calendar {
            data: Arc::new(Data {
                version,
                known_until,
                deviations,
            }),
        })
    }

    /// Version of the data; a due date says which one it was counted with.
    pub fn version(&self) -> u32 {
        self.data.version
    }

    /// The last day whose arrangement is known.
    pub fn known_until(&self) -> NaiveDate {
        self.data.known_until
    }

    /// Whether offices work on this day.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.data.deviations.get(&day) {
            Some(DayKind::Working | DayKind::MakeUpWorking(_)) => true,
            Some(DayKind::Weekend | DayKind::StatutoryHoliday(_) | DayKind::AdjustedRest(_)) => {
                false
            }
            None => !is_weekend(day),
        }
    }

    /// What the day is.
    pub fn kind(&self, day: NaiveDate) -> DayKind {
        match self.data.deviations.get(&day) {
            Some(kind) => kind.clone(),
            None if is_weekend(day) => DayKind::Weekend,
            None => DayKind::Working,
        }
    }

    /// The arranged days in order: every day that is not simply a working Monday to Friday or a free weekend.
    pub fn deviations(&self) -> impl Iterator<Item = (NaiveDate, &DayKind)> {
        self.data.deviations.iter().map(|(&day, kind)| (day, kind))
    }
}

/// Whether a day is a Saturday or Sunday, whatever the arrangement says.
pub(crate) fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The value of a `# key: value` note.
fn note<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.strip_prefix('#'))
        .find_map(|note| note.trim().strip_prefix(key)?.strip_prefix(':'))
        .map(str::trim)
}

fn deviation(
    fields: &[String],
    name: &Arc<str>,
    known_until: NaiveDate,
) -> Result<(NaiveDate, DayKind), CalendarFault> {
    let day = NaiveDate::parse_from_str(&fields[0], "%Y-%m-%d")
        .map_err(|_| CalendarFault::Day(fields[0].clone()))?;
    if day > known_until {
        return Err(CalendarFault::BeyondKnown(day));
    }
    let kind = match fields[1].as_str() {
        "statutory" => DayKind::StatutoryHoliday(name.clone()),
        "rest" => DayKind::AdjustedRest(name.clone()),
        "work" if is_weekend(day) => DayKind::MakeUpWorking(name.clone()),
        "work" => return Err(CalendarFault::NotAWeekend(day)),
        other => return Err(CalendarFault::Kind(other.to_owned())),
    };
    Ok((day, kind))
}

impl From<TableError> for CalendarError {
    fn from(error: TableError) -> Self {
        CalendarError {
            line: error.line,
            reason: CalendarFault::Table(error.fault),
        }
    }
}
