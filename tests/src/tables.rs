//! What a service's database holds.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use case::Case;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// A case as a service stores it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Version of the last decision taken in; 0 before the first.
    pub version: i64,
    /// The folded case; `None` before version 1.
    pub case: Option<Case>,
    /// Why it is blocked.
    pub blocked: Option<String>,
}

/// All cases of a service's database.
///
/// # Errors
/// When the database does not answer or a state cannot be read.
pub async fn cases(url: &str) -> Result<BTreeMap<Uuid, Stored>> {
    let mut connection = PgConnection::connect(url).await?;
    let rows: Vec<(Uuid, i64, Vec<u8>, Option<String>)> =
        sqlx::query_as("select subject, version, state, blocked from chassis.subjects")
            .fetch_all(&mut connection)
            .await?;
    connection.close().await?;
    let stored = |(id, version, state, blocked): (Uuid, i64, Vec<u8>, Option<String>)| {
        let case = (version > 0)
            .then(|| proto::store::decode_case(&state))
            .transpose();
        let case = case.with_context(|| format!("the stored case {id}"))?;
        Ok((
            id,
            Stored {
                version,
                case,
                blocked,
            },
        ))
    };
    rows.into_iter().map(stored).collect()
}

/// Reasons of the parked records, sorted.
///
/// # Errors
/// When the database does not answer.
pub async fn parked(url: &str) -> Result<Vec<String>> {
    let mut connection = PgConnection::connect(url).await?;
    let reasons = sqlx::query_scalar("select reason from chassis.parked order by reason")
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    Ok(reasons)
}

/// One number.
///
/// # Errors
/// When the database does not answer or the statement gives no number.
pub async fn number(url: &str, statement: &str) -> Result<i64> {
    let mut connection = PgConnection::connect(url).await?;
    let number = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()))
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(number)
}
