//! Due dates that are known: the vectors of the domain research and the edges of the counting rule.

use law::calendar::{Calendar, DayKind};
use law::period::{DayRange, Explained, Period, Treatment, due, explain};
use law::rules::{Law, Policy, RuleSet};

use crate::day;

fn law(roll_weekends: bool, roll_adjusted_rest: bool) -> Law {
    Law {
        policy: Policy {
            roll_weekends,
            roll_adjusted_rest,
            ..Policy::default()
        },
        ..Law::default()
    }
}

fn period(text: &str) -> Period {
    text.parse().expect("tests write periods like 7WD")
}

fn pauses(texts: &[&str]) -> Vec<DayRange> {
    texts
        .iter()
        .map(|text| text.parse().expect("tests write ranges like DAY..DAY"))
        .collect()
}

fn last_day(from: &str, length: &str, law: &Law) -> String {
    due(day(from), period(length), &[], RuleSet::Order121, law)
        .last_day
        .to_string()
}

#[test]
fn published_vectors_hold() {
    for (from, length, expected) in [
        // make-up working Saturdays 02-14 and 02-28, Spring Festival between
        ("2026-02-10", "7WD", "2026-02-26"),
        ("2026-02-10", "10WD", "2026-03-02"),
        ("2026-02-10", "15WD", "2026-03-09"),
        // working Saturday 05-09
        ("2026-04-30", "7WD", "2026-05-13"),
        ("2026-04-30", "10WD", "2026-05-18"),
        ("2026-04-30", "15WD", "2026-05-25"),
        ("2026-04-30", "30WD", "2026-06-15"),
        // working days 09-20 and 10-10
        ("2026-09-18", "7WD", "2026-09-29"),
        ("2026-09-18", "10WD", "2026-10-09"),
        ("2026-09-18", "15WD", "2026-10-15"),
        // old and new limit of mediation
        ("2026-01-05", "45WD", "2026-03-13"),
        ("2026-01-05", "60D", "2026-03-06"),
        // inside the National Day block
        ("2026-08-03", "60D", "2026-10-08"),
        // a Friday to the next working day, over an ordinary weekend
        ("2026-03-06", "1WD", "2026-03-09"),
        // starting on a day that is not worked changes nothing
        ("2026-03-07", "1WD", "2026-03-09"),
        // a plain Saturday may be a last day of calendar days
        ("2026-03-06", "1D", "2026-03-07"),
        // a make-up working Saturday counts
        ("2026-02-27", "1WD", "2026-02-28"),
    ] {
        assert_eq!(
            last_day(from, length, &Law::default()),
            expected,
            "{length} from {from}"
        );
    }
}

#[test]
fn switches_decide_where_calendar_days_may_end() {
    // (roll weekends, roll adjusted rest)
    for (switches, from, expected) in [
        ((false, true), "2026-08-03", "2026-10-08"),
        ((false, false), "2026-08-03", "2026-10-04"),
        ((true, false), "2026-08-03", "2026-10-05"),
        ((true, true), "2026-08-03", "2026-10-08"),
        // 60 days fall on Saturday 03-07
        ((false, true), "2026-01-06", "2026-03-07"),
        ((true, true), "2026-01-06", "2026-03-09"),
        // 60 days fall on Saturday 02-14, which is worked
        ((true, true), "2025-12-16", "2026-02-14"),
    ] {
        let law = law(switches.0, switches.1);
        assert_eq!(
            last_day(from, "60D", &law),
            expected,
            "60D from {from} with {switches:?}"
        );
    }
}

#[test]
fn paused_days_are_not_counted() {
    for (length, paused, expected) in [
        ("60D", &["2026-01-10..2026-01-19"][..], "2026-03-16"),
        // overlapping and adjacent pauses count their days once
        (
            "60D",
            &[
                "2026-01-10..2026-01-15",
                "2026-01-13..2026-01-17",
                "2026-01-18..2026-01-19",
            ],
            "2026-03-16",
        ),
        // a pause on a weekend costs a period of working days nothing
        ("10WD", &["2026-01-10..2026-01-11"], "2026-01-19"),
        // the start day is never counted, so pausing it changes nothing
        ("10WD", &["2026-01-05..2026-01-05"], "2026-01-19"),
        ("10WD", &["2026-01-05..2026-01-06"], "2026-01-20"),
        // a pause behind the last day changes nothing
        ("10WD", &["2026-01-20..2026-01-30"], "2026-01-19"),
        // a period does not end inside a pause
        ("10WD", &["2026-01-19..2026-01-23"], "2026-01-26"),
    ] {
        let law = Law::default();
        let ends = due(
            day("2026-01-05"),
            period(length),
            &pauses(paused),
            RuleSet::Order121,
            &law,
        )
        .last_day;
        assert_eq!(ends, day(expected), "{length} with {paused:?}");
    }
}

#[test]
fn roll_does_not_end_inside_a_pause() {
    let law = Law::default();
    let ends = due(
        day("2026-08-03"),
        period("60D"),
        &pauses(&["2026-10-05..2026-10-12"]),
        RuleSet::Order121,
        &law,
    );
    assert_eq!(ends.last_day, day("2026-10-13"));
}

#[test]
fn due_instant_is_the_start_of_the_next_legal_day() {
    let law = Law::default();
    let due = due(
        day("2026-02-10"),
        period("7WD"),
        &[],
        RuleSet::Order20Regulation,
        &law,
    );
    assert_eq!(due.at.to_rfc3339(), "2026-02-26T16:00:00+00:00");
    assert_eq!(due.rule_set, RuleSet::Order20Regulation);
    assert_eq!(due.calendar_version, Calendar::built_in().version());
}

#[test]
fn due_beyond_the_known_calendar_is_provisional() {
    for (from, expected, provisional) in [
        ("2026-12-17", "2026-12-31", false),
        ("2026-12-18", "2027-01-01", true),
        ("2027-09-27", "2027-10-11", true),
    ] {
        let due = due(
            day(from),
            period("10WD"),
            &[],
            RuleSet::Order121,
            &Law::default(),
        );
        assert_eq!(
            (due.last_day, due.provisional),
            (day(expected), provisional),
            "10WD from {from}"
        );
    }
}

#[test]
fn explanation_names_every_day() {
    let explained = explain(
        day("2026-09-28"),
        period("3D"),
        &pauses(&["2026-09-30..2026-09-30"]),
        RuleSet::Order121,
        &law(false, false),
    );
    let Explained { due, days } = explained;
    let told: Vec<_> = days
        .iter()
        .map(|told| (told.day.to_string(), told.treatment))
        .collect();
    let expected = [
        ("2026-09-28", Treatment::StartDay),
        ("2026-09-29", Treatment::Counted(1)),
        ("2026-09-30", Treatment::Paused),
        ("2026-10-01", Treatment::Counted(2)),
        ("2026-10-02", Treatment::Counted(3)),
        ("2026-10-03", Treatment::RolledOver),
        ("2026-10-04", Treatment::RolledTo),
    ];
    assert_eq!(
        told,
        expected.map(|(day, treatment)| (day.to_owned(), treatment))
    );
    assert_eq!(due.last_day, day("2026-10-04"));
    assert_eq!(days[5].kind, DayKind::StatutoryHoliday("国庆节".into()));
    assert_eq!(days[6].kind, DayKind::AdjustedRest("国庆节".into()));
}

#[test]
fn explanation_tells_days_that_are_not_worked() {
    let law = Law::default();
    let days = explain(
        day("2026-03-06"),
        period("1WD"),
        &[],
        RuleSet::Order121,
        &law,
    )
    .days;
    let treatments: Vec<_> = days.iter().map(|told| told.treatment).collect();
    let expected = [
        Treatment::StartDay,
        Treatment::NotWorking,
        Treatment::NotWorking,
        Treatment::Counted(1),
    ];
    assert_eq!(treatments, expected);
}

#[test]
fn counting_stops_at_the_end_of_the_representable_calendar() {
    let law = law(true, true);
    let ends = due(
        chrono::NaiveDate::MAX,
        period("60D"),
        &[],
        RuleSet::Order121,
        &law,
    );
    assert_eq!(ends.last_day, chrono::NaiveDate::MAX);
}

#[test]
fn periods_are_written_in_one_way() {
    for (text, expected) in [
        ("7WD", Period::WorkingDays(7)),
        ("60D", Period::CalendarDays(60)),
    ] {
        assert_eq!(period(text), expected);
        assert_eq!(expected.to_string(), text);
    }
    for wrong in [
        "",
        "D",
        "WD",
        "0D",
        "0WD",
        "-1D",
        "+1D",
        "7",
        "7wd",
        "7 WD",
        " 7WD",
        "3661D",
        "99999999999D",
        "7WDD",
        "７D",
    ] {
        assert!(wrong.parse::<Period>().is_err(), "{wrong:?}");
    }
}

#[test]
fn ranges_of_days_are_written_in_one_way() {
    let range: DayRange = "2026-01-10..2026-01-19".parse().unwrap();
    assert_eq!(
        (range.first, range.last),
        (day("2026-01-10"), day("2026-01-19"))
    );
    assert_eq!(range.to_string(), "2026-01-10..2026-01-19");
    for wrong in [
        "",
        "..",
        "2026-01-10",
        "2026-01-10..",
        "2026-01-19..2026-01-10",
        "2026-02-29..2026-03-01",
    ] {
        assert!(wrong.parse::<DayRange>().is_err(), "{wrong:?}");
    }
}
