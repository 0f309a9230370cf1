//! Counts for metrics and for the operations service: cheap enough to be asked every few seconds of a database with a million cases.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What is left to do in the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// Rows to publish.
    pub(crate) outbox: i64,
    /// Age of the oldest of them, whole seconds; 0 when there is none.
    pub(crate) outbox_age_s: i64,
    /// Parked records.
    pub(crate) parked: i64,
    /// Blocked subjects.
    pub(crate) blocked: i64,
    /// Steps to ask, blocked subjects left out.
    pub(crate) steps: i64,
    /// Deadlines that have passed, blocked subjects left out.
    pub(crate) due: i64,
    /// Of these, those that passed more than a minute ago, by the clock they are due by.
    pub(crate) late: i64,
    /// Partitions to read before acting.
    pub(crate) recoveries: i64,
}

/// Counts what is left to do.
///
/// # Errors
/// Of the database.
pub(crate) async fn left(connection: &mut PgConnection, stepped: bool) -> sqlx::Result<Left> {
    let counts = sqlx::query!(
        r#"select (select count(*) from chassis.outbox) as "outbox!",
                  (select extract(epoch from clock_timestamp() - o.at)::bigint from chassis.outbox o order by o.id limit 1) as outbox_age_s,
                  (select count(*) from chassis.parked) as "parked!",
                  (select count(*) from chassis.subjects where blocked is not null) as "blocked!",
                  (select count(*) from chassis.subjects where step_pending and blocked is null) as "steps!",
                  (select count(*) from chassis.recoveries) as "recoveries!""#
    )
    .fetch_one(&mut *connection)
    .await?;
    let (due, late) = if stepped {
        due_by_clocks(connection).await?
    } else {
        due_by(connection, crate::clock::wall()).await?
    };
    Ok(Left {
        outbox: counts.outbox,
        outbox_age_s: counts.outbox_age_s.unwrap_or(0).max(0),
        parked: counts.parked,
        blocked: counts.blocked,
        steps: counts.steps,
        due,
        late,
        recoveries: counts.recoveries,
    })
}

async fn due_by(connection: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select count(*) as "due!", count(*) filter (where d.due <= $1::timestamptz - interval '1 minute') as "late!"
           from chassis.deadlines d
           where d.due <= $1 and not exists (select 1 from chassis.subjects s where s.subject = d.subject and s.blocked is not null)"#,
        now
    )
    .fetch_one(connection)
    .await?;
    Ok((row.due, row.late))
}

async fn due_by_clocks(connection: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select count(*) as "due!", count(*) filter (where d.due <= c.now - interval '1 minute') as "late!"
           from chassis.clocks c join chassis.deadlines d on d.space = c.space and d.due <= c.now
           where not exists (select 1 from chassis.subjects s where s.subject = d.subject and s.blocked is not null)"#
    )
    .fetch_one(connection)
    .await?;
    Ok((row.due, row.late))
}
