//! GetComplaint.

use case::Refusal;
use case::state::Service;
use chassis::violations::Violations;
use chassis::{principal, status};
use docket::{asking, error, text};
use proto::intake::v1;
use tonic::{Request, Status};

use super::{Parts, answer};
use crate::domain::reader;
use crate::store::{complaints, evidence, personal};

/// A complaint with its parties and texts, for those who may read it.
pub(super) async fn get(
    parts: &Parts,
    request: Request<v1::GetComplaintRequest>,
) -> Result<v1::Complaint, Status> {
    let (_, extensions, request) = request.into_parts();
    let by = principal::of(&extensions)?;
    let mut violations = Violations::new();
    let subject = asking::case_id(&mut violations, &request.case_id);
    violations.into_result()?;
    let (case, position) = parts
        .clerk
        .case(&extensions, subject, request.min_version)
        .await?;
    reader::may_read(&case, &by, &parts.directory)
        .map_err(|reason| error::refused(Service::Intake, &Refusal::new(reason)))?;
    let mut connection = parts.clerk.pool().acquire().await.map_err(error::store)?;
    let sealed = complaints::parties(&mut connection, subject)
        .await
        .map_err(error::store)?;
    let texts = text::of_case(&mut connection, subject)
        .await
        .map_err(error::store)?;
    let evidence = evidence::of_case(&mut connection, subject)
        .await
        .map_err(error::store)?;
    drop(connection);
    let parties = match sealed {
        Some(sealed) => personal::open(&sealed).map_err(|fault| {
            tracing::error!(case.id = %subject, %fault, "parties cannot be read");
            status::defect("parties cannot be read")
        })?,
        None => Default::default(),
    };
    Ok(answer::complaint(
        &case,
        &position.etag(),
        parties,
        texts,
        evidence,
    ))
}
