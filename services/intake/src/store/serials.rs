//! The sequence behind the serials of case numbers.

use sqlx::PgConnection;

/// Serials in a block: the increment of the sequence.
pub(crate) const BLOCK: i64 = 512;

/// The first serial of a block that nobody else gets.
///
/// # Errors
/// Of the database.
pub(crate) async fn next_block(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select nextval('intake.case_serials') as "first!""#)
        .fetch_one(connection)
        .await
}

/// Makes every later block begin above `serial`. The sequence is stepped, never set, so that a block taken meanwhile
/// cannot be taken again; no rollback takes it back either.
///
/// # Errors
/// Of the database.
pub(crate) async fn advance_beyond(connection: &mut PgConnection, serial: i64) -> sqlx::Result<()> {
    sqlx::query!(
        r#"select count(nextval('intake.case_serials')) as "taken!" from generate_series(1::bigint, (
               select case when next <= $1 then ($1 - next) / $2 + 1 else 0 end
               from (select last_value + case when is_called then $2 else 0::bigint end as next from intake.case_serials) as sequence))"#,
        serial,
        BLOCK
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}
