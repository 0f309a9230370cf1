//! ListComplaints.

use std::collections::HashMap;

use case::state::Service;
use case::{Case, Reason, Refusal, StateKind};
use chassis::principal::{self, Kind, Principal};
use chassis::violations::Violations;
use chrono::{DateTime, Utc};
use docket::{asking, error, read};
use proto::intake::v1;
use proto::wire;
use tonic::{Request, Status};
use uuid::Uuid;

use super::{Parts, caller, page_token};
use crate::store::complaints::{self, Listed, Page, Scope};
use crate::store::personal;

/// The consumer's own complaints, or for staff those of a region or all; newest first.
pub(super) async fn list(
    parts: &Parts,
    request: Request<v1::ListComplaintsRequest>,
) -> Result<v1::ListComplaintsResponse, Status> {
    let (metadata, extensions, request) = request.into_parts();
    let by = principal::of(&extensions)?;
    let space = caller::space(parts, &metadata)?;
    let scope = scope(&by, &request.region)?;
    let mut violations = Violations::new();
    let most = asking::page_size(&mut violations, request.page_size, 50, 200);
    let states = states(&mut violations, &request.states);
    if !request.region.is_empty() {
        match by.kind {
            Kind::Consumer => violations.add("region", "must be empty for a consumer"),
            _ if parts.directory.region(&request.region).is_none() => {
                violations.add("region", "must be a region of the directory");
            }
            _ => {}
        }
    }
    let list = page_token::list_of(&space, name(&scope), &states);
    let before = match request.page_token.as_str() {
        "" => Some(page_token::start()),
        token => page_token::read(list, token),
    };
    let Some(before) = before else {
        violations.add("page_token", "must be a token of this list");
        return Err(caller::refused(violations));
    };
    violations.into_result()?;
    let (page, next) = page(parts, &space, scope, &states, before, most as usize).await?;
    Ok(v1::ListComplaintsResponse {
        complaints: page
            .iter()
            .map(|(listed, case)| summary(listed, case))
            .collect(),
        next_page_token: next.map_or_else(String::new, |(filed_at, subject)| {
            page_token::after(list, filed_at, subject)
        }),
    })
}

/// A complaint with its case.
type Shown = (Listed, Case);

/// A place in a list: filing and case.
type Place = (DateTime<Utc>, Uuid);

/// Complaints looked at for one page: one of rare states may be short, and the next goes on where it ended.
const MOST_READ: usize = 2_000;

/// A page, and where the next one begins; states are those of the cases themselves.
async fn page(
    parts: &Parts,
    space: &str,
    scope: Scope<'_>,
    states: &[i32],
    before: Place,
    most: usize,
) -> Result<(Vec<Shown>, Option<Place>), Status> {
    let chunk = if states.is_empty() {
        most + 1
    } else {
        (most + 1).max(200)
    };
    let (mut shown, mut before, mut read): (Vec<Shown>, Place, usize) = (Vec::new(), before, 0);
    while read < MOST_READ {
        let page = Page {
            space,
            scope,
            before,
            most: i64::try_from(chunk).expect("pages are short"),
        };
        let found = {
            let mut connection = parts.clerk.pool().acquire().await.map_err(error::store)?;
            complaints::list(&mut connection, &page)
                .await
                .map_err(error::store)?
        };
        let ended = found.len() < chunk;
        read += found.len();
        for (listed, case) in with_cases(parts, found).await? {
            before = (listed.filed_at, listed.subject);
            let state = wire::number(StateKind::of(&case.state));
            if states.is_empty() || states.contains(&state) {
                shown.push((listed, case));
            }
            if shown.len() > most {
                shown.truncate(most);
                let last = shown.last();
                let next = last.map(|(listed, _)| (listed.filed_at, listed.subject));
                return Ok((shown, next));
            }
        }
        if ended {
            return Ok((shown, None));
        }
    }
    Ok((shown, Some(before)))
}

fn scope<'a>(by: &'a Principal, region: &'a str) -> Result<Scope<'a>, Status> {
    match (by.kind, by.subject.as_deref()) {
        (Kind::Consumer, Some(subject)) => Ok(Scope::Party(subject)),
        (Kind::Staff, _) if region.is_empty() => Ok(Scope::Space),
        (Kind::Staff, _) => Ok(Scope::Region(region)),
        _ => Err(error::refused(
            Service::Intake,
            &Refusal::new(Reason::ActorNotPermitted),
        )),
    }
}

fn name<'a>(scope: &Scope<'a>) -> (&'static str, &'a str) {
    match scope {
        Scope::Party(party_ref) => ("party", party_ref),
        Scope::Region(region) => ("region", region),
        Scope::Space => ("space", ""),
    }
}

/// Numbers of states, sorted and without repetitions, so that equal filters make equal lists.
fn states(violations: &mut Violations, numbers: &[i32]) -> Vec<i32> {
    violations.count("states", numbers, 0, 9);
    let mut states = Vec::new();
    for (place, number) in numbers.iter().take(9).enumerate() {
        match wire::listed::<StateKind>(*number) {
            Some(_) => states.push(*number),
            None => violations.add(
                format_args!("states[{place}]"),
                "must be a state of the list",
            ),
        }
    }
    states.sort_unstable();
    states.dedup();
    states
}

async fn with_cases(parts: &Parts, found: Vec<Listed>) -> Result<Vec<Shown>, Status> {
    let ids: Vec<Uuid> = found.iter().map(|listed| listed.subject).collect();
    let cases = read::many(parts.clerk.pool(), &ids).await?;
    let mut cases: HashMap<Uuid, Case> = cases
        .into_iter()
        .filter_map(|found| Some((found.subject, found.case?)))
        .collect();
    let known = found
        .into_iter()
        .filter_map(|listed| Some((cases.remove(&listed.subject)?, listed)));
    Ok(known.map(|(case, listed)| (listed, case)).collect())
}

fn summary(listed: &Listed, case: &Case) -> v1::ComplaintSummary {
    let respondent = listed
        .key_version
        .zip(listed.respondent.as_deref())
        .map(|(key, sealed)| {
            personal::open_respondent(key, sealed).unwrap_or_else(|fault| {
                tracing::error!(case.id = %listed.subject, %fault, "a respondent cannot be read");
                Default::default()
            })
        });
    v1::ComplaintSummary {
        case_id: listed.subject.to_string(),
        case_number: case.filing.case_number.clone(),
        version: case.version,
        state: wire::number(StateKind::of(&case.state)),
        filed_at: Some(wire::timestamp(listed.filed_at)),
        respondent_name: respondent
            .map(|contact| contact.name.into_inner())
            .unwrap_or_default(),
        problem: case.filing.problem.clone(),
        category: case.filing.category.clone(),
    }
}
