//! Alert rules: their names, their runbooks, their cases.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_yaml_ng::Value;

use crate::promtool::promtool;
use crate::{file, files, read, series, strange_names};

const RULES: &str = "deploy/prometheus/rules";
const CASES: &str = "deploy/prometheus/tests";

fn rules() -> Result<Vec<Value>> {
    let mut rules = Vec::new();
    for path in files(RULES, "yml")? {
        let text = std::fs::read_to_string(&path)?;
        let read: Value = serde_yaml_ng::from_str(&text)?;
        let groups = read["groups"].as_sequence().context("groups")?;
        let of_groups = groups
            .iter()
            .filter_map(|group| group["rules"].as_sequence());
        rules.extend(of_groups.flatten().cloned());
    }
    ensure!(rules.len() > 20, "{} rules are seen", rules.len());
    Ok(rules)
}

fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str> {
    value.as_str().with_context(|| format!("{what} is missing"))
}

#[test]
fn alerts_use_metrics_that_exist_and_lead_to_a_runbook() -> Result<()> {
    let series = series()?;
    let index = read("docs/runbooks/README.md")?;
    let mut names = BTreeSet::new();
    for rule in rules()? {
        let name = text(&rule["alert"], "a name")?;
        ensure!(names.insert(name.to_owned()), "{name} is there twice");
        let strange = strange_names(text(&rule["expr"], name)?, &series);
        ensure!(strange.is_empty(), "{name} uses {strange:?}");
        text(&rule["annotations"]["summary"], name)?;
        let severity = text(&rule["labels"]["severity"], name)?;
        ensure!(
            ["page", "ticket"].contains(&severity),
            "{name} is {severity}"
        );
        let runbook = text(&rule["annotations"]["runbook"], name)?;
        let page = runbook
            .strip_prefix("docs/runbooks/")
            .context(runbook.to_owned())?;
        ensure!(file(runbook).is_file(), "{name} leads to {runbook}");
        ensure!(
            read(runbook)?.contains(name),
            "{runbook} does not know {name}"
        );
        let row = index
            .lines()
            .find(|line| line.contains(&format!("`{name}`")));
        let row = row.with_context(|| format!("docs/runbooks/README.md lacks {name}"))?;
        ensure!(row.contains(&format!("({page})")), "{name}: {row}");
    }
    let told: BTreeSet<&str> = index
        .split('`')
        .filter(|word| word.starts_with("Odr"))
        .collect();
    let gone = told.iter().find(|name| !names.contains(**name));
    ensure!(gone.is_none(), "docs/runbooks/README.md has {gone:?}");
    Ok(())
}

#[test]
fn every_alert_fires_when_it_should_and_not_otherwise() -> Result<()> {
    promtool(&["check", "rules"], &files(RULES, "yml")?)?;
    promtool(
        &["check", "config"],
        &[file("deploy/prometheus/prometheus.yml")],
    )?;
    let cases = files(CASES, "yml")?;
    promtool(&["test", "rules"], &cases)?;
    let mut tried = BTreeSet::new();
    for path in cases {
        let read: Value = serde_yaml_ng::from_str(&std::fs::read_to_string(path)?)?;
        for case in read["tests"].as_sequence().into_iter().flatten() {
            for alert in case["alert_rule_test"].as_sequence().into_iter().flatten() {
                let fires = alert["exp_alerts"]
                    .as_sequence()
                    .is_some_and(|all| !all.is_empty());
                if fires {
                    tried.insert(text(&alert["alertname"], "alertname")?.to_owned());
                }
            }
        }
    }
    for rule in rules()? {
        let name = text(&rule["alert"], "a name")?;
        ensure!(tried.contains(name), "no case makes {name} fire");
    }
    Ok(())
}
