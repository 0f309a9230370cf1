//! GetProgress.

use std::time::Instant;

use case::{CaseState, Side};
use chassis::violations::Violations;
use chassis::{principal, status};
use proto::intake::v1;
use proto::wire;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::Parts;
use super::caller::refused;
use crate::domain::progress::{NextStep, next};
use crate::domain::progress_code;
use crate::store;

/// Where the case of a progress code stands, for whoever holds the code.
pub(super) async fn get(
    parts: &Parts,
    request: Request<v1::GetProgressRequest>,
) -> Result<v1::Progress, Status> {
    let (_, extensions, request) = request.into_parts();
    let by = principal::of(&extensions)?;
    let allowed = parts.allowances.take(&by.key(), Instant::now());
    allowed.map_err(|wait| {
        let details = ErrorDetails::with_retry_info(Some(wait));
        Status::with_error_details(
            Code::ResourceExhausted,
            "too many looks at progress codes",
            details,
        )
    })?;
    let Some(hash) = progress_code::hash_of(&request.progress_code) else {
        let mut violations = Violations::new();
        violations.add(
            "progress_code",
            "must be a progress code of 20 letters and digits",
        );
        return Err(refused(violations));
    };
    let subject = {
        let mut connection = parts
            .clerk
            .pool()
            .acquire()
            .await
            .map_err(docket::error::store)?;
        store::complaints::by_progress_hash(&mut connection, &hash)
            .await
            .map_err(docket::error::store)?
    };
    // The code itself is a secret and is not repeated.
    let subject = subject.ok_or_else(|| status::not_found("complaint", "of this progress code"))?;
    let (case, _) = parts
        .clerk
        .case(&extensions, subject, request.min_version)
        .await?;
    Ok(progress(&case))
}

fn progress(case: &case::Case) -> v1::Progress {
    let (step, turn) = next(case);
    let due = proto::view::due_date(case).and_then(|date| date.due);
    let outcome = match &case.state {
        CaseState::Closed { outcome, .. } => Some((*outcome).into()),
        _ => None,
    };
    v1::Progress {
        case_number: case.filing.case_number.clone(),
        state: wire::number(case::StateKind::of(&case.state)),
        filed_at: Some(wire::timestamp(case.milestones.filed_at)),
        due_on: due.map(|due| due.last_day).unwrap_or_default(),
        turn: turn.map(wire::number::<Side>).unwrap_or_default(),
        next_step: step_number(step).into(),
        closed_at: case.milestones.closed_at.map(wire::timestamp),
        outcome,
    }
}

fn step_number(step: NextStep) -> v1::NextStep {
    match step {
        NextStep::Nothing => v1::NextStep::Unspecified,
        NextStep::WaitForRouting => v1::NextStep::WaitForRouting,
        NextStep::WaitForEnterprise => v1::NextStep::WaitForEnterprise,
        NextStep::AnswerOffer => v1::NextStep::AnswerOffer,
        NextStep::EscalateOrRest => v1::NextStep::EscalateOrRest,
        NextStep::WaitForAcceptance => v1::NextStep::WaitForAcceptance,
        NextStep::TakePartInMediation => v1::NextStep::TakePartInMediation,
        NextStep::SignAgreement => v1::NextStep::SignAgreement,
        NextStep::ConfirmPerformance => v1::NextStep::ConfirmPerformance,
        NextStep::Rate => v1::NextStep::Rate,
    }
}
