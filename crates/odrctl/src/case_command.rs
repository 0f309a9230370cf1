//! `odrctl case`: one case with its whole story, or a list.

use anyhow::Result;
use clap::Subcommand;
use proto::mediation::v1::{GetCaseRequest, ListCaseEventsRequest};
use uuid::Uuid;

use crate::connect::{Services, request, said};
use crate::{case_list, timeline};

#[derive(Subcommand)]
pub(crate) enum Action {
    /// A case: timeline, actors, due dates explained, chain verified
    Show {
        /// The case's id
        id: Uuid,
    },
    /// Cases by enterprise, authority, state or due date
    List(case_list::Filter),
}

pub(crate) async fn run(services: &Services, action: Action) -> Result<()> {
    match action {
        Action::Show { id } => show(services, id).await,
        Action::List(filter) => case_list::run(services, filter).await,
    }
}

async fn show(services: &Services, id: Uuid) -> Result<()> {
    let mut mediation = services.mediation().await?;
    let get = GetCaseRequest {
        case_id: id.to_string(),
        min_version: 0,
    };
    let case = mediation
        .get_case(request(get))
        .await
        .map_err(said)?
        .into_inner();
    let mut events = Vec::new();
    let mut page_token = String::new();
    loop {
        let list = ListCaseEventsRequest {
            case_id: id.to_string(),
            page_size: 0,
            page_token,
            min_version: 0,
        };
        let page = mediation
            .list_case_events(request(list))
            .await
            .map_err(said)?
            .into_inner();
        events.extend(page.events);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let story = timeline::read(&events)?;
    print!("{}", timeline::render(&case, &story));
    if story.verified {
        Ok(())
    } else {
        anyhow::bail!("the chain of this case is broken")
    }
}
