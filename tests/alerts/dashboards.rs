//! Dashboards: their form, their queries, and that they look where metrics are.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::promtool::promtool;
use crate::{files, read, series, strange_names};

const FOLDER: &str = "deploy/grafana/dashboards";
/// Grafana's grid.
const COLUMNS: u64 = 24;

fn dashboards() -> Result<Vec<(String, Value)>> {
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().context("a file has a name")?;
        let text = std::fs::read_to_string(&path)?;
        let board = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        Ok((name.to_string_lossy().into_owned(), board))
    };
    files(FOLDER, "json")?.into_iter().map(read).collect()
}

fn list<'a>(value: &'a Value, what: &str) -> Result<&'a Vec<Value>> {
    value
        .as_array()
        .with_context(|| format!("{what} is no list"))
}

/// A query as Prometheus is given it: with Grafana's variables filled in.
fn filled(query: &str) -> String {
    query
        .replace("$__rate_interval", "1m")
        .replace("$service", "intake")
}

/// All queries, with the panel they belong to.
fn queries(board: &Value) -> Result<Vec<(String, String)>> {
    let mut queries = Vec::new();
    for panel in list(&board["panels"], "panels")? {
        let title = panel["title"].as_str().context("a panel has a title")?;
        let targets = list(&panel["targets"], title)?;
        ensure!(!targets.is_empty(), "{title} asks nothing");
        for target in targets {
            let query = target["expr"]
                .as_str()
                .with_context(|| format!("{title} asks nothing"))?;
            queries.push((title.to_owned(), filled(query)));
        }
    }
    Ok(queries)
}

#[test]
fn dashboards_have_grafanas_form() -> Result<()> {
    let sources = read("deploy/grafana/provisioning/datasources/odr.yaml")?;
    let mut uids = BTreeSet::new();
    for (name, board) in dashboards()? {
        ensure!(
            board["uid"] == name.as_str(),
            "{name}: uid {}",
            board["uid"]
        );
        let title = board["title"].as_str().unwrap_or_default();
        ensure!(
            title.starts_with("ODR") && uids.insert(title.to_owned()),
            "{name}: {title}"
        );
        ensure!(
            board["schemaVersion"].as_u64() >= Some(36),
            "{name}: schemaVersion"
        );
        let mut ids = BTreeSet::new();
        for panel in list(&board["panels"], &name)? {
            let what = format!("{name}: {}", panel["title"]);
            ensure!(ids.insert(panel["id"].as_u64()), "{what}: id");
            ensure!(
                ["timeseries", "stat"].contains(&panel["type"].as_str().unwrap_or_default()),
                "{what}: type"
            );
            let place = |key: &str| {
                panel["gridPos"][key]
                    .as_u64()
                    .with_context(|| format!("{what}: gridPos"))
            };
            ensure!(
                place("x")? + place("w")? <= COLUMNS && place("h")? > 0,
                "{what}: gridPos"
            );
            for source in list(&panel["targets"], &what)?.iter().chain([panel]) {
                let uid = source["datasource"]["uid"].as_str().unwrap_or_default();
                ensure!(
                    sources.contains(&format!("uid: {uid}")),
                    "{what}: datasource {uid}"
                );
            }
        }
        let text = board.to_string();
        let defined = text.contains("\"name\":\"service\"");
        ensure!(
            defined == text.contains("=\\\"$service\\\""),
            "{name}: its variable"
        );
    }
    ensure!(uids.len() == 4, "{uids:?}");
    Ok(())
}

#[test]
fn dashboards_ask_for_metrics_and_events_that_exist() -> Result<()> {
    let series = series()?;
    let events = read("proto/src/event/types.rs")?;
    let mut rules = String::from("groups:\n  - name: dashboards\n    rules:\n");
    for (name, board) in dashboards()? {
        for (panel, query) in queries(&board)? {
            let strange = strange_names(&query, &series);
            ensure!(strange.is_empty(), "{name}, {panel}: {strange:?}");
            for part in query.split("odr.case.v1.").skip(1) {
                let event = part.split('"').next().unwrap_or_default();
                ensure!(
                    events.contains(&format!(" {event}")),
                    "{name}, {panel}: {event}"
                );
            }
            writeln!(
                rules,
                "      - record: asked\n        labels: {{at: {:?}}}\n        expr: {query:?}",
                format!("{name} {panel} {}", rules.len())
            )?;
        }
    }
    // as rules, so that their grammar is checked too
    let folder = std::env::temp_dir().join(format!("odr-dashboards-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("asked.yml");
    std::fs::write(&path, rules)?;
    let checked = promtool(&["check", "rules"], &[&path]);
    std::fs::remove_dir_all(&folder)?;
    checked.map(drop)
}
