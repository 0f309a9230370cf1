//! Counts for the operations service.

use sqlx::PgConnection;

/// What is left to do in the store.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Rows to publish.
    pub outbox: i64,
    /// Parked records.
    pub parked: i64,
    /// Blocked subjects.
    pub blocked: i64,
    /// Steps to ask, blocked subjects left out.
    pub steps: i64,
    /// Deadlines that have passed, blocked subjects left out.
    pub due: i64,
    /// Partitions to read before acting.
    pub recoveries: i64,
}

/// Counts what is left to do.
///
/// # Errors
/// Of the database.
pub async fn counts(connection: &mut PgConnection, stepped: bool) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select (select count(*) from chassis.outbox) as "outbox!",
                  (select count(*) from chassis.parked) as "parked!",
                  (select count(*) from chassis.subjects where blocked is not null) as "blocked!",
                  (select count(*) from chassis.subjects where step_pending and blocked is null) as "steps!",
                  (select count(*) from chassis.deadlines d
                     where d.due <= case when $1 then coalesce((select now from chassis.clocks c where c.space = d.space), '-infinity') else now() end
                     and not exists (select 1 from chassis.subjects s where s.subject = d.subject and s.blocked is not null)) as "due!",
                  (select count(*) from chassis.recoveries) as "recoveries!""#,
        stepped
    )
    .fetch_one(connection)
    .await
}
