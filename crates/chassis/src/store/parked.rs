//! Parked records: what could not be taken in, with the reason and the bytes.

use std::collections::BTreeMap;

use bytes::Bytes;
use sqlx::PgConnection;
use uuid::Uuid;

use super::columns::column;
use crate::envelope::RawRecord;

/// A record to park.
#[derive(Clone, Debug)]
pub struct ToPark {
    /// The record.
    pub record: RawRecord,
    /// Its subject, if it could be read.
    pub subject: Option<Uuid>,
    /// Its sequence, if it could be read.
    pub sequence: Option<i64>,
    /// Why, one word.
    pub reason: &'static str,
    /// Why, in words that hold no value of the record.
    pub detail: String,
}

/// A parked record.
#[derive(Clone, Debug)]
pub struct Parked {
    /// Row id.
    pub id: i64,
    /// Its subject.
    pub subject: Option<Uuid>,
    /// Why.
    pub reason: String,
    /// Why, in words.
    pub detail: String,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// The record.
    pub record: RawRecord,
}

struct Raw {
    id: i64,
    topic: String,
    partition: i32,
    offset: i64,
    subject: Option<Uuid>,
    reason: String,
    detail: String,
    record_key: Vec<u8>,
    headers: String,
    value: Option<Vec<u8>>,
    at: chrono::DateTime<chrono::Utc>,
}

impl From<Raw> for Parked {
    fn from(raw: Raw) -> Self {
        let headers = serde_json::from_str(&raw.headers).unwrap_or_default();
        Self {
            id: raw.id,
            subject: raw.subject,
            reason: raw.reason,
            detail: raw.detail,
            at: raw.at,
            record: RawRecord {
                topic: raw.topic,
                partition: raw.partition,
                offset: raw.offset,
                key: Bytes::from(raw.record_key),
                headers,
                value: raw.value.map(Bytes::from),
            },
        }
    }
}

/// Parks records; a record that is parked already stays as it is.
///
/// # Errors
/// Of the database.
pub async fn park(connection: &mut PgConnection, records: &[ToPark]) -> sqlx::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    // One row per place: of two judgements in a batch the later one stands.
    let by_place: BTreeMap<(&str, i32, i64), &ToPark> = records
        .iter()
        .map(|parked| {
            let record = &parked.record;
            let place = (record.topic.as_str(), record.partition, record.offset);
            (place, parked)
        })
        .collect();
    let rows: Vec<&ToPark> = by_place.into_values().collect();
    let headers =
        |r: &&ToPark| serde_json::to_string(&r.record.headers).expect("pairs of strings are JSON");
    sqlx::query!(
        r#"insert into chassis.parked (topic, partition, "offset", subject, sequence, reason, detail, record_key, headers, value)
           select * from unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::bytea[],
                                $9::text[], $10::bytea[])
           on conflict (topic, partition, "offset") do update set reason = excluded.reason, detail = excluded.detail"#,
        &column(&rows, |r| r.record.topic.clone()),
        &column(&rows, |r| r.record.partition),
        &column(&rows, |r| r.record.offset),
        &column(&rows, |r| r.subject) as &[Option<Uuid>],
        &column(&rows, |r| r.sequence) as &[Option<i64>],
        &column(&rows, |r| r.reason.to_owned()),
        &column(&rows, |r| r.detail.clone()),
        &column(&rows, |r| r.record.key.to_vec()),
        &column(&rows, headers),
        &column(&rows, |r| r.record.value.as_ref().map(|value| value.to_vec())) as &[Option<Vec<u8>>],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Records of these subjects parked for one of these reasons, in order of sequence.
///
/// # Errors
/// Of the database.
pub async fn of_subjects(
    connection: &mut PgConnection,
    subjects: &[Uuid],
    reasons: &[String],
) -> sqlx::Result<Vec<Parked>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"select id, topic, partition, "offset", subject, reason, detail, record_key, headers, value, at
           from chassis.parked where subject = any($1) and reason = any($2) order by subject, sequence, id"#,
        subjects,
        reasons
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Parked::from).collect())
}

/// A page of parked records after a row id.
///
/// # Errors
/// Of the database.
pub async fn page(
    connection: &mut PgConnection,
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<Parked>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"select id, topic, partition, "offset", subject, reason, detail, record_key, headers, value, at
           from chassis.parked where id > $1 order by id limit $2"#,
        after,
        most
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Parked::from).collect())
}

/// One parked record.
///
/// # Errors
/// Of the database.
pub async fn get(connection: &mut PgConnection, id: i64) -> sqlx::Result<Option<Parked>> {
    let row = sqlx::query_as!(
        Raw,
        r#"select id, topic, partition, "offset", subject, reason, detail, record_key, headers, value, at
           from chassis.parked where id = $1"#,
        id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Parked::from))
}

/// How many of these rows are there.
///
/// # Errors
/// Of the database.
pub async fn count(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from chassis.parked where id = any($1)"#,
        ids
    )
    .fetch_one(connection)
    .await
}

/// Deletes rows; returns how many there were.
///
/// # Errors
/// Of the database.
pub async fn delete(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<u64> {
    let done = sqlx::query!("delete from chassis.parked where id = any($1)", ids)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Records parked because this release did not know their type, oldest first.
///
/// # Errors
/// Of the database.
pub async fn of_unknown_type(connection: &mut PgConnection) -> sqlx::Result<Vec<Parked>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"select id, topic, partition, "offset", subject, reason, detail, record_key, headers, value, at
           from chassis.parked where reason = 'unknown_type' order by id limit 10000"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Parked::from).collect())
}
