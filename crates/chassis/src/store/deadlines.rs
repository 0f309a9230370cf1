//! Next due instants of subjects: what wakes the writer.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Subjects that are due by real time, earliest first.
///
/// # Errors
/// Of the database.
pub async fn due_by(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select d.subject from chassis.deadlines d
         where d.due <= $1 and d.not_before <= $1 and not exists (select 1 from chassis.recoveries)
           and not exists (select 1 from chassis.subjects s where s.subject = d.subject and s.blocked is not null)
         order by d.due, d.subject limit $2",
        now,
        most
    )
    .fetch_all(connection)
    .await
}

/// Subjects that are due by their space's stepped time, earliest first; back-off stays on real time.
///
/// # Errors
/// Of the database.
pub async fn due_by_clocks(
    connection: &mut PgConnection,
    real: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select d.subject from chassis.clocks c
         join chassis.deadlines d on d.space = c.space and d.due <= c.now
         where d.not_before <= $1 and not exists (select 1 from chassis.recoveries)
           and not exists (select 1 from chassis.subjects s where s.subject = d.subject and s.blocked is not null)
         order by d.due, d.subject limit $2",
        real,
        most
    )
    .fetch_all(connection)
    .await
}

/// Puts off rows that are due still after their subjects were woken; returns those subjects.
///
/// # Errors
/// Of the database.
pub async fn back_off(
    connection: &mut PgConnection,
    woken: &[Uuid],
    real: DateTime<Utc>,
    stepped: bool,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "update chassis.deadlines d set attempts = d.attempts + 1,
                not_before = $2 + make_interval(secs => least(300, power(2, least(d.attempts, 8))))
         from unnest($1::uuid[]) as woken(subject)
         where d.subject = woken.subject
           and d.due <= case when $3 then coalesce((select now from chassis.clocks c where c.space = d.space), '-infinity') else $2 end
         returning d.subject",
        woken,
        real,
        stepped
    )
    .fetch_all(connection)
    .await
}

/// The earliest due instant of a space, blocked subjects left out.
///
/// # Errors
/// Of the database.
pub async fn next_due(
    connection: &mut PgConnection,
    space: &str,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "select d.due from chassis.deadlines d
         where d.space = $1 and not exists (select 1 from chassis.subjects s where s.subject = d.subject and s.blocked is not null)
         order by d.due limit 1",
        space
    )
    .fetch_optional(connection)
    .await
}
