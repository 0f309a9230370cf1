//! How soon a filed complaint shows elsewhere: from the answer to FileComplaint until analytics answers for the routed
//! case, while complaints come on a fixed schedule.

use std::time::Duration;

use anyhow::Result;

use crate::bench::Bench;
use crate::callers::Callers;
use crate::cost::Meter;
use crate::open_loop::{Schedule, Step, open_loop, within};
use crate::report::Visible;
use crate::site::Site;

/// Complaints a second.
const PER_S: f64 = 200.0;

pub(crate) async fn run(bench: &Bench, site: &Site, callers: &Callers) -> Result<Visible> {
    let length = bench.lengths.visible;
    let schedule = Schedule(vec![Step {
        per_s: PER_S,
        length,
    }]);
    let measuring = async {
        let meter = Meter::start(bench, site).await?;
        let samples = open_loop(&schedule, |turn, _| {
            let callers = callers.clone();
            async move { callers.until_visible(turn).await }
        });
        let samples = samples.await;
        let (latencies, errors) = within(&samples, Duration::ZERO, length);
        site.rest().await?;
        Ok(Visible {
            measured: latencies.measured(length.as_secs_f64(), errors),
            cost: meter.cost(latencies.len()).await?,
        })
    };
    bench.measured("visible in analytics", measuring).await
}
