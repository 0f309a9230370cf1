//! The outbox: what has still to be published, in id order.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::engine::Topics;
use crate::envelope::{Envelope, Kind};
use crate::store::batch::{EventRow, Outboxed};

/// A row to publish.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Row id.
    pub id: i64,
    /// Where to.
    pub topic: String,
    /// What.
    pub envelope: Envelope,
}

/// Rows as a batch's statement has put them into the outbox; none when another session took an id among theirs, so that it is
/// not known which is whose.
pub fn pending(outboxed: Outboxed, events: Vec<EventRow>) -> Option<Vec<Pending>> {
    let ids = outboxed?;
    let published = events
        .into_iter()
        .filter_map(|event| Some((event.publish?, event.envelope)));
    let rows: Vec<Pending> = ids
        .clone()
        .zip(published)
        .map(|(id, (topic, envelope))| Pending {
            id,
            topic,
            envelope,
        })
        .collect();
    (ids.count() == rows.len()).then_some(rows)
}

/// The first rows after an id in id order; none while the service reads its own words again.
///
/// # Errors
/// Of the database.
pub async fn first(
    connection: &mut PgConnection,
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<Pending>> {
    // Each event is looked up by its key, whatever the planner thinks of two tables that change all the time.
    let rows = sqlx::query!(
        r#"select o.id as row_id, o.topic, e.subject, e.stream, e.sequence, e.id, e.source, e.type as event_type, e.time,
                  e.traceparent, e.chain, e.value
           from (
               select id, topic, subject, stream, sequence from chassis.outbox
               where id > $1 and not exists (select 1 from chassis.recoveries) order by id limit $2
           ) o cross join lateral (
               select * from chassis.events e
               where e.subject = o.subject and e.stream = o.stream and e.sequence = o.sequence offset 0
           ) e order by o.id"#,
        after,
        most
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let spoilt = || sqlx::Error::Decode(format!("event {} cannot be read", row.id).into());
            Ok(Pending {
                id: row.row_id,
                topic: row.topic,
                envelope: Envelope {
                    id: row.id,
                    kind: if row.stream.is_empty() {
                        Kind::Decision
                    } else {
                        Kind::Notice
                    },
                    event_type: row.event_type,
                    source: row.source,
                    time: row.time,
                    subject: row.subject,
                    sequence: u64::try_from(row.sequence).map_err(|_| spoilt())?,
                    traceparent: row.traceparent,
                    chain: row.chain.as_slice().try_into().map_err(|_| spoilt())?,
                    value: Bytes::from(row.value),
                },
            })
        })
        .collect()
}

/// Whether there are rows to publish; none while the service reads its own words again.
///
/// # Errors
/// Of the database.
pub async fn has_rows(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from chassis.outbox) and not exists (select 1 from chassis.recoveries) as "has!""#
    )
    .fetch_one(connection)
    .await
}

/// The last id that was taken, committed or not; none while the service reads its own words again.
///
/// # Errors
/// Of the database.
pub async fn last_id(connection: &mut PgConnection) -> sqlx::Result<Option<i64>> {
    let last = sqlx::query_scalar!(
        r#"select last_value - (not is_called)::int as "last!" from chassis.outbox_id_seq
           where not exists (select 1 from chassis.recoveries)"#
    );
    last.fetch_optional(connection).await
}

/// Transactions of other sessions that may have taken ids: they hold the table from before the first until their end.
///
/// # Errors
/// Of the database.
pub async fn inserting(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let holders = sqlx::query_scalar!(
        r#"select virtualtransaction as "virtualtransaction!" from pg_locks
           where locktype = 'relation' and relation = 'chassis.outbox'::regclass and mode = 'RowExclusiveLock' and granted
             and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()"#
    );
    holders.fetch_all(connection).await
}

/// Deletes exactly what was delivered.
///
/// # Errors
/// Of the database.
pub async fn delete(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!("delete from chassis.outbox where id = any($1)", ids)
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts own events back into the outbox, from an instant on or all; returns how many. An event goes where it went
/// before: what has no row among the subjects is an entity of the registry.
///
/// # Errors
/// Of the database.
pub async fn republish(
    connection: &mut PgConnection,
    source: &str,
    topics: &Topics,
    from: Option<DateTime<Utc>>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "insert into chassis.outbox (topic, subject, stream, sequence)
         select case when exists (select 1 from chassis.subjects s where s.subject = e.subject) then $2 else $3 end,
                subject, stream, sequence from chassis.events e
         where source = $1 and ($4::timestamptz is null or time >= $4) order by subject, stream, sequence",
        source,
        topics.subjects,
        topics.registry,
        from
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
