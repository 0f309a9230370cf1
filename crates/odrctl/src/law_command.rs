//! `odrctl law`: when a period ends, and why, day by day. Needs no service.

use crate::out::line;
use anyhow::Result;
use chrono::NaiveDate;
use clap::Subcommand;
use law::calendar::DayKind;
use law::period::{CountedDay, DayRange, Explained, Treatment, explain};
use law::{Law, Period, RuleSet};
use serde_json::json;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// When a period that starts on a day ends
    Due {
        /// First day, YYYY-MM-DD; it is not counted
        #[arg(long)]
        from: NaiveDate,
        /// Working days or calendar days: 7WD, 60D
        #[arg(long)]
        period: Period,
        /// Days that do not count, both ends included: 2026-01-10..2026-01-19; may be given again
        #[arg(long)]
        pause: Vec<DayRange>,
        /// Let a period of calendar days not end on a plain weekend either
        #[arg(long)]
        roll_weekends: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(action: &Action) -> Result<()> {
    let Action::Due {
        from,
        period,
        pause,
        roll_weekends,
        json,
    } = action;
    let mut law = Law::default();
    law.policy.roll_weekends |= roll_weekends;
    let explained = explain(*from, *period, pause, RuleSet::on(*from), &law);
    if *json {
        line(format_args!(
            "{}",
            serde_json::to_string_pretty(&as_json(*from, *period, &explained))?
        ));
    } else {
        print(*from, *period, &explained);
    }
    Ok(())
}

fn as_json(from: NaiveDate, period: Period, explained: &Explained) -> serde_json::Value {
    let due = &explained.due;
    let days: Vec<_> = explained
        .days
        .iter()
        .map(|day| json!({"day": day.day.to_string(), "kind": kind(&day.kind), "treatment": treatment(day)}))
        .collect();
    json!({
        "from": from.to_string(),
        "period": period.to_string(),
        "due": due.last_day.to_string(),
        "passed_at": due.at.to_rfc3339(),
        "rule_set": due.rule_set.code(),
        "calendar_version": due.calendar_version,
        "provisional": due.provisional,
        "days": days,
    })
}

fn print(from: NaiveDate, period: Period, explained: &Explained) {
    let due = &explained.due;
    line(format_args!(
        "{period} from {from}: due {} ({})",
        due.last_day,
        due.last_day.format("%A")
    ));
    if due.provisional {
        line(format_args!(
            "provisional: the calendar is known until {} only",
            Law::default().calendar.known_until()
        ));
    }
    for day in &explained.days {
        line(format_args!(
            "  {} {:<3} {:<28} {}",
            day.day,
            day.day.format("%a"),
            kind(&day.kind),
            treatment(day)
        ));
    }
    line(format_args!(
        "passed from {} on; rules {}, calendar {}",
        due.at.to_rfc3339(),
        due.rule_set.code(),
        due.calendar_version
    ));
}

/// The days that a period passed over, told shortly.
pub(crate) fn skipped(explained: &Explained) -> String {
    let passed = explained.days.iter().filter(|day| {
        matches!(
            day.treatment,
            Treatment::NotWorking | Treatment::Paused | Treatment::RolledOver
        ) && !matches!(day.kind, DayKind::Weekend)
    });
    let words: Vec<String> = passed
        .map(|day| format!("{} {}", day.day.format("%m-%d"), kind(&day.kind)))
        .collect();
    if words.is_empty() {
        "plain weekends alone passed over".into()
    } else {
        format!("passed over: {}", words.join(", "))
    }
}

fn kind(kind: &DayKind) -> String {
    match kind {
        DayKind::Working => "working day".into(),
        DayKind::Weekend => "weekend".into(),
        DayKind::MakeUpWorking(name) => format!("worked for {name}"),
        DayKind::StatutoryHoliday(name) => format!("statutory holiday: {name}"),
        DayKind::AdjustedRest(name) => format!("rest day: {name}"),
    }
}

fn treatment(day: &CountedDay) -> String {
    match day.treatment {
        Treatment::StartDay => "first day, not counted".into(),
        Treatment::Counted(nth) => format!("counted, day {nth}"),
        Treatment::NotWorking => "not a working day".into(),
        Treatment::Paused => "paused".into(),
        Treatment::RolledOver => "no period ends on it".into(),
        Treatment::RolledTo => "the period ends here".into(),
    }
}
