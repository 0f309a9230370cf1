//! Filings in a closed loop.

use anyhow::Result;
use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};

use crate::bench::Bench;
use crate::callers::Callers;
use crate::cost::Meter;
use crate::report::CallerPhase;
use crate::site::Site;

/// Every number of callers, with all services consuming.
pub(crate) async fn run(bench: &Bench, site: &Site, callers: &Callers) -> Result<Vec<CallerPhase>> {
    let mut phases = Vec::new();
    for count in &bench.arguments.callers {
        let what = format!("filings, {count} callers");
        let phase = bench.measured(what, one(bench, site, callers, *count, true));
        phases.push(phase.await?);
    }
    Ok(phases)
}

/// One number of callers; `all`: the other services run, and their work is part of the cost.
pub(crate) async fn one(
    bench: &Bench,
    site: &Site,
    callers: &Callers,
    count: usize,
    all: bool,
) -> Result<CallerPhase> {
    let mut intake = PgConnection::connect(site.stack.database_url("intake")).await?;
    let since: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(&mut intake)
        .await?;
    let meter = Meter::start(bench, site).await?;
    let measured = callers.file(count, bench.lengths.file).await?;
    let settled_in_s = if all { site.rest().await? } else { 0.0 };
    let cost = meter.cost(measured.done).await?;
    // Rows of one transaction carry its id.
    let filings_per_commit = sqlx::query_scalar(
        "select count(*)::float8 / nullif(count(distinct xmin::text), 0) from chassis.requests where at >= $1",
    )
    .bind(since)
    .fetch_one(&mut intake)
    .await?;
    intake.close().await?;
    Ok(CallerPhase {
        callers: count,
        settled_in_s,
        filings_per_commit,
        cost,
        measured,
    })
}
