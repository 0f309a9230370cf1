//! `odrctl clock`: stepping the time of a sandbox from deadline to deadline.

use std::time::Duration;

use anyhow::{Context, Result};
use chassis::pb::GetClockRequest;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Subcommand;
use devstack::coordinator::Coordinator;

use crate::connect::{Service, Services, request, said};
use crate::out::line;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Step to a day (its first instant at +08:00) or by some days; stops at every deadline on the way
    #[command(group = clap::ArgGroup::new("target").required(true).args(["to", "days"]))]
    Advance {
        /// The day to step to
        #[arg(long)]
        to: Option<NaiveDate>,
        /// So many days from now
        #[arg(long)]
        days: Option<u32>,
        /// The space
        #[arg(long, default_value = "main")]
        space: String,
        /// How long the services may take to come to rest at each step, in seconds
        #[arg(long, default_value_t = 60)]
        patience_s: u64,
    },
}

pub(crate) async fn run(services: &Services, action: Action) -> Result<()> {
    let Action::Advance {
        to,
        days,
        space,
        patience_s,
    } = action;
    let now = now(services, &space).await?;
    let target = match (to, days) {
        (Some(day), _) => law::day::start_of(day),
        (None, days) => now + TimeDelta::days(i64::from(days.unwrap_or(0))),
    };
    let coordinator = Coordinator::new(&services.all(), Duration::from_secs(patience_s))?;
    let steps = coordinator.advance(&space, target).await?;
    line(format_args!(
        "{space}: {} -> {} in {steps} steps",
        now.to_rfc3339(),
        target.to_rfc3339()
    ));
    Ok(())
}

async fn now(services: &Services, space: &str) -> Result<DateTime<Utc>> {
    let mut ops = services.ops(Service::Mediation).await?;
    let clock = ops
        .get_clock(request(GetClockRequest {
            space: space.to_owned(),
        }))
        .await
        .map_err(said)?
        .into_inner();
    clock
        .now
        .and_then(|now| proto::wire::instant(&now))
        .context("the service shows no time")
}
