//! The phases, in their order. Groups of phases have services, databases and topics of their own.

mod alone;
mod deadlines;
mod drain;
mod file;
mod growth;
mod lifecycle;
mod spike;
mod visible;

use anyhow::Result;
use devstack::services::ClockMode;

use crate::arguments::Phase;
use crate::bench::Bench;
use crate::callers::Callers;
use crate::floor;
use crate::report::{Figures, File, Run};
use crate::site::Site;

/// Phases in which callers come to services that do everything.
const WITH_CALLERS: [Phase; 5] = [
    Phase::File,
    Phase::Floor,
    Phase::Lifecycle,
    Phase::Visible,
    Phase::Spike,
];

/// Runs what was asked for.
pub(crate) async fn run(bench: &Bench) -> Result<Figures> {
    let mut figures = Figures {
        run: Run::new(bench),
        ..Figures::default()
    };
    let wants = |phase| bench.arguments.wants(phase);
    if WITH_CALLERS.into_iter().any(wants) {
        with_callers(bench, &mut figures).await?;
    }
    if wants(Phase::Drain) {
        figures.drain = Some(drain::run(bench).await?);
        bench.keep(&figures)?;
    }
    if wants(Phase::Deadlines) {
        figures.deadlines = Some(deadlines::run(bench).await?);
        bench.keep(&figures)?;
    }
    if wants(Phase::Growth) {
        growth::run(bench, &mut figures).await?;
    }
    Ok(figures)
}

async fn with_callers(bench: &Bench, figures: &mut Figures) -> Result<()> {
    bench.say("starting the services");
    let mut site = Site::start(bench, "bench", ClockMode::Real).await?;
    let callers = Callers::new(&site.stack).await?;
    warm_up(bench, &site, &callers).await?;
    let wants = |phase| bench.arguments.wants(phase);
    if wants(Phase::File) || wants(Phase::Floor) {
        filings(bench, &mut site, &callers, figures).await?;
    }
    if wants(Phase::Lifecycle) {
        figures.lifecycle = Some(lifecycle::run(bench, &site, &callers).await?);
        bench.keep(figures)?;
    }
    if wants(Phase::Visible) {
        figures.visible = Some(visible::run(bench, &site, &callers).await?);
        bench.keep(figures)?;
    }
    if wants(Phase::Spike) {
        figures.spike = Some(spike::run(bench, &site, &callers).await?);
        bench.keep(figures)?;
    }
    site.close().await?;
    floor::remove(&bench.servers.database_url).await
}

async fn filings(
    bench: &Bench,
    site: &mut Site,
    callers: &Callers,
    figures: &mut Figures,
) -> Result<()> {
    let together = if bench.arguments.wants(Phase::File) {
        file::run(bench, site, callers).await?
    } else {
        Vec::new()
    };
    let (alone, floor) = alone::run(bench, site, callers).await?;
    figures.file = Some(File::new(together, alone, floor.as_ref()));
    figures.floor = floor;
    bench.keep(figures)
}

/// Filings, then lifecycles, until the hot code of the broker is compiled and caches are filled. Then the statistics that a
/// database has after its first minute: without them PostgreSQL takes every other row for a blocked one, and reads tables whole.
async fn warm_up(bench: &Bench, site: &Site, callers: &Callers) -> Result<()> {
    let half = bench.lengths.warm_up / 2;
    let warm_up = async {
        callers.file(64, half).await?;
        callers.lifecycle(32, half).await?;
        site.rest().await?;
        site.analyze().await
    };
    bench.measured("warm-up", warm_up).await.map(drop)
}
