//! Reads the fields of a request: collects every violation, and takes the texts. Nothing is kept of a form that breaks a rule.

use case::TextRef;
use chassis::status;
use chassis::violations::Violations;
use chrono::{DateTime, Datelike, SubsecRound, Utc};
use docket::asking;
use docket::text::NewText;
use prost_types::Timestamp;
use proto::wire::{self, Listed};
use tonic::Status;
use uuid::Uuid;

use super::asked::{Asked, Common};

/// The earliest year a date in a request may lie in.
const FIRST_YEAR: i32 = 1990;

/// What is wrong so far, and the texts taken.
#[derive(Default)]
pub(super) struct Form {
    pub(super) violations: Violations,
    texts: Vec<NewText>,
}

impl Form {
    /// The fields every command has.
    pub(super) fn common(&mut self, request: &impl Asked) -> Common {
        let fields = request.fields();
        let etag = (!fields.etag.is_empty()).then(|| fields.etag.to_owned());
        asking::request_id(&mut self.violations, fields.request_id);
        asking::etag(&mut self.violations, etag.as_deref());
        Common {
            request_id: fields.request_id.to_owned(),
            case_id: asking::case_id(&mut self.violations, fields.case_id),
            min_version: fields.min_version,
            etag,
        }
    }

    /// A required text.
    pub(super) fn text(&mut self, field: &str, value: String) -> TextRef {
        asking::text(&mut self.violations, field, &value);
        let text = NewText::take(value);
        let reference = text.reference;
        self.texts.push(text);
        reference
    }

    /// A text that may be left out.
    pub(super) fn maybe_text(&mut self, field: &str, value: String) -> Option<TextRef> {
        (!value.is_empty()).then(|| self.text(field, value))
    }

    /// A value of a closed list.
    pub(super) fn listed<T: Listed>(&mut self, field: &str, number: i32) -> Option<T> {
        let value = wire::listed(number);
        self.violations
            .require(value.is_some(), field, "must be a value of the list");
        value
    }

    /// A UUID.
    pub(super) fn uuid(&mut self, field: &str, value: &str) -> Uuid {
        asking::uuid(&mut self.violations, field, value)
    }

    /// A SHA-256 value.
    pub(super) fn document(&mut self, field: &str, value: &[u8]) -> Option<[u8; 32]> {
        let hash = wire::hash(value);
        self.violations
            .require(hash.is_some(), field, "must have 32 bytes");
        hash
    }

    /// An instant from 1990 on, in whole microseconds; whether it may lie before or after now is the case's to say.
    pub(super) fn instant(
        &mut self,
        field: &str,
        value: Option<&Timestamp>,
    ) -> Option<DateTime<Utc>> {
        let at = value
            .and_then(wire::instant)
            .filter(|at| at.year() >= FIRST_YEAR);
        self.violations
            .require(at.is_some(), field, "must be an instant from 1990 on");
        at.map(|at| at.trunc_subsecs(6))
    }

    /// What was read, if nothing is wrong.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<(T, Vec<NewText>), Status> {
        self.violations.into_result()?;
        let read = read.ok_or_else(|| status::defect("a field was refused without a word"))?;
        Ok((read, self.texts))
    }
}
