//! Dashboards and alert rules: they use metrics that exist, lead to runbooks that exist, and fire when they should.
//!
//! Rules are run by `promtool`, which `./dev test` brings along.

mod dashboards;
mod promql;
mod promtool;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use e2e::figures::documented;

/// Labels that Prometheus or its scraping gives every series.
const EVERYWHERE: [&str; 4] = ["instance", "job", "le", "service_name"];

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    devstack::root().join(path)
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(file(path)).with_context(|| path.to_owned())
}

/// Files of a folder with this ending, in order.
fn files(folder: &str, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(file(folder)).with_context(|| folder.to_owned())?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths.sort();
    Ok(paths)
}

/// Every series that there may be, with its labels, as `docs/OBSERVABILITY.md` has them; and `up`, Prometheus' own.
fn series() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut series = BTreeMap::from([("up".to_owned(), BTreeSet::new())]);
    for row in documented(&read("docs/OBSERVABILITY.md")?)? {
        let endings: &[&str] = match row.family.kind.as_str() {
            "histogram" => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        for ending in endings {
            let name = format!("{}{ending}", row.prometheus);
            series.insert(name, row.family.labels.clone());
        }
    }
    Ok(series)
}

/// What a query names that is not there.
fn strange_names(query: &str, series: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let used = promql::names(query);
    let unknown = used
        .series
        .iter()
        .filter(|name| !series.contains_key(*name));
    let mut strange: Vec<String> = unknown.cloned().collect();
    let mut labels: BTreeSet<&str> = EVERYWHERE.into();
    let of_used = used.series.iter().filter_map(|name| series.get(name));
    labels.extend(of_used.flatten().map(String::as_str));
    let unknown = used
        .labels
        .iter()
        .filter(|name| !labels.contains(name.as_str()));
    strange.extend(unknown.map(|name| format!("label {name}")));
    strange
}

#[test]
fn a_strange_name_is_found() -> Result<()> {
    let series = series()?;
    let rows: [(&str, &[&str]); 4] = [
        (
            "sum by (service_name) (rate(odr_parked{instance=\"a\"}[5m]))",
            &[],
        ),
        ("odr_parcked > 1 or vector(0)", &["odr_parcked"]),
        ("max by (odr_queue) (odr_parked)", &["label odr_queue"]),
        (
            "rpc_server_call_duration_seconds{rpc_code=~\"OK|x\"} offset 5m",
            &["rpc_server_call_duration_seconds", "label rpc_code"],
        ),
    ];
    for (query, expected) in rows {
        assert_eq!(strange_names(query, &series), expected, "{query}");
    }
    Ok(())
}
