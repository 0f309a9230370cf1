//! `odrctl status`: every service at a glance; one that does not answer is told as such.

use anyhow::Result;
use chassis::pb::GetStatusRequest;
use clap::ValueEnum;
use comfy_table::{Table, presets};

use crate::connect::{Service, Services, request};
use crate::out::line;

pub(crate) async fn run(services: &Services) -> Result<()> {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "service",
        "replica",
        "version",
        "ready",
        "lag",
        "outbox",
        "parked",
        "blocked",
        "steps",
        "due",
        "queue",
        "recovering",
    ]);
    let mut silent = 0;
    for service in Service::value_variants() {
        let answer = match services.ops(*service).await {
            Ok(mut ops) => ops
                .get_status(request(GetStatusRequest {}))
                .await
                .map_err(crate::connect::said),
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => {
                let status = answer.into_inner();
                let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
                table.add_row([
                    status.service,
                    status.replica,
                    status.version,
                    word(status.ready),
                    status.lag.to_string(),
                    status.outbox_pending.to_string(),
                    status.parked.to_string(),
                    status.blocked.to_string(),
                    status.steps_pending.to_string(),
                    status.deadlines_due.to_string(),
                    status.queue_length.to_string(),
                    status.recovering.to_string(),
                ]);
            }
            Err(error) => {
                silent += 1;
                table.add_row([format!("{service:?}").to_lowercase(), format!("{error}")]);
            }
        }
    }
    line(&table);
    if silent == 0 {
        Ok(())
    } else {
        anyhow::bail!("{silent} services do not answer")
    }
}
