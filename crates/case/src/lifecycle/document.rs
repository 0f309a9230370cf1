//! The lifecycle as a page for people, written from the code.

use std::fmt::{self, Write};

use crate::invariant::INVARIANTS;
use crate::lifecycle::{ROWS, Row, StateKind};
use crate::refusal::Reason;

/// `docs/case-lifecycle.md`.
pub fn document() -> String {
    let mut page = String::new();
    write(&mut page).expect("a string takes any text");
    page
}

fn write(page: &mut String) -> fmt::Result {
    page.push_str(OPENING);
    page.push_str("\n## States\n\n| State | Meaning | Owner |\n|---|---|---|\n");
    for state in StateKind::ALL {
        let (meaning, owner) = (state.meaning(), state.owner());
        writeln!(page, "| `{state}` | {meaning} | {owner} |")?;
    }
    page.push_str(COMMANDS);
    for row in ROWS {
        command(page, row)?;
    }
    page.push_str(REASONS);
    for reason in Reason::ALL {
        writeln!(page, "| `{reason}` | {} |", reason.meaning())?;
    }
    page.push_str("\n## Invariants\n\n");
    for (number, text) in (1..).zip(INVARIANTS) {
        writeln!(page, "{number}. {text}")?;
    }
    Ok(())
}

fn command(page: &mut String, row: &Row) -> fmt::Result {
    let by: Vec<String> = row.by.iter().map(ToString::to_string).collect();
    let from: Vec<String> = row.from.iter().map(|state| format!("`{state}`")).collect();
    let yields: Vec<String> = row
        .yields
        .iter()
        .map(|(event, to)| match to {
            Some(state) => format!("`{event}` → `{state}`"),
            None if row.command.is_notice() => format!("`{event}` (notice)"),
            None => format!("`{event}`"),
        })
        .collect();
    writeln!(
        page,
        "| `{}` | {} | {} | {} | {} | {} |",
        row.command,
        by.join(", "),
        if from.is_empty() {
            "–".to_owned()
        } else {
            from.join(", ")
        },
        yields.join("<br>"),
        row.note,
        row.article,
    )
}

const OPENING: &str = "\
# The case lifecycle

Written from `crates/case` by its test `document`; change the code, then run that test with `ODR_UPDATE=1`.

A command is asked for, an event has happened, a state says what the case is. The owner of a state is the one
service that may append the next decision; a notice may be appended by any service and is answered by the owner.
";

const COMMANDS: &str = "
## Commands

An event without an arrow leaves the case where it is. Articles are those of Order 121. A due date passes at 00:00
(+08:00) of the day after its last day; before any other command the deadlines that have passed are applied, the
earliest first.

| Command | By | From | Yields | Notes | Article |
|---|---|---|---|---|---|
";

const REASONS: &str = "
## Refusals

| Reason | Meaning |
|---|---|
";
