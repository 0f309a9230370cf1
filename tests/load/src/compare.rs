//! Two result files side by side: every number of both, their ratio, and a mark where they differ by much.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use comfy_table::{Table, presets};
use serde_json::Value;

/// From this share on a difference is more than noise.
const NOISE: f64 = 0.15;

/// One figure of both files.
#[derive(Debug, PartialEq)]
struct Row {
    key: String,
    before: f64,
    after: f64,
}

/// The table of two files.
pub(crate) fn files(before: &Path, after: &Path) -> Result<String> {
    let rows = rows(&numbers_of(before)?, &numbers_of(after)?);
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(["figure", "before", "after", "after / before", ""]);
    for row in &rows {
        let mark = if row.differs() { "differs" } else { "" };
        table.add_row([
            row.key.clone(),
            format!("{:.3}", row.before),
            format!("{:.3}", row.after),
            format!("{:.2}", row.ratio()),
            mark.to_owned(),
        ]);
    }
    let marked = rows.iter().filter(|row| row.differs()).count();
    Ok(format!(
        "{table}\n{marked} of {} figures differ by more than {:.0} %",
        rows.len(),
        NOISE * 100.0
    ))
}

impl Row {
    fn ratio(&self) -> f64 {
        if self.before == self.after {
            1.0
        } else {
            self.after / self.before
        }
    }

    fn differs(&self) -> bool {
        let ratio = self.ratio();
        !(1.0 - NOISE..=1.0 + NOISE).contains(&ratio)
    }
}

fn numbers_of(path: &Path) -> Result<BTreeMap<String, f64>> {
    let named = || format!("cannot read {}", path.display());
    let bytes = std::fs::read(path).with_context(named)?;
    let value: Value = serde_json::from_slice(&bytes).with_context(named)?;
    let mut numbers = BTreeMap::new();
    collect(&value, "", &mut numbers);
    Ok(numbers)
}

/// Every number below a value, by its path; list members that have callers are named by their number.
fn collect(value: &Value, path: &str, into: &mut BTreeMap<String, f64>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match value {
        Value::Number(number) => {
            into.insert(path.to_owned(), number.as_f64().unwrap_or(f64::NAN));
        }
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, &below(name), into);
            }
        }
        Value::Array(members) => {
            for (place, member) in members.iter().enumerate() {
                let callers = member.get("callers").and_then(Value::as_u64);
                let name = callers.map_or(place.to_string(), |callers| format!("at_{callers}"));
                collect(member, &below(&name), into);
            }
        }
        _ => {}
    }
}

fn rows(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) -> Vec<Row> {
    let both = before.iter().filter_map(|(key, before)| {
        Some(Row {
            key: key.clone(),
            before: *before,
            after: *after.get(key)?,
        })
    });
    both.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn numbers(value: &Value) -> BTreeMap<String, f64> {
        let mut numbers = BTreeMap::new();
        collect(value, "", &mut numbers);
        numbers
    }

    #[test]
    fn figures_of_both_files_are_compared_by_their_path() {
        let before = json!({"file": {"per_s": 100, "phases": [{"callers": 64, "p99_ms": 10.0}], "name": "x"}, "gone": 1});
        let after = json!({"file": {"per_s": 120, "phases": [{"callers": 16, "p99_ms": 9.0}, {"callers": 64, "p99_ms": 11.0}]}});
        let rows = rows(&numbers(&before), &numbers(&after));
        let found: Vec<(&str, bool)> = rows
            .iter()
            .map(|row| (row.key.as_str(), row.differs()))
            .collect();
        let wanted = [
            ("file.per_s", true),
            ("file.phases.at_64.callers", false),
            ("file.phases.at_64.p99_ms", false),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_comes_from_nothing_differs_and_nothing_from_nothing_does_not() {
        let row = |before, after| Row {
            key: String::new(),
            before,
            after,
        };
        for (before, after, differs) in [
            (0.0, 0.0, false),
            (0.0, 1.0, true),
            (100.0, 84.0, true),
            (100.0, 86.0, false),
            (100.0, 114.0, false),
            (100.0, 116.0, true),
        ] {
            assert_eq!(row(before, after).differs(), differs, "{before} {after}");
        }
    }
}
