//! `odrctl outbox`: publishing again what a service has said. Consumers drop what they have taken in before.

use anyhow::Result;
use chassis::pb::RepublishOutboxRequest;
use chrono::{DateTime, Utc};
use clap::Subcommand;

use crate::connect::{Service, Services, request, said};
use crate::out::line;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Publish a service's own events again
    #[command(group = clap::ArgGroup::new("which").required(true).args(["from", "all"]))]
    Republish {
        /// The service
        service: Service,
        /// From this instant on (RFC 3339)
        #[arg(long)]
        from: Option<DateTime<Utc>>,
        /// All of them
        #[arg(long)]
        all: bool,
    },
}

pub(crate) async fn run(services: &Services, action: Action) -> Result<()> {
    let Action::Republish { service, from, all } = action;
    let republish = RepublishOutboxRequest {
        from: from.map(proto::wire::timestamp),
        all,
    };
    let answer = services
        .ops(service)
        .await?
        .republish_outbox(request(republish))
        .await
        .map_err(said)?
        .into_inner();
    line(format_args!("{} events are published again", answer.count));
    Ok(())
}
