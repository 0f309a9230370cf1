//! FileComplaint.

use std::sync::Arc;
use std::time::Duration;

use case::filing::{Respondent, ShownAddress};
use case::{Body, CaseId, Filing};
use chassis::{principal, status};
use docket::Submission;
use docket::clerk::body_hash;
use law::directory::RegionCode;
use proto::intake::v1;
use proto::wire;
use tonic::{Request, Status};
use uuid::Uuid;

use super::{Parts, caller, form};
use crate::desk::Extra;
use crate::domain::case_number;
use crate::serials::NoSerial;
use crate::store::personal;

/// Files a complaint. The same request again gets the first answer, its progress code made anew.
pub(super) async fn file(
    parts: &Parts,
    request: Request<v1::FileComplaintRequest>,
) -> Result<v1::FileComplaintResponse, Status> {
    let (metadata, extensions, request) = request.into_parts();
    let by = principal::of(&extensions)?;
    let space = caller::space(parts, &metadata)?;
    let now = caller::now(parts, &space).await?;
    let body_hash = body_hash(&request);
    let request_id = request.request_id.clone();
    let form::Checked {
        mut filing,
        texts,
        parties,
    } = form::check(request, &by, &parts.directory, now)?;
    let serial = parts
        .serials
        .next(parts.clerk.pool())
        .await
        .map_err(no_serial)?;
    filing.case_number = case_number::compose(region(&filing), law::day::day_of(now), serial);
    let case_id = Uuid::now_v7();
    let submission = Submission {
        method: "FileComplaint",
        request_id,
        body_hash,
        case_id,
        creates: true,
        min_version: 0,
        etag: None,
        body: Body::FileComplaint {
            id: CaseId(case_id),
            space,
            filing: std::sync::Arc::new(filing),
        },
        texts,
        extra: Extra {
            parties: Some(Arc::new(personal::seal(parties))),
        },
    };
    let mut response: v1::FileComplaintResponse =
        parts.clerk.submit_for(&extensions, submission).await?;
    let case_id = wire::uuid(&response.case_id)
        .ok_or_else(|| status::defect("a stored answer names no case"))?;
    response.progress_code = parts.progress_codes.of(case_id);
    Ok(response)
}

/// The region a case number names: where the respondent does business, is domiciled or shows an address, else where
/// it happened.
fn region(filing: &Filing) -> Option<&RegionCode> {
    let Respondent {
        business,
        domicile,
        shown_address,
        ..
    } = &filing.respondent;
    let shown = match shown_address {
        ShownAddress::Shown(region) => Some(region),
        ShownAddress::Unstated | ShownAddress::NotShown => None,
    };
    business
        .as_ref()
        .or(domicile.as_ref())
        .or(shown)
        .or(filing.place_of_event.as_ref())
}

fn no_serial(error: NoSerial) -> Status {
    match error {
        NoSerial::Store(error) => docket::error::store(error),
        NoSerial::Recovering => status::unavailable(
            "the service reads its own words again",
            Duration::from_secs(1),
        ),
        NoSerial::Overloaded => {
            status::overloaded("too many filings wait", Duration::from_millis(200))
        }
    }
}
