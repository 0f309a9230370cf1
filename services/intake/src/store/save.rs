//! The save of a batch: one statement for all of intake's tables.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
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
    /// State of the case.
    pub(crate) state: i16,
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
    /// Cases whose state changed.
    pub(crate) states: Vec<(Uuid, i16)>,
    /// Parties of complaints that callers filed.
    pub(crate) parties: Vec<(Uuid, Arc<SealedParties>)>,
    /// New evidence.
    pub(crate) evidence: Vec<EvidenceRow>,
}

impl Rows {
    pub(crate) fn is_empty(&self) -> bool {
        self.complaints.is_empty()
            && self.states.is_empty()
            && self.parties.is_empty()
            && self.evidence.is_empty()
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

/// Saves the rows. Doing it again after a rollback changes nothing.
///
/// # Errors
/// Of the database.
pub(crate) async fn save(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    let complaints = &rows.complaints;
    let mut parties: Vec<&(Uuid, Arc<SealedParties>)> = rows.parties.iter().collect();
    parties.sort_unstable_by_key(|(subject, _)| *subject);
    let evidence = &rows.evidence;
    sqlx::query!(
        r#"with ins_complaints as (
               insert into intake.complaints (subject, space, case_number, party_ref, consumer_region, filed_at, state, progress_hash)
               select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::smallint[], $8::bytea[])
               on conflict (subject) do update set state = excluded.state
           ), upd_complaints as (
               update intake.complaints c set state = u.state
               from unnest($9::uuid[], $10::smallint[]) as u(subject, state)
               where c.subject = u.subject
           ), ins_parties as (
               insert into intake.parties (subject, key_version, complainant, representatives, respondent)
               select * from unnest($11::uuid[], $12::smallint[], $13::bytea[], $14::bytea[], $15::bytea[])
               on conflict do nothing
           )
           insert into intake.evidence (id, subject, hash, media_type, size_bytes, side, added_at)
           select * from unnest($16::uuid[], $17::uuid[], $18::bytea[], $19::text[], $20::bigint[], $21::smallint[], $22::timestamptz[])
           on conflict do nothing"#,
        &of(complaints, |row| row.subject),
        &of(complaints, |row| row.space.as_str()) as &[&str],
        &of(complaints, |row| row.case_number.as_str()) as &[&str],
        &of(complaints, |row| row.party_ref.as_str()) as &[&str],
        &of(complaints, |row| row.consumer_region.as_deref()) as &[Option<&str>],
        &of(complaints, |row| row.filed_at),
        &of(complaints, |row| row.state),
        &of(complaints, |row| row.progress_hash.as_slice()) as &[&[u8]],
        &of(&rows.states, |(subject, _)| *subject),
        &of(&rows.states, |(_, state)| *state),
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
    .execute(connection)
    .await?;
    Ok(())
}

/// One column of rows.
fn of<'a, R, C>(rows: &'a [R], column: impl Fn(&'a R) -> C) -> Vec<C> {
    rows.iter().map(column).collect()
}
