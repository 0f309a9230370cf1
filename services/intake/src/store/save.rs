//! The save of a batch: one statement for all of intake's tables and the chassis'.

use std::collections::HashSet;
use std::sync::Arc;

use chassis::store::batch::{Outboxed, Save, SaveError};
use chrono::{DateTime, Utc};
use docket::text::NewText;
use sqlx::PgConnection;
use uuid::Uuid;

use super::personal::SealedParties;

/// A row of `intake.complaints`.
#[derive(Clone, Debug)]
pub(crate) struct ComplaintRow {
    /// The case.
    pub(crate) subject: Uuid,
    /// Its space.
    pub(crate) space: String,
    /// The number for people.
    pub(crate) case_number: String,
    /// The complainant.
    pub(crate) party_ref: String,
    /// Where the consumer lives.
    pub(crate) consumer_region: Option<String>,
    /// When it was filed.
    pub(crate) filed_at: DateTime<Utc>,
    /// SHA-256 of the progress code.
    pub(crate) progress_hash: [u8; 32],
}

/// A row of `intake.evidence`.
#[derive(Clone, Debug)]
pub(crate) struct EvidenceRow {
    /// Its id.
    pub(crate) id: Uuid,
    /// The case.
    pub(crate) subject: Uuid,
    /// SHA-256 of the content.
    pub(crate) hash: [u8; 32],
    /// Media type.
    pub(crate) media_type: String,
    /// Bytes.
    pub(crate) size_bytes: i64,
    /// Whose it is.
    pub(crate) side: i16,
    /// When it was added.
    pub(crate) added_at: DateTime<Utc>,
}

/// The rows of a batch; projected rows come in the order of cases.
#[derive(Default)]
pub(crate) struct Rows {
    /// New complaints.
    pub(crate) complaints: Vec<ComplaintRow>,
    /// Parties of complaints that callers filed.
    pub(crate) parties: Vec<(Uuid, Arc<SealedParties>)>,
    /// New evidence.
    pub(crate) evidence: Vec<EvidenceRow>,
}

impl Rows {
    pub(crate) fn is_empty(&self) -> bool {
        self.complaints.is_empty() && self.parties.is_empty() && self.evidence.is_empty()
    }

    /// New complaints that no caller of this batch filed: they came back from the log.
    pub(crate) fn readmitted(&self) -> impl Iterator<Item = &ComplaintRow> {
        // As a rule every new complaint was filed here, and nothing has to be compared.
        let some = self.parties.len() < self.complaints.len();
        let filed: HashSet<Uuid> = self
            .parties
            .iter()
            .filter(|_| some)
            .map(|(subject, _)| *subject)
            .collect();
        self.complaints
            .iter()
            .filter(move |row| some && !filed.contains(&row.subject))
    }
}

/// Saves a batch with its texts and rows. A complaint's row is new when its case is, in the same statement: nothing has to
/// be looked for.
///
/// # Errors
/// As [`chassis::store::batch::save`].
pub(crate) async fn save(
    connection: &mut PgConnection,
    batch: &Save,
    texts: &[(Uuid, NewText)],
    rows: &Rows,
) -> Result<Outboxed, SaveError> {
    let complaints = &rows.complaints;
    let mut parties: Vec<&(Uuid, Arc<SealedParties>)> = rows.parties.iter().collect();
    parties.sort_unstable_by_key(|(subject, _)| *subject);
    let evidence = &rows.evidence;
    docket::save_batch!(
        connection,
        batch,
        texts,
        [", ins_complaints as (
               insert into intake.complaints (subject, space, case_number, party_ref, consumer_region, filed_at, progress_hash)
               select * from unnest($65::uuid[], $66::text[], $67::text[], $68::text[], $69::text[], $70::timestamptz[], $71::bytea[])
           ), ins_parties as (
               insert into intake.parties (subject, key_version, complainant, representatives, respondent)
               select * from unnest($72::uuid[], $73::smallint[], $74::bytea[], $75::bytea[], $76::bytea[])
           ), ins_evidence as (
               insert into intake.evidence (id, subject, hash, media_type, size_bytes, side, added_at)
               select * from unnest($77::uuid[], $78::uuid[], $79::bytea[], $80::text[], $81::bigint[], $82::smallint[], $83::timestamptz[])
               on conflict do nothing)"],
        &of(complaints, |row| row.subject),
        &of(complaints, |row| row.space.as_str()) as &[&str],
        &of(complaints, |row| row.case_number.as_str()) as &[&str],
        &of(complaints, |row| row.party_ref.as_str()) as &[&str],
        &of(complaints, |row| row.consumer_region.as_deref()) as &[Option<&str>],
        &of(complaints, |row| row.filed_at),
        &of(complaints, |row| row.progress_hash.as_slice()) as &[&[u8]],
        &of(&parties, |(subject, _)| *subject),
        &of(&parties, |(_, sealed)| sealed.key_version),
        &of(&parties, |(_, sealed)| sealed.complainant.as_slice()) as &[&[u8]],
        &of(&parties, |(_, sealed)| sealed.representatives.as_deref()) as &[Option<&[u8]>],
        &of(&parties, |(_, sealed)| sealed.respondent.as_slice()) as &[&[u8]],
        &of(evidence, |row| row.id),
        &of(evidence, |row| row.subject),
        &of(evidence, |row| row.hash.as_slice()) as &[&[u8]],
        &of(evidence, |row| row.media_type.as_str()) as &[&str],
        &of(evidence, |row| row.size_bytes),
        &of(evidence, |row| row.side),
        &of(evidence, |row| row.added_at),
    )
}

/// One column of rows.
fn of<'a, R, C>(rows: &'a [R], column: impl Fn(&'a R) -> C) -> Vec<C> {
    rows.iter().map(column).collect()
}
