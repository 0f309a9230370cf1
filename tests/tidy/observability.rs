//! What is told and what the page says is told: alarms, fields of the log, fields of the status. Metrics and spans are
//! compared by the scenario `observed`, with those of running services.

use std::collections::BTreeSet;

use crate::repository::SOURCES;
use crate::source::Source;
use crate::{Findings, holds};

const PAGE: &str = "docs/OBSERVABILITY.md";

/// A section of a page, from its heading to the next.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_default();
    rest.split("\n## ").next().unwrap_or_default()
}

/// Names in backticks in the first column of a section's tables.
fn first_column(section: &str) -> BTreeSet<String> {
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap_or_default();
        let names: Vec<String> = cell
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        names
    })
    .collect()
}

/// The insides of the log's macros, line breaks and texts taken out.
fn log_lines(sources: &[Source]) -> Vec<String> {
    let told = |source: &&Source| {
        let ours = source.path.starts_with("crates/") || source.path.starts_with("services/");
        // devstack, load and odrctl speak to people, not to a collector of logs
        let service = !["devstack", "odrctl"]
            .iter()
            .any(|name| source.path.contains(name));
        source.is_rust() && ours && service && !source.is_test()
    };
    let mut lines = Vec::new();
    for source in sources.iter().filter(told) {
        let kept: Vec<&str> = source
            .without_tests()
            .into_iter()
            .map(|(_, line)| line)
            .collect();
        let text = kept.join("\n");
        for level in ["error!(", "warn!(", "info!("] {
            let start = format!("tracing::{level}");
            let starts = text.match_indices(&start).map(|(at, _)| at + start.len());
            lines.extend(starts.map(|start| inside(&text[start..])));
        }
    }
    lines
}

/// Up to the parenthesis that closes, texts emptied.
fn inside(text: &str) -> String {
    let (mut depth, mut quoted, mut escaped) = (1, false, false);
    let mut kept = String::new();
    for character in text.chars() {
        let text_ends = quoted && character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        if quoted && !text_ends {
            if depth == 1 {
                kept.push(character);
            }
            continue;
        }
        match character {
            '"' => quoted = !quoted,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 || (depth == 2 && "([{".contains(character)) {
            kept.push(character);
        }
    }
    kept
}

/// The fields of a line of the log: what stands before `=`, or a name alone, with `%` or `?` before it.
fn fields(line: &str) -> BTreeSet<String> {
    let mut outside = String::new();
    for (place, part) in line.split('"').enumerate() {
        outside.push_str(if place % 2 == 0 { part } else { "\"" });
    }
    let parts = outside.split(',').map(str::trim);
    let named = parts.filter_map(|part| {
        let name = part.split_once('=').map_or(part, |(name, _)| name).trim();
        let name = name.trim_start_matches(['%', '?']);
        let is_name = name
            .chars()
            .all(|c| c.is_ascii_lowercase() || "._".contains(c));
        (is_name && !name.is_empty()).then(|| name.to_owned())
    });
    named.collect()
}

/// Words of `alarm = "…"`.
fn alarms(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("alarm = \"")?;
    rest.split('"').next()
}

fn differ(what: &str, told: &BTreeSet<String>, written: &BTreeSet<String>) -> Findings {
    let unwritten = told.difference(written);
    let untold = written.difference(told);
    let mut findings: Findings = unwritten
        .map(|name| format!("{PAGE}: the {what} `{name}` is missing"))
        .collect();
    findings.extend(untold.map(|name| format!("{PAGE}: the {what} `{name}` is told by nobody")));
    findings
}

fn page() -> &'static str {
    let found = SOURCES.iter().find(|source| source.path == PAGE);
    found.map_or("", |source| source.text.as_str())
}

#[test]
fn alarms_are_those_of_the_page() {
    let lines = log_lines(&SOURCES);
    let told = lines
        .iter()
        .filter_map(|line| alarms(line))
        .map(str::to_owned);
    let written = first_column(section(page(), "Alarms"));
    holds("alarms", &differ("alarm", &told.collect(), &written));
}

#[test]
fn fields_of_the_log_are_those_of_the_page() {
    let lines = log_lines(&SOURCES);
    assert!(
        lines.len() > 40,
        "{} lines of the log are seen",
        lines.len()
    );
    let told = lines.iter().flat_map(|line| fields(line)).collect();
    let written = first_column(section(page(), "Logs"));
    holds("fields of the log", &differ("field", &told, &written));
}

#[test]
fn fields_of_the_status_are_those_of_the_page() {
    let proto = SOURCES
        .iter()
        .find(|source| source.text.contains("message GetStatusResponse {"));
    let proto = proto.expect("the operations service is described");
    let (_, message) = proto
        .text
        .split_once("message GetStatusResponse {")
        .unwrap_or_default();
    let message = message.split('}').next().unwrap_or_default();
    let lines = message
        .lines()
        .filter(|line| line.contains('=') && !line.trim().starts_with("//"));
    let named = lines.filter_map(|line| line.split('=').next()?.split_whitespace().last());
    let told = named.map(str::to_owned).collect();
    let written = first_column(section(page(), "Status"));
    holds("fields of the status", &differ("field", &told, &written));
}

#[test]
fn lines_of_the_log_are_read() {
    let text = "tracing::warn!(\n  %error, alarm = \"parked, (so)\",\n  case.id = %of(subject, 1), reason, \"a, b = c\");";
    let source = Source::new("crates/x/src/a.rs", text);
    let lines = log_lines(&[source]);
    let expected = ["alarm", "case.id", "error", "reason"].map(str::to_owned);
    assert_eq!(fields(&lines[0]), BTreeSet::from(expected), "{lines:?}");
    assert_eq!(alarms(&lines[0]), Some("parked, (so)"));
    let (told, written) = (["a".to_owned()], ["b".to_owned()]);
    assert_eq!(differ("field", &told.into(), &written.into()).len(), 2);
}
