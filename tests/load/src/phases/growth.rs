//! Lifecycles again with many cases stored. The cases are whole histories, put on the topic while the services stand
//! still; they catch up by themselves.

use std::time::{Duration, Instant};

use anyhow::Result;
use devstack::services::{ClockMode, NAMES};
use sqlx::{Connection, Executor, PgConnection};

use crate::bench::Bench;
use crate::callers::Callers;
use crate::histories::Ending;
use crate::phases::drain::put;
use crate::phases::lifecycle;
use crate::reached;
use crate::report::{CallerPhase, Figures, Growth, GrowthStep};
use crate::site::Site;

const PATIENCE: Duration = Duration::from_secs(3600);
/// Callers of the measured phases.
const CALLERS: usize = 64;

/// Each number of cases is measured between two measurements on databases that hold nothing but the warm-up, on the same
/// servers and in the same minutes: neither a machine that is slower by now nor a broker that has compiled more since the
/// beginning passes for growth. Keeps the figures after each number: the next may take long.
pub(crate) async fn run(bench: &Bench, figures: &mut Figures) -> Result<()> {
    bench.say("starting the services");
    let mut site = Site::start(bench, "bench_growth", ClockMode::Real).await?;
    let callers = Callers::new(&site.stack).await?;
    let mut growth = Growth::default();
    let mut stored = 0;
    for cases in bench.arguments.stored.clone() {
        let started = Instant::now();
        fill(bench, &mut site, cases.saturating_sub(stored)).await?;
        stored = cases;
        let filled_in_s = started.elapsed().as_secs_f64();
        growth.add(beside_empty(bench, &site, &callers, cases, filled_in_s).await?);
        figures.growth = Some(growth.clone());
        bench.keep(figures)?;
    }
    site.close().await
}

async fn beside_empty(
    bench: &Bench,
    site: &Site,
    callers: &Callers,
    cases: usize,
    filled_in_s: f64,
) -> Result<GrowthStep> {
    bench.say("starting services on empty databases beside them");
    let empty_site = Site::start(bench, "bench_empty", ClockMode::Real).await?;
    let empty_callers = Callers::new(&empty_site.stack).await?;
    let empty_before = measured(bench, &empty_site, &empty_callers, 0).await?;
    let phase = measured(bench, site, callers, cases).await?;
    let empty_after = measured(bench, &empty_site, &empty_callers, 0).await?;
    empty_site.close().await?;
    Ok(GrowthStep {
        cases,
        filled_in_s,
        phase,
        empty_before,
        empty_after,
    })
}

async fn measured(
    bench: &Bench,
    site: &Site,
    callers: &Callers,
    cases: usize,
) -> Result<CallerPhase> {
    let measuring = async {
        callers
            .lifecycle(CALLERS, bench.lengths.warm_up / 2)
            .await?;
        site.rest().await?;
        lifecycle::one(bench, site, callers, CALLERS).await
    };
    let what = format!("lifecycles with {cases} cases stored");
    bench.measured(what, measuring).await
}

/// Puts histories on the topic while the services stand still, lets them catch up, and tidies the databases as
/// autovacuum would have in the time that so many cases really take.
async fn fill(bench: &Bench, site: &mut Site, cases: usize) -> Result<()> {
    for service in NAMES {
        site.end(service).await?;
    }
    bench.say(format!("putting {cases} histories on the topic"));
    let (end, topic) = put(bench, site, Ending::Settled, cases).await?;
    for service in NAMES {
        bench.say(format!("{service} catches up with {cases} histories"));
        site.start_again(service)?;
        reached::rate_until(site.stack.database_url(service), &topic, end, PATIENCE).await?;
        site.wait_ready(service).await?;
    }
    site.rest().await?;
    for service in NAMES {
        bench.say(format!("tidying the database of {service}"));
        let mut connection = PgConnection::connect(site.stack.database_url(service)).await?;
        connection.execute("vacuum analyze").await?;
        connection.execute("checkpoint").await?;
        connection.close().await?;
    }
    Ok(())
}
