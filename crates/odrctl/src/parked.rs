//! `odrctl parked`: records that a service could not take in.

use anyhow::Result;
use chassis::pb::retry_parked_request::What;
use chassis::pb::{DropParkedRequest, ListParkedRequest, RetryParkedRequest};
use clap::Subcommand;
use comfy_table::{Table, presets};

use crate::case_list::local;
use crate::connect::{Service, Services, request, said};
use crate::out::line;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// List them
    List {
        /// The service
        service: Service,
    },
    /// Try one, or all, again
    Retry {
        /// The service
        service: Service,
        /// The record's number; all when left out
        id: Option<i64>,
    },
    /// Throw one away for good
    Drop {
        /// The service
        service: Service,
        /// The record's number
        id: i64,
    },
}

pub(crate) async fn run(services: &Services, action: Action) -> Result<()> {
    match action {
        Action::List { service } => list(services, service).await,
        Action::Retry { service, id } => {
            let what = id.map_or(What::All(true), What::Id);
            let answer = services
                .ops(service)
                .await?
                .retry_parked(request(RetryParkedRequest { what: Some(what) }))
                .await;
            let answer = answer.map_err(said)?.into_inner();
            line(format_args!(
                "taken in {}, still parked {}",
                answer.admitted, answer.still_parked
            ));
            Ok(())
        }
        Action::Drop { service, id } => {
            services
                .ops(service)
                .await?
                .drop_parked(request(DropParkedRequest { id }))
                .await
                .map_err(said)?;
            line(format_args!("dropped {id}"));
            Ok(())
        }
    }
}

async fn list(services: &Services, service: Service) -> Result<()> {
    let mut ops = services.ops(service).await?;
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "number",
        "reason",
        "case",
        "topic",
        "partition",
        "offset",
        "bytes",
        "since",
    ]);
    let mut page_token = String::new();
    loop {
        let list = ListParkedRequest {
            page_size: 200,
            page_token,
        };
        let page = ops
            .list_parked(request(list))
            .await
            .map_err(said)?
            .into_inner();
        for record in page.records {
            table.add_row([
                record.id.to_string(),
                record.reason,
                record.case_id,
                record.topic,
                record.partition.to_string(),
                record.offset.to_string(),
                record.size.to_string(),
                record.at.map_or_else(String::new, |at| local(at.seconds)),
            ]);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    line(&table);
    Ok(())
}
