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

/// The demand that stands for those still to be made: no partition has this place, so reading does not end it.
const UNTOLD: (&str, i32) = ("", -1);

/// Demands that all partitions be demanded: an own word was unknown, and how far the others are is asked outside this transaction.
///
/// # Errors
/// Of the database.
pub async fn demand_all(connection: &mut PgConnection) -> sqlx::Result<()> {
    demand(connection, UNTOLD.0, UNTOLD.1, i64::MAX).await
}

/// Whether all partitions have still to be demanded.
///
/// # Errors
/// Of the database.
pub async fn is_untold(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select 1 from chassis.recoveries where topic = $1 and partition = $2) as "untold!""#,
        UNTOLD.0,
        UNTOLD.1
    )
    .fetch_one(connection)
    .await
}

/// Every partition is demanded.
///
/// # Errors
/// Of the database.
pub async fn told(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from chassis.recoveries where topic = $1 and partition = $2",
        UNTOLD.0,
        UNTOLD.1
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
