//! Cases that wait for a hand, and reading one.

use std::collections::HashMap;

use case::{Actor, ActorKind, Body, Case, CaseState, lifecycle};
use chassis::principal;
use chassis::violations::Violations;
use chrono::DateTime;
use docket::clerk::{Submission, body_hash};
use docket::text::NewText;
use docket::work::actor;
use docket::{asking, read};
use law::directory::AuthorityId;
use law::grounds::RefusalGround;
use proto::routing::v1::{
    GetCaseRequest, HeldCase, ListHeldCasesRequest, ListHeldCasesResponse, RefuseHeldCaseRequest,
    RouteByHandRequest,
};
use proto::v1::CaseRevision;
use proto::{v1, view, wire};
use tonic::{Request, Status};
use uuid::Uuid;

use super::places::AUTHORITY_RULE;
use super::{Routing, page};
use crate::domain::access;
use crate::error::forbidden;
use crate::store::{held, time};

pub(super) async fn route_by_hand(
    routing: &Routing,
    request: Request<RouteByHandRequest>,
) -> Result<CaseRevision, Status> {
    let (_, extensions, request) = request.into_parts();
    let hash = body_hash(&request);
    let mut violations = Violations::new();
    let asked = asked(
        &mut violations,
        "RouteByHand",
        hash,
        request.request_id,
        &request.case_id,
        request.min_version,
        request.etag,
    );
    let authority = wire::authority(&request.authority);
    violations.require(authority.is_some(), "authority", AUTHORITY_RULE);
    violations.into_result()?;
    let authority =
        authority.ok_or_else(|| chassis::status::defect("an id was checked and lost"))?;
    let submission = Submission {
        body: Body::RouteByHand { authority },
        ..asked
    };
    routing.clerk.submit_for(&extensions, submission).await
}

pub(super) async fn refuse_held(
    routing: &Routing,
    request: Request<RefuseHeldCaseRequest>,
) -> Result<CaseRevision, Status> {
    let (_, extensions, request) = request.into_parts();
    let hash = body_hash(&request);
    let mut violations = Violations::new();
    let asked = asked(
        &mut violations,
        "RefuseHeldCase",
        hash,
        request.request_id,
        &request.case_id,
        request.min_version,
        request.etag,
    );
    let ground: Option<RefusalGround> = wire::listed(request.ground);
    violations.require(ground.is_some(), "ground", "must be a ground of the list");
    asking::text(&mut violations, "text", &request.text);
    violations.into_result()?;
    let ground = ground.ok_or_else(|| chassis::status::defect("a ground was checked and lost"))?;
    let text = NewText::take(request.text);
    let body = Body::RefuseComplaint {
        ground,
        text: text.reference,
    };
    routing
        .clerk
        .submit_for(
            &extensions,
            Submission {
                body,
                texts: vec![text],
                ..asked
            },
        )
        .await
}

/// The checked fields that both commands share; their body is still to be set.
fn asked(
    violations: &mut Violations,
    method: &'static str,
    body_hash: Vec<u8>,
    request_id: String,
    case_id: &str,
    min_version: u64,
    etag: String,
) -> Submission<()> {
    asking::request_id(violations, &request_id);
    let case_id = asking::case_id(violations, case_id);
    let etag = Some(etag).filter(|etag| !etag.is_empty());
    asking::etag(violations, etag.as_deref());
    Submission {
        method,
        request_id,
        body_hash,
        case_id,
        creates: false,
        min_version,
        etag,
        body: Body::Route,
        texts: Vec::new(),
        extra: (),
    }
}

pub(super) async fn list_held(
    routing: &Routing,
    request: Request<ListHeldCasesRequest>,
) -> Result<ListHeldCasesResponse, Status> {
    let (_, extensions, request) = request.into_parts();
    let by = actor(&principal::of(&extensions)?);
    let mut violations = Violations::new();
    let named = Some(request.holder.as_str()).filter(|text| !text.is_empty());
    let holder = named.and_then(wire::authority);
    violations.require(
        named.is_none() || holder.is_some(),
        "holder",
        AUTHORITY_RULE,
    );
    let size = asking::page_size(&mut violations, request.page_size, 50, 200);
    let fingerprint = page::fingerprint("ListHeldCases", &[&request.holder]);
    let after = page::place(&mut violations, &fingerprint, &request.page_token, place);
    violations.into_result()?;
    let holder = seen_by(routing, &by, holder)?;

    let mut connection = routing
        .clerk
        .pool()
        .acquire()
        .await
        .map_err(docket::error::store)?;
    let mut places = held::list(&mut connection, holder.as_ref(), after, size + 1)
        .await
        .map_err(docket::error::store)?;
    drop(connection);
    let more = page::cut(&mut places, size);
    let last = places.last().filter(|_| more);
    let next_page_token = last.map_or_else(String::new, |(due, case)| {
        page::token(&fingerprint, &format!("{}/{case}", due.timestamp_micros()))
    });
    Ok(ListHeldCasesResponse {
        cases: held_cases(routing, &places).await?,
        next_page_token,
    })
}

/// Whose cases are listed: those of the authority that was named, else the caller's own; an operator's are everybody's.
fn seen_by(
    routing: &Routing,
    by: &Actor,
    named: Option<AuthorityId>,
) -> Result<Option<AuthorityId>, Status> {
    let holder = named.or_else(|| access::authority_of(by));
    let allowed = match &holder {
        Some(holder) => access::may_see_held(by, holder, &routing.directory),
        None => by.kind == ActorKind::Operator,
    };
    if allowed {
        Ok(holder)
    } else {
        Err(forbidden("ACTOR_NOT_PERMITTED"))
    }
}

fn place(text: &str) -> Option<held::Place> {
    let (micros, case) = text.split_once('/')?;
    Some((
        DateTime::from_timestamp_micros(micros.parse().ok()?)?,
        case.parse().ok()?,
    ))
}

/// The cases as they are now, in the order of places; one that was routed meanwhile is left out.
async fn held_cases(routing: &Routing, places: &[held::Place]) -> Result<Vec<HeldCase>, Status> {
    let wanted: Vec<Uuid> = places.iter().map(|(_, case)| *case).collect();
    let found = read::many(routing.clerk.pool(), &wanted).await?;
    let mut cases: HashMap<Uuid, HeldCase> = found
        .into_iter()
        .filter_map(|found| {
            Some((
                found.subject,
                held_case(found.case.as_ref()?, found.position.etag())?,
            ))
        })
        .collect();
    Ok(wanted
        .iter()
        .filter_map(|case| cases.remove(case))
        .collect())
}

fn held_case(case: &Case, etag: String) -> Option<HeldCase> {
    let CaseState::HeldForRouting {
        holder,
        reason,
        since,
        due,
        overdue_at,
    } = &case.state
    else {
        return None;
    };
    Some(HeldCase {
        case_id: case.id.to_string(),
        case_number: case.filing.case_number.clone(),
        version: case.version,
        etag,
        holder: holder.as_str().to_owned(),
        reason: wire::number(*reason),
        held_at: Some(wire::timestamp(*since)),
        due: Some(view::due(due)),
        overdue_at: overdue_at.map(wire::timestamp),
    })
}

pub(super) async fn get(
    routing: &Routing,
    request: Request<GetCaseRequest>,
) -> Result<v1::Case, Status> {
    let (_, extensions, request) = request.into_parts();
    let by = actor(&principal::of(&extensions)?);
    let mut violations = Violations::new();
    let case_id = asking::case_id(&mut violations, &request.case_id);
    violations.into_result()?;
    let (case, position) = routing
        .clerk
        .case(&extensions, case_id, request.min_version)
        .await?;
    if !access::may_read(&case, &by, &routing.directory) {
        return Err(forbidden("NOT_PARTY_TO_CASE"));
    }
    let mut connection = routing
        .clerk
        .pool()
        .acquire()
        .await
        .map_err(docket::error::store)?;
    let now = time::now(&mut connection, routing.registry.stepped, &case.space)
        .await
        .map_err(docket::error::store)?;
    let allowed = lifecycle::allowed(&case, Some(&by), now);
    Ok(view::case(&case, &position.etag(), &allowed))
}
