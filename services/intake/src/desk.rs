//! Intake's part of the work on a case: what it answers, and which rows follow from orders and events.

use std::sync::Arc;

use case::state::Service;
use case::{Body, Case, Event, Recorded};
use chassis::admission::Position;
use chassis::store::batch::{Outboxed, Save, SaveError};
use docket::desk::{Change, Desk};
use docket::order::Order;
use docket::text::NewText;
use prost::Message;
use proto::intake::v1;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::case_number;
use crate::domain::progress_code::ProgressCodes;
use crate::serials::Serials;
use crate::store;
use crate::store::personal::SealedParties;
use crate::store::save::{ComplaintRow, EvidenceRow, Rows};

/// The desk of intake.
pub(crate) struct IntakeDesk {
    progress_codes: Arc<ProgressCodes>,
    serials: Arc<Serials>,
}

/// What comes with a filing beside its texts.
#[derive(Clone, Default)]
pub(crate) struct Extra {
    pub(crate) parties: Option<Arc<SealedParties>>,
}

impl IntakeDesk {
    pub(crate) fn new(progress_codes: Arc<ProgressCodes>, serials: Arc<Serials>) -> Self {
        Self {
            progress_codes,
            serials,
        }
    }

    fn complaint(&self, subject: Uuid, case: &Case) -> ComplaintRow {
        let filing = &case.filing;
        ComplaintRow {
            subject,
            space: case.space.clone(),
            case_number: filing.case_number.clone(),
            party_ref: filing.complainant.as_str().to_owned(),
            consumer_region: filing
                .consumer_region
                .as_ref()
                .map(|region| region.as_str().to_owned()),
            filed_at: case.milestones.filed_at,
            progress_hash: self.progress_codes.lookup_hash(subject),
        }
    }
}

impl Desk for IntakeDesk {
    type Extra = Extra;
    type Loaded = ();
    type Rows = Rows;

    const SERVICE: Service = Service::Intake;

    /// The progress code of a filing is left out: answers are stored, the code is not.
    fn respond(
        &self,
        order: &Order<Extra>,
        subject: Uuid,
        case: &Case,
        position: &Position,
    ) -> Vec<u8> {
        match &order.command.body {
            Body::FileComplaint { .. } => v1::FileComplaintResponse {
                case_id: subject.to_string(),
                case_number: case.filing.case_number.clone(),
                progress_code: String::new(),
                version: position.version,
                etag: position.etag(),
            }
            .encode_to_vec(),
            Body::AddEvidence { evidence, .. } => v1::AddEvidenceResponse {
                case: Some(docket::answer::revision(subject, case, position)),
                evidence_id: evidence.to_string(),
            }
            .encode_to_vec(),
            _ => docket::answer::revision_bytes(subject, case, position),
        }
    }

    fn order_rows(&self, order: &Order<Extra>, subject: Uuid, rows: &mut Rows) {
        if let Some(parties) = &order.extra.parties {
            rows.parties.push((subject, Arc::clone(parties)));
        }
    }

    fn project(&self, change: &Change<'_>, rows: &mut Rows) {
        if change.before.is_none() {
            rows.complaints
                .push(self.complaint(change.subject, change.after));
        }
        for recorded in change.events {
            if let Event::EvidenceAdded {
                evidence,
                hash,
                media_type,
                size_bytes,
                by,
            } = &recorded.event
            {
                rows.evidence.push(EvidenceRow {
                    id: *evidence,
                    subject: change.subject,
                    hash: *hash,
                    media_type: media_type.clone(),
                    size_bytes: i64::try_from(*size_bytes).unwrap_or(i64::MAX),
                    side: store::side_number(*by),
                    added_at: recorded.meta.occurred_at,
                });
            }
        }
    }

    fn has_rows(&self, rows: &Rows) -> bool {
        !rows.is_empty()
    }

    /// A filing without parties did not come from a caller but back from the log: its serial is in use.
    fn needs_transaction(&self, rows: &Rows) -> bool {
        rows.readmitted().next().is_some()
    }

    async fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        texts: &[(Uuid, NewText)],
        rows: &Rows,
    ) -> Result<Outboxed, SaveError> {
        let outboxed = store::save::save(connection, batch, texts, rows).await?;
        let readmitted = rows
            .readmitted()
            .filter_map(|row| case_number::serial_of(&row.case_number));
        if let Some(highest) = readmitted.max() {
            store::serials::advance_beyond(connection, highest).await?;
            self.serials.forget();
        }
        Ok(outboxed)
    }

    /// A filing's parties are in no event.
    async fn missing<'a>(
        &self,
        connection: &mut PgConnection,
        events: &[&'a Recorded],
    ) -> sqlx::Result<Vec<(&'a Recorded, &'static str)>> {
        let mut filed: Vec<&Recorded> = events.to_vec();
        filed.retain(|recorded| matches!(recorded.event, Event::ComplaintFiled(_)));
        let subjects: Vec<Uuid> = filed.iter().map(|recorded| recorded.case_id.0).collect();
        let kept = store::complaints::with_parties(connection, &subjects).await?;
        filed.retain(|recorded| !kept.contains(&recorded.case_id.0));
        Ok(filed
            .into_iter()
            .map(|recorded| (recorded, "parties"))
            .collect())
    }
}
