//! `odrctl case`: one case with its whole story, or a list.

use anyhow::Result;
use chassis::pb::UnblockCaseRequest;
use clap::Subcommand;
use proto::mediation::v1::{GetCaseRequest, ListCaseEventsRequest};
use uuid::Uuid;

use crate::connect::{Service, Services, request, said};
use crate::out::out;
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
    /// Let a blocked case go on in a service, after its cause was mended
    Unblock {
        /// The service that blocked it
        service: Service,
        /// The case's id
        id: Uuid,
    },
}

pub(crate) async fn run(services: &Services, action: Action) -> Result<()> {
    match action {
        Action::Show { id } => show(services, id).await,
        Action::List(filter) => case_list::run(services, filter).await,
        Action::Unblock { service, id } => unblock(services, service, id).await,
    }
}

async fn show(services: &Services, id: Uuid) -> Result<()> {
    let mut mediation = services.mediation().await?;
    let get = GetCaseRequest {
        case_id: id.to_string(),
        min_version: 0,
    };
    let case = match mediation.get_case(request(get)).await {
        Ok(case) => Some(case.into_inner()),
        // The archive still tells the story of a blocked case.
        Err(status) if chassis::status::reason_of(&status).as_deref() == Some("CASE_PARKED") => {
            out(&format!(
                "mediation has blocked this case: {}\n",
                said(status)
            ));
            None
        }
        Err(status) => return Err(said(status)),
    };
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
    out(&timeline::render(case.as_ref(), &story));
    if story.verified {
        Ok(())
    } else {
        anyhow::bail!("the chain of this case is broken")
    }
}

async fn unblock(services: &Services, service: Service, id: Uuid) -> Result<()> {
    let unblock = UnblockCaseRequest {
        case_id: id.to_string(),
    };
    let answer = services
        .ops(service)
        .await?
        .unblock_case(request(unblock))
        .await
        .map_err(said)?
        .into_inner();
    out(if answer.was_blocked {
        "the case goes on\n"
    } else {
        "the case was not blocked\n"
    });
    Ok(())
}
