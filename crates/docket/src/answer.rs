//! Answers every service gives: a case's revision.

use case::{Case, StateKind};
use chassis::admission::Position;
use prost::Message;
use proto::v1::CaseRevision;
use uuid::Uuid;

/// What every command answers: where the case stands now.
pub fn revision(subject: Uuid, case: &Case, position: &Position) -> CaseRevision {
    CaseRevision {
        case_id: subject.to_string(),
        version: position.version,
        etag: position.etag(),
        state: proto::view::state_kind(StateKind::of(&case.state)).into(),
    }
}

/// The same, encoded.
pub fn revision_bytes(subject: Uuid, case: &Case, position: &Position) -> Vec<u8> {
    revision(subject, case, position).encode_to_vec()
}
