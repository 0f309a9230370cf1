//! What callers read of a case: ids as text, due dates beside each other, and what they may do next.

mod state;

use case::{Case, CommandKind, StateKind};
use law::Due;

use crate::listed::Listed;
use crate::odr::case::v1;
use crate::odr::mediation::v1::CaseSummary;
use crate::scalar::{day_text, numbers, timestamp};

/// The case as callers read it; `allowed` are the commands this caller may give now.
pub fn case(case: &Case, etag: &str, allowed: &[CommandKind]) -> v1::Case {
    v1::Case {
        case_id: case.id.to_string(),
        space: case.space.clone(),
        version: case.version,
        etag: etag.to_owned(),
        updated_at: Some(timestamp(case.at)),
        state: StateKind::of(&case.state).number(),
        owner: case.state.owner().number(),
        filing: Some(filing(case)),
        offers: case.offers().iter().map(offer).collect(),
        due_dates: due_date(case).into_iter().collect(),
        milestones: Some((&case.milestones).into()),
        allowed_commands: numbers(allowed),
        enterprise: case.enterprise().map(|uscc| uscc.as_str().to_owned()),
        authority: case.authority().map(|id| id.as_str().to_owned()),
        odr_failed: case.odr_failed,
        last_receipt: case.last_receipt.as_ref().map(Into::into),
        receipt_count: case.receipts,
        return_count: case.returns,
        pending_withdrawals: case.withdrawals.iter().map(pending).collect(),
        handling_reported_at: case.handling_reported_at.map(timestamp),
        evidence_count: case.evidence,
        rating: case.rating.map(|rating| v1::CaseRating {
            stars: u32::from(rating.stars),
            rated_at: Some(timestamp(rating.at)),
        }),
        recovered_fen: case.recovered.0,
        detail: state::detail(&case.state),
    }
}

/// The small answer every command gives.
pub fn revision(case: &Case, etag: &str) -> v1::CaseRevision {
    v1::CaseRevision {
        case_id: case.id.to_string(),
        version: case.version,
        etag: etag.to_owned(),
        state: StateKind::of(&case.state).number(),
    }
}

/// The case as a row of a list.
pub fn summary(case: &Case, etag: &str) -> CaseSummary {
    let outcome = match &case.state {
        case::CaseState::Closed { outcome, .. } => Some((*outcome).into()),
        _ => None,
    };
    CaseSummary {
        case_id: case.id.to_string(),
        case_number: case.filing.case_number.clone(),
        version: case.version,
        etag: etag.to_owned(),
        state: StateKind::of(&case.state).number(),
        enterprise: case
            .enterprise()
            .map(|uscc| uscc.as_str().to_owned())
            .unwrap_or_default(),
        authority: case
            .authority()
            .map(|id| id.as_str().to_owned())
            .unwrap_or_default(),
        problem: case.filing.problem.clone(),
        category: case.filing.category.clone(),
        filed_at: Some(timestamp(case.milestones.filed_at)),
        updated_at: Some(timestamp(case.at)),
        due_date: due_date(case),
        outcome,
    }
}

/// A state without its content.
pub fn state_kind(kind: StateKind) -> v1::CaseStateKind {
    kind.into()
}

/// The due date of the state's own clock, passed or not; `None` if the state has none.
pub fn due_date(case: &Case) -> Option<v1::CaseDueDate> {
    let (kind, due, overdue_at) = state::clock(&case.state)?;
    Some(v1::CaseDueDate {
        kind: kind.number(),
        due: Some(due.into()),
        overdue_at: overdue_at.map(timestamp),
    })
}

/// A due date.
pub fn due(due: &Due) -> v1::Due {
    due.into()
}

fn pending(request: &case::state::WithdrawalRequest) -> v1::PendingWithdrawal {
    v1::PendingWithdrawal {
        source: request.source.number(),
        sequence: request.sequence,
        reason: request.reason.number(),
    }
}

fn offer(offer: &case::terms::Offer) -> v1::CaseOffer {
    v1::CaseOffer {
        proposal_id: offer.id.to_string(),
        by: offer.by.number(),
        terms: Some(state::terms(&offer.terms)),
        valid_until: Some(timestamp(offer.valid_until)),
        made_at: Some(timestamp(offer.at)),
        accepted_by: numbers(&offer.accepted_by),
    }
}

fn filing(case: &Case) -> v1::CaseFiling {
    let filing = &case.filing;
    let region = |region: &law::directory::RegionCode| region.as_str().to_owned();
    v1::CaseFiling {
        case_number: filing.case_number.clone(),
        complainant: filing.complainant.as_str().to_owned(),
        representatives: filing
            .representatives
            .iter()
            .map(|party| party.as_str().to_owned())
            .collect(),
        consumer_region: filing.consumer_region.as_ref().map(region),
        identity: filing.identity.number(),
        respondent: Some((&filing.respondent).into()),
        problem: filing.problem.clone(),
        category: filing.category.clone(),
        tree_version: filing.tree_version,
        claims: numbers(&filing.claims),
        paid_fen: filing.paid.0,
        claimed_fen: filing.claimed.0,
        disputed_on: filing.disputed_on.map(day_text),
        knew_on: filing.knew_on.map(day_text),
        sales_mode: filing.sales_mode.number(),
        place_of_event_region: filing.place_of_event.as_ref().map(region),
        channel: filing.channel.number(),
        sub_channel: filing.sub_channel.clone(),
        source_system: filing.source_system.clone(),
        source_number: filing.source_number.clone(),
        consents: Some((&filing.consents).into()),
        contains_report: filing.contains_report,
        joint: filing.joint,
        by_agent: filing.by_agent,
        prior_case_id: filing.prior_case.map(|prior| prior.to_string()),
        pledge: filing.pledge.clone(),
        text_ids: filing
            .texts
            .iter()
            .map(|text| text.id.to_string())
            .collect(),
    }
}
