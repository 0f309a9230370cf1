//! Kept events: own ones always, all of them where a service archives.

use bytes::Bytes;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::envelope::{Envelope, Kind};

/// Events of a subject in the order they were kept, decisions and notices together, by (time, stream, sequence).
///
/// # Errors
/// Of the database, or when a row cannot be read.
pub async fn of_subject(
    connection: &mut PgConnection,
    subject: Uuid,
    skip: i64,
    most: i64,
) -> sqlx::Result<Vec<Envelope>> {
    let rows = sqlx::query!(
        "select stream, sequence, id, source, type as event_type, time, traceparent, chain, value
         from chassis.events where subject = $1 order by time, stream, sequence offset $2 limit $3",
        subject,
        skip,
        most
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let spoilt = || sqlx::Error::Decode(format!("event {} cannot be read", row.id).into());
            Ok(Envelope {
                id: row.id,
                kind: if row.stream.is_empty() {
                    Kind::Decision
                } else {
                    Kind::Notice
                },
                event_type: row.event_type,
                source: row.source,
                time: row.time,
                subject,
                sequence: u64::try_from(row.sequence).map_err(|_| spoilt())?,
                traceparent: row.traceparent,
                chain: row.chain.as_slice().try_into().map_err(|_| spoilt())?,
                value: Bytes::from(row.value),
            })
        })
        .collect()
}

/// Appends one event and puts it into the outbox, in a transaction of the caller's.
///
/// # Errors
/// Of the database; a taken place is a unique violation.
pub async fn append(
    connection: &mut PgConnection,
    topic: &str,
    envelope: &Envelope,
) -> sqlx::Result<()> {
    let sequence = i64::try_from(envelope.sequence).expect("sequences fit");
    sqlx::query!(
        "with kept as (
             insert into chassis.events (subject, stream, sequence, id, source, type, time, traceparent, chain, value)
             values ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11))
         insert into chassis.outbox (topic, subject, stream, sequence) values ($1, $2, $3, $4)",
        topic,
        envelope.subject,
        envelope.stream(),
        sequence,
        envelope.id,
        envelope.source,
        envelope.event_type,
        envelope.time,
        envelope.traceparent,
        envelope.chain.as_slice(),
        envelope.value.as_ref()
    )
    .execute(connection)
    .await?;
    Ok(())
}
