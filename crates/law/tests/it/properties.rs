//! What holds for every period, whatever the day, the length, the pauses and the switches.

use chrono::{Days, NaiveDate};
use law::period::{DayRange, Period, Treatment, due, explain, may_end_on};
use law::rules::{Law, Policy, RuleSet};
use proptest::prelude::*;

use crate::day;

fn days() -> impl Strategy<Value = NaiveDate> {
    // from before the first known day to beyond the last
    (0_u64..9_500).prop_map(|offset| day("2003-06-01") + Days::new(offset))
}

fn laws() -> impl Strategy<Value = Law> {
    any::<(bool, bool)>().prop_map(|(roll_weekends, roll_adjusted_rest)| Law {
        policy: Policy {
            roll_weekends,
            roll_adjusted_rest,
            ..Policy::default()
        },
        ..Law::default()
    })
}

fn period(length: u32, working: bool) -> Period {
    if working {
        Period::WorkingDays(length)
    } else {
        Period::CalendarDays(length)
    }
}

/// Pauses given by distance from the start and length.
fn pauses() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0_u64..90, 0_u64..30), 0..4)
}

fn ranges(from: NaiveDate, pauses: &[(u64, u64)]) -> Vec<DayRange> {
    let range = |&(distance, length): &(u64, u64)| {
        let first = from + Days::new(distance);
        DayRange {
            first,
            last: first + Days::new(length),
        }
    };
    pauses.iter().map(range).collect()
}

fn last_day(from: NaiveDate, period: Period, pauses: &[DayRange], law: &Law) -> NaiveDate {
    due(from, period, pauses, RuleSet::Order121, law).last_day
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn longer_period_never_ends_earlier(
        from in days(), length in 1_u32..90, more in 0_u32..20, working: bool, gaps in pauses(), law in laws(),
    ) {
        let pauses = ranges(from, &gaps);
        let short = last_day(from, period(length, working), &pauses, &law);
        let long = last_day(from, period(length + more, working), &pauses, &law);
        prop_assert!(short <= long);
    }

    #[test]
    fn later_start_never_ends_earlier(
        from in days(), later in 0_u64..20, length in 1_u32..90, working: bool, gaps in pauses(), law in laws(),
    ) {
        let pauses = ranges(from, &gaps);
        let period = period(length, working);
        prop_assert!(last_day(from, period, &pauses, &law) <= last_day(from + Days::new(later), period, &pauses, &law));
    }

    #[test]
    fn period_never_ends_on_a_forbidden_or_paused_day(
        from in days(), length in 1_u32..90, working: bool, gaps in pauses(), law in laws(),
    ) {
        let pauses = ranges(from, &gaps);
        let last = last_day(from, period(length, working), &pauses, &law);
        prop_assert!(may_end_on(last, &law));
        prop_assert!(!pauses.iter().any(|pause| pause.contains(last)));
        prop_assert!(!working || law.calendar.is_working_day(last));
    }

    #[test]
    fn counted_and_passed_over_days_are_the_elapsed_days(
        from in days(), length in 1_u32..90, working: bool, gaps in pauses(), law in laws(),
    ) {
        let pauses = ranges(from, &gaps);
        let explained = explain(from, period(length, working), &pauses, RuleSet::Order121, &law);
        let count = |wanted: fn(Treatment) -> bool| explained.days.iter().filter(|day| wanted(day.treatment)).count();
        let counted = count(|treatment| matches!(treatment, Treatment::Counted(_)));
        let paused = count(|treatment| treatment == Treatment::Paused);
        let passed = count(|treatment| {
            matches!(treatment, Treatment::NotWorking | Treatment::RolledOver | Treatment::RolledTo)
        });
        let elapsed = (explained.due.last_day - from).num_days() as usize;
        prop_assert_eq!(counted, length as usize);
        prop_assert_eq!(counted + paused + passed, elapsed);
        let expected: Vec<_> = from.iter_days().take(elapsed + 1).collect();
        let told: Vec<_> = explained.days.iter().map(|told| told.day).collect();
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn explanation_gives_the_same_due_date(
        from in days(), length in 0_u32..90, working: bool, gaps in pauses(), law in laws(),
    ) {
        let pauses = ranges(from, &gaps);
        let period = period(length, working);
        let explained = explain(from, period, &pauses, RuleSet::Order20, &law);
        prop_assert_eq!(explained.due, due(from, period, &pauses, RuleSet::Order20, &law));
    }

    #[test]
    fn split_pause_equals_the_whole(
        from in days(), length in 1_u32..90, working: bool, law in laws(),
        distance in 0_u64..60, first_part in 0_u64..15, second_part in 0_u64..15, overlap in 0_u64..5,
    ) {
        let whole = ranges(from, &[(distance, first_part + 1 + second_part)]);
        let overlap = overlap.min(first_part);
        let second_starts = distance + first_part + 1 - overlap;
        let split = ranges(from, &[(second_starts, second_part + overlap), (distance, first_part)]);
        let period = period(length, working);
        prop_assert_eq!(last_day(from, period, &whole, &law), last_day(from, period, &split, &law));
    }

    #[test]
    fn period_text_reads_back(length in 1_u32..=law::period::MAX_DAYS, working: bool) {
        let period = period(length, working);
        prop_assert_eq!(period.to_string().parse::<Period>(), Ok(period));
    }
}
