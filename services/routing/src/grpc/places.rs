//! Reading the directory: authorities and regions.

use chassis::status;
use chassis::violations::Violations;
use docket::asking;
use law::directory::{Authority, AuthorityId, Competence, RegionCode};
use proto::routing::v1::{
    AuthorityRecord, GetAuthorityRequest, GetRegionRequest, ListAuthoritiesRequest,
    ListAuthoritiesResponse, Region,
};
use proto::wire;
use tonic::{Request, Status};

use super::{Routing, page};
use crate::directory::version_number;
use crate::store::{authorities as store, record};

pub(super) const AUTHORITY_RULE: &str = "must be 1 to 32 letters, digits or hyphens";

pub(super) async fn authority(
    routing: &Routing,
    request: Request<GetAuthorityRequest>,
) -> Result<AuthorityRecord, Status> {
    let request = request.into_inner();
    let mut violations = Violations::new();
    let id = wire::authority(&request.authority_id);
    violations.require(id.is_some(), "authority_id", AUTHORITY_RULE);
    violations.into_result()?;
    let found = id.and_then(|id| routing.directory.authority(&id));
    let authority = found.ok_or_else(|| status::not_found("authority", &request.authority_id))?;
    let mut records = records(routing, &[authority]).await?;
    records
        .pop()
        .ok_or_else(|| status::defect("a record was lost"))
}

pub(super) async fn authorities(
    routing: &Routing,
    request: Request<ListAuthoritiesRequest>,
) -> Result<ListAuthoritiesResponse, Status> {
    let request = request.into_inner();
    let mut violations = Violations::new();
    let parent = Some(request.parent.as_str()).filter(|text| !text.is_empty());
    let id = parent.and_then(wire::authority);
    violations.require(parent.is_none() || id.is_some(), "parent", AUTHORITY_RULE);
    let size = asking::page_size(&mut violations, request.page_size, 50, 200);
    let fingerprint = page::fingerprint("ListAuthorities", &[&request.parent]);
    let after = page::place(
        &mut violations,
        &fingerprint,
        &request.page_token,
        wire::authority,
    );
    violations.into_result()?;
    if let Some(id) = id
        .as_ref()
        .filter(|id| routing.directory.authority(id).is_none())
    {
        return Err(status::not_found("authority", id));
    }
    let mut page = page_of(
        routing.directory.authorities(),
        id.as_ref(),
        after.as_ref(),
        size,
    );
    let more = page::cut(&mut page, size);
    let last = page.last().filter(|_| more).map(|last| last.id.as_str());
    let next_page_token = last.map_or_else(String::new, |id| page::token(&fingerprint, id));
    Ok(ListAuthoritiesResponse {
        authorities: records(routing, &page).await?,
        next_page_token,
    })
}

/// One authority more than the page, in the order of ids.
fn page_of<'a>(
    all: &'a [Authority],
    parent: Option<&AuthorityId>,
    after: Option<&AuthorityId>,
    size: i64,
) -> Vec<&'a Authority> {
    let below = |authority: &&Authority| {
        parent.is_none_or(|parent| authority.parent.as_ref() == Some(parent))
    };
    let behind = |authority: &&Authority| after.is_none_or(|after| authority.id > *after);
    let mut found: Vec<&Authority> = all.iter().filter(below).filter(behind).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.truncate(
        usize::try_from(size + 1).expect("a page size is checked to be small and positive"),
    );
    found
}

pub(super) fn region(
    routing: &Routing,
    request: &Request<GetRegionRequest>,
) -> Result<Region, Status> {
    let text = &request.get_ref().region_code;
    let mut violations = Violations::new();
    let code: Option<RegionCode> = wire::region(text);
    violations.require(
        code.is_some(),
        "region_code",
        "must be 2 to 12 letters or digits",
    );
    violations.into_result()?;
    let found = routing
        .directory
        .region(text)
        .ok_or_else(|| status::not_found("region", text))?;
    let (authority, holder) = match routing.directory.competent(&found.code) {
        Competence::Covered(authority) => (Some(authority), None),
        Competence::Uncovered { deepest_known } => (None, Some(deepest_known)),
    };
    let id = |authority: Option<&Authority>| {
        authority.map_or_else(String::new, |authority| authority.id.as_str().to_owned())
    };
    Ok(Region {
        region_code: found.code.as_str().to_owned(),
        name: found.name.clone(),
        parent: found
            .parent
            .as_ref()
            .map_or_else(String::new, |code| code.as_str().to_owned()),
        authority: id(authority),
        holder: id(holder),
    })
}

/// Records with the versions under which they were published; the first is on its way where there is none yet.
async fn records(
    routing: &Routing,
    authorities: &[&Authority],
) -> Result<Vec<AuthorityRecord>, Status> {
    let ids: Vec<String> = authorities
        .iter()
        .map(|authority| authority.id.as_str().to_owned())
        .collect();
    let mut connection = routing
        .clerk
        .pool()
        .acquire()
        .await
        .map_err(docket::error::store)?;
    let versions = store::versions(&mut connection, &ids)
        .await
        .map_err(docket::error::store)?;
    let directory_version = version_number(&routing.directory);
    let record = |authority: &&Authority| AuthorityRecord {
        version: versions.get(authority.id.as_str()).copied().unwrap_or(1),
        directory_version,
        ..record::authority_message(authority, &routing.directory)
    };
    Ok(authorities.iter().map(record).collect())
}
