//! What a service shows at `/metrics`, and what `docs/OBSERVABILITY.md` says it shows.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Metrics by their name in Prometheus: their kind, and the labels their series carry.
pub type Families = BTreeMap<String, Family>;

/// A metric as it is shown, or as the page has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// Names of labels, those of every series left out.
    pub labels: BTreeSet<String>,
}

/// Labels that stand for the process or belong to the form, not to the metric.
const OF_EVERY_SERIES: [&str; 2] = ["service_name", "le"];

/// Reads `/metrics` of an operations port, `http://host:port`.
///
/// # Errors
/// When it does not answer with metrics.
pub async fn scrape(ops_endpoint: &str) -> Result<String> {
    let address = ops_endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    Ok(body.to_owned())
}

/// The value of the first series that starts so: name and, if wanted, labels as they are written.
pub fn value(text: &str, series: &str) -> Option<f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut found = lines.filter(|line| line.starts_with(series));
    found.next()?.rsplit(' ').next()?.parse().ok()
}

/// The metrics of a text in Prometheus' form.
pub fn families(text: &str) -> Families {
    let mut families = Families::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["#", "TYPE", name, kind] = words[..] {
            families.entry(name.to_owned()).or_default().kind = kind.to_owned();
        } else if !line.starts_with('#')
            && let Some((name, labels)) = line.split_once('{')
            && let Some(family) = family_of(&mut families, name)
        {
            family.labels.extend(label_names(labels));
        }
    }
    families
}

/// The family of a series: of a histogram's `_bucket`, `_sum` and `_count` it is the one without.
fn family_of<'a>(families: &'a mut Families, series: &str) -> Option<&'a mut Family> {
    let endings = ["", "_bucket", "_sum", "_count"];
    let bases = endings.iter().filter_map(|end| series.strip_suffix(end));
    let name = bases
        .into_iter()
        .find(|name| families.contains_key(*name))?;
    families.get_mut(name)
}

/// Names before `="`; values of ours hold no quotes.
fn label_names(labels: &str) -> impl Iterator<Item = String> {
    let mut names = Vec::new();
    for (place, part) in labels.split('"').enumerate() {
        if place % 2 == 0
            && let Some(name) = part.strip_suffix('=')
        {
            names.push(name.trim_start_matches([',', ' ']).to_owned());
        }
    }
    names
        .into_iter()
        .filter(|name| !OF_EVERY_SERIES.contains(&name.as_str()))
}

/// A row of the page's table of metrics.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name a collector is told.
    pub name: String,
    /// The name in Prometheus.
    pub prometheus: String,
    /// What it is there.
    pub family: Family,
}

/// The table of metrics of `docs/OBSERVABILITY.md`: name, name in Prometheus, kind, attributes, meaning.
///
/// # Errors
/// When a row has another form.
pub fn documented(page: &str) -> Result<Vec<Row>> {
    let (_, rest) = page.split_once("\n## Metrics\n").context("no Metrics")?;
    let section = rest.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        ensure!(cells.len() == 5, "a row of five cells: {line}");
        let ticked = |cell: &str| -> Vec<String> {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        let labels = ticked(cells[3])
            .iter()
            .map(|name| name.replace('.', "_"))
            .collect();
        Ok(Row {
            name: ticked(cells[0]).concat(),
            prometheus: ticked(cells[1]).concat(),
            family: Family {
                kind: cells[2].to_owned(),
                labels,
            },
        })
    })
    .collect()
}
