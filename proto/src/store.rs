//! Stored cases: domain to bytes and back, many thousand times a second. Reading moves what it can instead of copying.

mod state;

use std::sync::Arc;

use case::state::{Rating, WithdrawalRequest};
use case::{Case, CaseId};
use prost::Message;

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::store::v1;
use crate::parts::{heads, notice_heads};
use crate::scalar::{
    Read, fen, garbage, id, id_bytes, instant, listed, maybe_instant, required, timestamp,
};

/// Format of stored cases. A row with a higher one is left alone: a later release wrote it.
pub const STATE_FORMAT: i32 = 1;

/// The bytes of a case. Equal cases have equal bytes.
pub fn encode_case(case: &Case) -> Vec<u8> {
    v1::Case {
        id: id_bytes(case.id.0),
        space: case.space.clone(),
        version: case.version,
        at: Some(timestamp(case.at)),
        filing: Some((&*case.filing).into()),
        odr_failed: case.odr_failed,
        last_receipt: case.last_receipt.as_ref().map(Into::into),
        receipts: case.receipts,
        returns: case.returns,
        holds: case.holds,
        withdrawals: case.withdrawals.iter().map(Into::into).collect(),
        handling_reported_at: case.handling_reported_at.map(timestamp),
        evidence: case.evidence,
        rating: case.rating.map(|rating| v1::Rating {
            stars: u32::from(rating.stars),
            at: Some(timestamp(rating.at)),
        }),
        recovered_fen: case.recovered.0,
        milestones: Some((&case.milestones).into()),
        answered: notice_heads(&case.answered),
        state: Some((&case.state).into()),
    }
    .encode_to_vec()
}

/// The case of stored bytes.
///
/// # Errors
/// The bytes are not a case of this format. Never a panic, whatever the bytes.
pub fn decode_case(bytes: &[u8]) -> Result<Case, DecodeError> {
    let case = v1::Case::decode(bytes).map_err(|_| garbage("the stored case"))?;
    Ok(Case {
        id: CaseId(id(&case.id, "Case.id")?),
        space: case.space,
        version: case.version,
        at: instant(case.at, "Case.at")?,
        filing: Arc::new(required(case.filing, "Case.filing")?.try_into()?),
        state: required(case.state, "Case.state")?.try_into()?,
        odr_failed: case.odr_failed,
        last_receipt: case.last_receipt.map(TryInto::try_into).transpose()?,
        receipts: case.receipts,
        returns: case.returns,
        holds: case.holds,
        withdrawals: case
            .withdrawals
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Read<_>>()?,
        answered: heads(case.answered)?,
        handling_reported_at: maybe_instant(
            case.handling_reported_at,
            "Case.handling_reported_at",
        )?,
        evidence: case.evidence,
        rating: case.rating.map(TryInto::try_into).transpose()?,
        recovered: fen(case.recovered_fen, "Case.recovered_fen")?,
        milestones: required(case.milestones, "Case.milestones")?.try_into()?,
    })
}

impl From<&WithdrawalRequest> for v1::WithdrawalRequest {
    fn from(request: &WithdrawalRequest) -> Self {
        Self {
            source: request.source.number(),
            sequence: request.sequence,
            reason: request.reason.number(),
            event_id: id_bytes(request.event_id),
        }
    }
}

impl TryFrom<v1::WithdrawalRequest> for WithdrawalRequest {
    type Error = DecodeError;

    fn try_from(request: v1::WithdrawalRequest) -> Read<Self> {
        Ok(Self {
            source: listed(request.source, "WithdrawalRequest.source")?,
            sequence: request.sequence,
            reason: listed(request.reason, "WithdrawalRequest.reason")?,
            event_id: id(&request.event_id, "WithdrawalRequest.event_id")?,
        })
    }
}

impl TryFrom<v1::Rating> for Rating {
    type Error = DecodeError;

    fn try_from(rating: v1::Rating) -> Read<Self> {
        Ok(Self {
            stars: u8::try_from(rating.stars).map_err(|_| garbage("Rating.stars"))?,
            at: instant(rating.at, "Rating.at")?,
        })
    }
}
