//! The shipped calendar against known days, and refusals of broken calendar files.

use std::sync::Arc;

use chrono::Datelike;
use law::calendar::{Calendar, CalendarFault, DayKind};
use law::table::TableFault;

use crate::day;

const HEAD: &str = "# version: 3\n# known-until: 2026-12-31\nday,kind,name\n";

fn name(text: &str) -> Arc<str> {
    Arc::from(text)
}

#[test]
fn shipped_calendar_knows_its_days() {
    use DayKind::*;
    let calendar = Calendar::built_in();
    assert_eq!(calendar.known_until(), day("2026-12-31"));
    for (on, expected) in [
        ("2026-03-04", Working),
        ("2026-03-07", Weekend),
        ("2026-02-14", MakeUpWorking(name("春节"))),
        ("2026-02-15", AdjustedRest(name("春节"))),
        ("2026-02-16", StatutoryHoliday(name("春节"))),
        ("2026-02-19", StatutoryHoliday(name("春节"))),
        ("2026-02-20", AdjustedRest(name("春节"))),
        ("2026-05-02", StatutoryHoliday(name("劳动节"))),
        ("2026-05-03", AdjustedRest(name("劳动节"))),
        ("2026-10-04", AdjustedRest(name("国庆节"))),
        ("2024-02-09", Working),
        ("2024-05-02", AdjustedRest(name("劳动节"))),
        ("2025-10-06", StatutoryHoliday(name("中秋节"))),
        ("2015-09-03", StatutoryHoliday(name("抗战胜利纪念日"))),
        ("2013-02-09", StatutoryHoliday(name("春节"))),
        ("2007-05-03", StatutoryHoliday(name("劳动节"))),
        ("2015-06-21", AdjustedRest(name("端午节"))),
        ("2005-12-31", MakeUpWorking(name("元旦"))),
        ("2003-10-01", Working),
        ("2027-10-01", Working),
    ] {
        assert_eq!(calendar.kind(day(on)), expected, "{on}");
        let worked = matches!(expected, Working | MakeUpWorking(_));
        assert_eq!(calendar.is_working_day(day(on)), worked, "{on}");
    }
}

#[test]
fn shipped_years_have_the_published_number_of_days() {
    let calendar = Calendar::built_in();
    let in_year = |year: i32| move |at: &chrono::NaiveDate| at.year() == year;
    for (year, working, made_up, off) in [(2026, 248, 6, 33), (2021, 250, 7, 31)] {
        let days = day(&format!("{year}-01-01"))
            .iter_days()
            .take_while(in_year(year));
        assert_eq!(
            days.filter(|&at| calendar.is_working_day(at)).count(),
            working,
            "{year}"
        );
        let arranged: Vec<_> = calendar
            .deviations()
            .filter(|(at, _)| in_year(year)(at))
            .collect();
        let worked = arranged
            .iter()
            .filter(|(_, kind)| matches!(kind, DayKind::MakeUpWorking(_)))
            .count();
        assert_eq!((worked, arranged.len() - worked), (made_up, off), "{year}");
    }
}

#[test]
fn shipped_statutory_days_are_those_of_the_regulation() {
    let calendar = Calendar::built_in();
    for year in 2004..=2026 {
        let statutory = calendar
            .deviations()
            .filter(|(at, kind)| at.year() == year && matches!(kind, DayKind::StatutoryHoliday(_)))
            .count();
        let expected = match year {
            // Mid-Autumn coincides with National Day
            2009 | 2020 => 10,
            // the seventieth anniversary of the victory
            2015 => 12,
            early if early < 2008 => 10,
            late if late > 2024 => 13,
            _ => 11,
        };
        assert_eq!(statutory, expected, "{year}");
    }
}

#[test]
fn notes_carry_version_and_known_until() {
    let calendar = Calendar::parse(&format!("{HEAD}2026-01-01,statutory,New Year\n")).unwrap();
    assert_eq!(
        (calendar.version(), calendar.known_until()),
        (3, day("2026-12-31"))
    );
    assert_eq!(
        calendar.kind(day("2026-01-01")),
        DayKind::StatutoryHoliday(name("New Year"))
    );
}

#[test]
fn broken_calendars_are_refused_with_line_and_reason() {
    let with = |rows: &str| format!("{HEAD}{rows}");
    let header = |notes: &str| format!("{notes}day,kind,name\n");
    for (text, line, reason) in [
        (String::new(), 1, CalendarFault::Version),
        (
            header("# known-until: 2026-12-31\n"),
            1,
            CalendarFault::Version,
        ),
        (
            header("# version: 0\n# known-until: 2026-12-31\n"),
            1,
            CalendarFault::Version,
        ),
        (header("# version: 1\n"), 1, CalendarFault::KnownUntil),
        (
            header("# version: 1\n# known-until: soon\n"),
            1,
            CalendarFault::KnownUntil,
        ),
        (
            with("2026-02-30,rest,x\n"),
            4,
            CalendarFault::Day("2026-02-30".into()),
        ),
        (
            with("2026-01-01,statutory,x\n2026-01-02,free,x\n"),
            5,
            CalendarFault::Kind("free".into()),
        ),
        (
            with("2026-01-01,statutory,x\n\n2026-01-01,rest,x\n"),
            6,
            CalendarFault::DayTwice(day("2026-01-01")),
        ),
        (
            with("2027-01-01,statutory,x\n"),
            4,
            CalendarFault::BeyondKnown(day("2027-01-01")),
        ),
        (
            with("2026-01-02,work,x\n"),
            4,
            CalendarFault::NotAWeekend(day("2026-01-02")),
        ),
        (
            with("2026-01-01,statutory\n"),
            4,
            CalendarFault::Table(TableFault::FieldCount {
                expected: 3,
                found: 2,
            }),
        ),
        (
            with("2026-01-01,statutory,\"x\n"),
            4,
            CalendarFault::Table(TableFault::BadQuoting),
        ),
        (
            "# version: 1\n# known-until: 2026-12-31\nday,name\n".to_owned(),
            3,
            CalendarFault::Table(TableFault::MissingColumn("kind")),
        ),
    ] {
        let error = Calendar::parse(&text).unwrap_err();
        assert_eq!((error.line, error.reason), (line, reason), "{text:?}");
    }
}
