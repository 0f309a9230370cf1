//! Request ids: equal requests get the stored answer, another body under the same id is refused.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What makes a request the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Who asks.
    pub principal: String,
    /// What for.
    pub method: String,
    /// The caller's id for it.
    pub request_id: String,
}

/// A request that was answered before.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Its key.
    pub key: Key,
    /// Hash of its body.
    pub body_hash: Vec<u8>,
    /// Its answer.
    pub response: Vec<u8>,
}

/// Stores one answer in a transaction of the caller's; false when the key is taken.
///
/// # Errors
/// Of the database.
pub async fn store(connection: &mut PgConnection, answered: &Answered) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into chassis.requests (principal, method, request_id, body_hash, response)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        answered.key.principal,
        answered.key.method,
        answered.key.request_id,
        answered.body_hash,
        answered.response
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Which of these requests (principal, request id) have no stored answer, by their place.
///
/// # Errors
/// Of the database.
pub async fn unanswered(
    connection: &mut PgConnection,
    principals: &[String],
    request_ids: &[String],
) -> sqlx::Result<Vec<usize>> {
    let places = sqlx::query_scalar!(
        r#"select asked.place as "place!"
           from unnest($1::text[], $2::text[]) with ordinality asked(principal, request_id, place)
           where not exists (select 1 from chassis.requests r
                             where r.principal = asked.principal and r.request_id = asked.request_id)"#,
        principals,
        request_ids
    )
    .fetch_all(connection)
    .await?;
    Ok(places
        .into_iter()
        .filter_map(|place| usize::try_from(place - 1).ok())
        .collect())
}

/// Forgets answers older than `before`, at most `most` of them; returns how many.
///
/// # Errors
/// Of the database.
pub async fn forget(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from chassis.requests where ctid = any(array(
             select ctid from chassis.requests where at < $1 limit $2))",
        before,
        most
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
