//! Intake alone, the other services standing still; its rows for the floor; then the floor.

use anyhow::Result;
use sqlx::{Connection, PgConnection};

use crate::arguments::Phase;
use crate::bench::Bench;
use crate::callers::Callers;
use crate::floor;
use crate::phases::file;
use crate::report::{CallerPhase, Floor};
use crate::site::Site;

/// Services that stand still while intake is alone.
const OTHERS: [&str; 3] = ["routing", "mediation", "analytics"];
/// Fewer callers do not fill intake's batches.
const FEWEST_CALLERS: usize = 64;

/// Both figures are those of one run: the floor writes in batches of the size that intake's best phase alone showed.
pub(crate) async fn run(
    bench: &Bench,
    site: &mut Site,
    callers: &Callers,
) -> Result<(Vec<CallerPhase>, Option<Floor>)> {
    for service in OTHERS {
        site.end(service).await?;
    }
    let mut phases = Vec::new();
    let many = bench.arguments.callers.iter().copied();
    for count in many.filter(|count| *count >= FEWEST_CALLERS) {
        let what = format!("filings, {count} callers, intake alone");
        let phase = bench.measured(what, file::one(bench, site, callers, count, false));
        phases.push(phase.await?);
    }
    let mut intake = PgConnection::connect(site.stack.database_url("intake")).await?;
    let rows = floor::Rows::sample(&mut intake).await?;
    intake.close().await?;
    for service in OTHERS {
        site.begin(service).await?;
    }
    bench.say("the other services catch up");
    site.rest().await?;
    if !bench.arguments.wants(Phase::Floor) {
        return Ok((phases, None));
    }
    let best = phases
        .iter()
        .max_by(|a, b| a.measured.per_s.total_cmp(&b.measured.per_s));
    let shown = best.and_then(|phase| phase.filings_per_commit);
    let batch = shown.map_or(1, |size| size.round().max(1.0) as usize);
    let servers = &bench.servers;
    let length = bench.lengths.floor;
    let writing = floor::filings(&servers.database_url, &servers.kafka, &rows, batch, length);
    let written = bench.measured("floor: rows", writing).await?;
    let producing = floor::broker(&servers.kafka, length);
    let broker = bench.measured("floor: records", producing).await?;
    let floor = Floor {
        filings_per_s: written.filings_per_s,
        batch,
        commit_p50_ms: written.commit_p50_ms,
        commit_p99_ms: written.commit_p99_ms,
        produce_per_s: broker.produce_per_s,
        consume_per_s: broker.consume_per_s,
    };
    Ok((phases, Some(floor)))
}
