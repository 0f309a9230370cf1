//! Whole lifecycles in a closed loop: filed, routed, proposed, accepted, read back.

use anyhow::Result;

use crate::bench::Bench;
use crate::callers::Callers;
use crate::cost::Meter;
use crate::report::{CallerPhase, Lifecycle};
use crate::site::Site;

pub(crate) async fn run(bench: &Bench, site: &Site, callers: &Callers) -> Result<Lifecycle> {
    let mut phases = Vec::new();
    for count in &bench.arguments.lifecycles {
        let what = format!("lifecycles, {count} callers");
        let phase = bench.measured(what, one(bench, site, callers, *count));
        phases.push(phase.await?);
    }
    Ok(Lifecycle::new(phases))
}

/// One number of callers.
pub(crate) async fn one(
    bench: &Bench,
    site: &Site,
    callers: &Callers,
    count: usize,
) -> Result<CallerPhase> {
    let meter = Meter::start(bench, site).await?;
    let measured = callers.lifecycle(count, bench.lengths.lifecycle).await?;
    let settled_in_s = site.rest().await?;
    Ok(CallerPhase {
        callers: count,
        settled_in_s,
        filings_per_commit: None,
        cost: meter.cost(measured.done).await?,
        measured,
    })
}
