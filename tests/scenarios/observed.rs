//! What services tell of themselves: the trace of a filing, the names of the page, figures that fit what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::figures::{self, Families, documented, families, scrape};
use e2e::{Act, Collector, Ending, Filing, Offer, Scene, Stage, Told, eventually};
use proto::v1::CaseStateKind;

const PATIENCE: Duration = Duration::from_secs(30);
const SERVICES: [&str; 4] = ["intake", "routing", "mediation", "analytics"];
const PAGE: &str = "docs/OBSERVABILITY.md";

/// What one filing leads to, everywhere, without anybody acting on it.
const TREE: &str = "\
intake odr.intake.v1.IntakeService/FileComplaint
  intake write
    intake send {prefix}odr.case.events.v1 ComplaintFiled
      analytics process ComplaintFiled
      mediation process ComplaintFiled
      routing process ComplaintFiled
        routing send {prefix}odr.case.events.v1 RoutedToEnterprise
          analytics process RoutedToEnterprise
          intake process RoutedToEnterprise
          mediation process RoutedToEnterprise
";

/// All services tell `collector` of themselves, soon.
fn told_to(collector: &Collector, name: &str) -> Scene {
    let mut scene = Scene::new(name);
    for service in SERVICES {
        for (setting, value) in [
            ("ODR_OTLP_ENDPOINT", collector.endpoint.as_str()),
            ("ODR_METRICS_INTERVAL_MS", "300"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ] {
            scene = scene.setting(service, setting, value);
        }
    }
    scene
}

fn page() -> Result<String> {
    Ok(std::fs::read_to_string(devstack::root().join(PAGE))?)
}

#[tokio::test]
async fn one_filing_is_one_tree_across_all_services() -> Result<()> {
    let collector = Collector::start().await?;
    let stage = told_to(&collector, "traced").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    stage.coordinator.wait_quiet().await?;

    let expected = TREE.replace("{prefix}", &stage.stack.options().topic_prefix);
    let case_id = play.case_id.clone();
    let of_filing = |spans: &[Told]| {
        let mine = |t: &&Told| t.span.name == "write" && t.attribute("case.id") == case_id;
        spans.iter().find(mine).map(|t| t.span.trace_id.clone())
    };
    let whole = eventually("the whole tree is told", PATIENCE, || async {
        let trace = of_filing(&collector.spans());
        let tree = trace.map(|trace| (collector.tree(&trace), trace));
        Ok(tree.filter(|(tree, _)| *tree == expected))
    });
    let Ok((_, trace)) = whole.await else {
        let trace = of_filing(&collector.spans()).context("no span of the filing was told")?;
        anyhow::bail!("the tree is\n{}not\n{expected}", collector.tree(&trace));
    };
    links_lead_to_parents(&collector, &trace)?;
    events_lead_back(&stage, &collector, &case_id).await?;
    span_names_are_those_of_the_page(&stage, &collector)?;
    stage.close(Ending::clean()).await
}

/// Whoever looks at a record finds what it led to: by descent, and by the link.
fn links_lead_to_parents(collector: &Collector, trace: &[u8]) -> Result<()> {
    for told in collector.spans() {
        if told.span.trace_id == trace && told.span.name == "process" {
            let links: Vec<&[u8]> = told
                .span
                .links
                .iter()
                .map(|l| l.span_id.as_slice())
                .collect();
            ensure!(links == [told.span.parent_span_id.as_slice()], "{told:?}");
        }
    }
    Ok(())
}

/// The header of each of the case's records leads to the span in which it was sent, with its place on the log.
async fn events_lead_back(stage: &Stage, collector: &Collector, case_id: &str) -> Result<()> {
    let spans = collector.spans();
    let sent = |id: &str| {
        let named = |t: &&Told| t.span.name.starts_with("send ") && hex(&t.span.span_id) == id;
        spans.iter().find(named).cloned()
    };
    let mut found = 0;
    for record in stage.records().await? {
        let Some(header) = record.header("traceparent") else {
            continue;
        };
        if record.header("ce_subject") != Some(case_id) {
            continue;
        }
        let told = sent(&header[36..52]).with_context(|| format!("{header} leads nowhere"))?;
        let place = [
            told.attribute("messaging.destination.partition.id"),
            told.attribute("messaging.kafka.offset"),
        ];
        let is = [record.partition.to_string(), record.offset.to_string()];
        ensure!(place == is, "{told:?} is of {is:?}");
        found += 1;
    }
    ensure!(found >= 2, "{found} records of the case are traced");
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Names and attributes of spans, as told and as the page's table has them.
fn span_names_are_those_of_the_page(stage: &Stage, collector: &Collector) -> Result<()> {
    let topics = &stage.stack.options().topic_prefix;
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Told { span, .. } in collector.spans() {
        let name = match span.name.split(' ').next() {
            Some(method) if method.contains('/') => "the method",
            Some("send") if span.name.contains(topics) => "send and the topic",
            _ => &span.name,
        };
        let attributes = span.attributes.into_iter().map(|pair| pair.key);
        told.entry(name.to_owned()).or_default().extend(attributes);
    }
    let page = page()?;
    let (_, section) = page.split_once("\n## Traces\n").context("no Traces")?;
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in section
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let names = cells[2].split('`').skip(1).step_by(2).map(str::to_owned);
        written.insert(cells[0].replace('`', ""), names.collect());
    }
    ensure!(
        told == written,
        "told are\n{told:#?}\nthe page has\n{written:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn every_metric_is_on_the_page_and_fits_what_happened() -> Result<()> {
    let collector = Collector::start().await?;
    let stage = told_to(&collector, "figures").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    play.enterprise(Act::Propose(Offer::refund(9_900))).await?;
    play.consumer(Act::Accept).await?;
    play.is_everywhere(CaseStateKind::Settled).await?;
    stage.coordinator.wait_quiet().await?;

    let rows = documented(&page()?)?;
    let written: Families = rows
        .iter()
        .map(|row| (row.prometheus.clone(), row.family.clone()))
        .collect();
    let shown = eventually("all metrics are shown", PATIENCE, || async {
        let shown = all_families(&stage).await?;
        Ok((shown == written).then_some(shown))
    });
    if shown.await.is_err() {
        let shown = all_families(&stage).await?;
        anyhow::bail!("shown are\n{shown:#?}\nthe page has\n{written:#?}");
    }
    let names: BTreeSet<String> = rows.into_iter().map(|row| row.name).collect();
    eventually("the collector is told all metrics", PATIENCE, || async {
        Ok((collector.metrics() == names).then_some(()))
    })
    .await
    .with_context(|| format!("told are {:?}", collector.metrics()))?;
    what_happened_is_counted(&stage).await?;
    stage.close(Ending::clean()).await
}

/// What any of the services shows.
async fn all_families(stage: &Stage) -> Result<Families> {
    let mut shown = Families::new();
    for service in SERVICES {
        let text = scrape(&stage.stack.ops_endpoint(service, 0)).await?;
        for (name, family) in families(&text)
            .into_iter()
            .filter(|(name, _)| name != "target_info")
        {
            let known = shown.entry(name).or_default();
            known.kind = family.kind;
            known.labels.extend(family.labels);
        }
    }
    Ok(shown)
}

async fn what_happened_is_counted(stage: &Stage) -> Result<()> {
    let rows = [
        (
            "intake",
            "rpc_server_call_duration_seconds_count{rpc_method=\"odr.intake.v1.IntakeService/FileComplaint\",rpc_response_status_code=\"OK\"",
            1.0,
        ),
        (
            "intake",
            "odr_events_appended_total{event_type=\"odr.case.v1.ComplaintFiled\"",
            1.0,
        ),
        ("intake", "odr_ready", 1.0),
        ("intake", "odr_store_answers", 1.0),
        ("intake", "odr_outbox_pending", 0.0),
        ("mediation", "odr_deadlines_late", 0.0),
        ("routing", "odr_alarms_total{odr_alarm=\"parked\"", 0.0),
        ("analytics", "odr_consumer_lag", 0.0),
    ];
    for (service, series, expected) in rows {
        let endpoint = stage.stack.ops_endpoint(service, 0);
        // what is of the database was read up to 300 ms ago
        let what = format!("{service} shows {series} as {expected}");
        eventually(&what, PATIENCE, || async {
            let shown = figures::value(&scrape(&endpoint).await?, series);
            Ok((shown == Some(expected)).then_some(()))
        })
        .await?;
    }
    Ok(())
}
