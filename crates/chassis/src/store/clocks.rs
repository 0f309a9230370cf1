//! Stepped time: one row per space.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Clock rows of spaces.
///
/// # Errors
/// Of the database.
pub async fn of_spaces(
    connection: &mut PgConnection,
    spaces: &[String],
) -> sqlx::Result<Vec<(String, DateTime<Utc>)>> {
    let rows = sqlx::query!(
        "select space, now from chassis.clocks where space = any($1)",
        spaces
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.space, row.now)).collect())
}

/// Sets a space's clock; it never runs backwards. Returns what it shows then.
///
/// # Errors
/// Of the database.
pub async fn set(
    connection: &mut PgConnection,
    space: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar!(
        "insert into chassis.clocks (space, now) values ($1, $2)
         on conflict (space) do update set now = greatest(clocks.now, excluded.now) returning now",
        space,
        now
    )
    .fetch_one(connection)
    .await
}
