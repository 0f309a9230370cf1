//! ListComplaints.

use std::collections::HashMap;

use case::state::Service;
use case::{Case, Reason, Refusal, StateKind};
use chassis::principal::{self, Kind, Principal};
use chassis::violations::Violations;
use docket::{asking, error, read};
use proto::intake::v1;
use proto::wire;
use tonic::{Request, Status};
use uuid::Uuid;

use super::{Parts, caller, page_token};
use crate::store::complaints::{self, Listed, Page, Scope};
use crate::store::{personal, state_number};

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
    let page = Page {
        space: &space,
        scope,
        states: &states,
        before,
        most: most + 1,
    };
    let mut found = {
        let mut connection = parts.clerk.pool().acquire().await.map_err(error::store)?;
        complaints::list(&mut connection, &page)
            .await
            .map_err(error::store)?
    };
    let has_more = found.len() > most as usize;
    found.truncate(most as usize);
    let next_page_token = match found.last().filter(|_| has_more) {
        Some(last) => page_token::after(list, last.filed_at, last.subject),
        None => String::new(),
    };
    Ok(v1::ListComplaintsResponse {
        complaints: summaries(parts, found).await?,
        next_page_token,
    })
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

/// Sorted and without repetitions, so that equal filters make equal lists.
fn states(violations: &mut Violations, numbers: &[i32]) -> Vec<i16> {
    violations.count("states", numbers, 0, 9);
    let mut states = Vec::new();
    for (place, number) in numbers.iter().take(9).enumerate() {
        match wire::listed::<StateKind>(*number) {
            Some(state) => states.push(state_number(state)),
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

async fn summaries(parts: &Parts, found: Vec<Listed>) -> Result<Vec<v1::ComplaintSummary>, Status> {
    let ids: Vec<Uuid> = found.iter().map(|listed| listed.subject).collect();
    let cases = read::many(parts.clerk.pool(), &ids).await?;
    let cases: HashMap<Uuid, Case> = cases
        .into_iter()
        .filter_map(|found| Some((found.subject, found.case?)))
        .collect();
    let known = found
        .iter()
        .filter_map(|listed| Some((listed, cases.get(&listed.subject)?)));
    Ok(known.map(|(listed, case)| summary(listed, case)).collect())
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
