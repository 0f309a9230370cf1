//! `odrctl missing`: what a database that was restored from a backup could not get back from the log.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chassis::pb::{ListMissingRequest, MissingThing};
use clap::{Args, ValueEnum};
use comfy_table::{Table, presets};

use crate::case_list::local;
use crate::connect::{Service, Services, request, said};
use crate::out::line;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The service; all when left out
    service: Option<Service>,
}

/// What one service lacks.
#[derive(Default)]
struct Missing {
    things: Vec<MissingThing>,
    /// The earliest request whose answer is gone, in seconds since 1970.
    requests_from: Option<i64>,
}

pub(crate) async fn run(services: &Services, arguments: Arguments) -> Result<()> {
    let asked = match arguments.service {
        Some(service) => vec![service],
        None => Service::value_variants().to_vec(),
    };
    for service in asked {
        let missing = ask(services, service).await?;
        tell(service, &missing);
    }
    Ok(())
}

async fn ask(services: &Services, service: Service) -> Result<Missing> {
    let mut ops = services.ops(service).await?;
    let mut missing = Missing::default();
    let mut known = BTreeSet::new();
    let mut page_token = String::new();
    loop {
        let list = ListMissingRequest {
            page_size: 0,
            page_token,
        };
        let page = ops
            .list_missing(request(list))
            .await
            .map_err(said)?
            .into_inner();
        let new = |thing: &MissingThing| {
            known.insert((thing.case_id.clone(), thing.what.clone(), thing.id.clone()))
        };
        missing.things.extend(page.things.into_iter().filter(new));
        let from = page.requests_from.map(|at| at.seconds);
        missing.requests_from = missing.requests_from.into_iter().chain(from).min();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(missing);
        }
    }
}

fn tell(service: Service, missing: &Missing) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for thing in &missing.things {
        *counts.entry(&thing.what).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(what, count)| format!("{what} {count}"))
        .collect();
    let name = format!("{service:?}").to_lowercase();
    if counts.is_empty() {
        line(format_args!("{name}: nothing is missing"));
    } else {
        line(format_args!("{name}: missing {}", counts.join(", ")));
        let mut table = Table::new();
        table.load_preset(presets::UTF8_FULL_CONDENSED);
        table.set_header(["case", "what", "id", "event", "since"]);
        for thing in &missing.things {
            table.add_row([
                thing.case_id.clone(),
                thing.what.clone(),
                thing.id.clone(),
                thing.event_id.clone(),
                thing.at.map_or_else(String::new, |at| local(at.seconds)),
            ]);
        }
        line(&table);
    }
    if let Some(from) = missing.requests_from {
        line(format_args!(
            "{name}: answers to request ids are missing from {} on; a request from then that is sent again is a new one",
            local(from)
        ));
    }
}
