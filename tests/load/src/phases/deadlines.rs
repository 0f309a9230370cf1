//! Many deadlines in one instant: negotiations whose time ends together, on stepped clocks that are set to that instant.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use devstack::services::{ClockMode, NAMES};

use crate::bench::Bench;
use crate::histories::{Ending, SPACE};
use crate::phases::drain::put;
use crate::reached;
use crate::report::Deadlines;
use crate::site::Site;
use crate::topic::Topic;

const PATIENCE: Duration = Duration::from_secs(600);
const FIRED: &str = "odr.case.v1.NegotiationExpired";

pub(crate) async fn run(bench: &Bench) -> Result<Deadlines> {
    bench.say("starting clocks of many cases");
    let mut site = Site::start(bench, "bench_deadlines", ClockMode::Stepped).await?;
    site.coordinator
        .set_clock(SPACE, chassis::clock::wall())
        .await?;
    let cases = bench.lengths.deadline_cases;
    for service in NAMES {
        site.end(service).await?;
    }
    let (end, topic) = put(bench, &site, Ending::Negotiating, cases).await?;
    for service in NAMES {
        site.start_again(service)?;
        reached::rate_until(site.stack.database_url(service), &topic, end, PATIENCE).await?;
        site.wait_ready(service).await?;
    }
    site.rest().await?;
    let due = site.coordinator.next_due(SPACE).await?;
    let due = due.context("no clock runs")?;
    let firing = fire(bench, &site, due, end + i64::try_from(cases)?);
    let took = bench.measured("deadlines", firing).await?;
    let (kafka, prefix) = (
        bench.servers.kafka.clone(),
        site.stack.options().topic_prefix.clone(),
    );
    let counting = tokio::task::spawn_blocking(move || Topic::open(&kafka, &prefix)?.count(FIRED));
    let fired = counting.await??;
    let exactly_once = fired.len() == cases && fired.values().all(|times| *times == 1);
    site.close().await?;
    Ok(Deadlines {
        due: cases,
        fired: fired.len(),
        exactly_once,
        fired_per_s: cases as f64 / took.as_secs_f64(),
    })
}

/// Sets the clocks to the instant; gives the time until the last event is published.
async fn fire(
    bench: &Bench,
    site: &Site,
    due: chrono::DateTime<chrono::Utc>,
    wanted: i64,
) -> Result<Duration> {
    let (kafka, prefix) = (
        bench.servers.kafka.clone(),
        site.stack.options().topic_prefix.clone(),
    );
    let topic = tokio::task::spawn_blocking(move || Topic::open(&kafka, &prefix)).await??;
    let started = Instant::now();
    site.coordinator.set_clock(SPACE, due).await?;
    let followed = tokio::task::spawn_blocking(move || {
        while topic.end()? < wanted {
            ensure!(
                started.elapsed() < PATIENCE,
                "not all deadlines fired within {PATIENCE:?}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(started.elapsed())
    });
    let took = followed.await??;
    site.rest().await?;
    Ok(took)
}
