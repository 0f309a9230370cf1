//! Recovery: partitions to be read to an end before anything is done.

use sqlx::PgConnection;

/// Demands that a partition be read to `end_offset` before the service acts.
///
/// # Errors
/// Of the database.
pub async fn demand(
    connection: &mut PgConnection,
    topic: &str,
    partition: i32,
    end_offset: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into chassis.recoveries (topic, partition, end_offset) values ($1, $2, $3)
         on conflict (topic, partition) do update set end_offset = greatest(recoveries.end_offset, excluded.end_offset)",
        topic,
        partition,
        end_offset
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends what has been reached; returns how many partitions are left.
///
/// # Errors
/// Of the database.
pub async fn settle(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query!(
        "delete from chassis.recoveries r using chassis.positions p
         where p.topic = r.topic and p.partition = r.partition and p.next_offset >= r.end_offset"
    )
    .execute(&mut *connection)
    .await?;
    left(connection).await
}

/// How many partitions are left to read.
///
/// # Errors
/// Of the database.
pub async fn left(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "left!" from chassis.recoveries"#)
        .fetch_one(connection)
        .await
}
