//! Kept events: own ones always, all of them where a service archives.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::envelope::{Envelope, Kind};

/// A row.
struct Kept {
    subject: Uuid,
    stream: String,
    sequence: i64,
    id: Uuid,
    source: String,
    event_type: String,
    time: DateTime<Utc>,
    traceparent: Option<String>,
    chain: Vec<u8>,
    value: Vec<u8>,
}

impl Kept {
    fn read(self) -> sqlx::Result<Envelope> {
        let id = self.id;
        let spoilt = || sqlx::Error::Decode(format!("event {id} cannot be read").into());
        Ok(Envelope {
            id,
            kind: if self.stream.is_empty() {
                Kind::Decision
            } else {
                Kind::Notice
            },
            event_type: self.event_type,
            source: self.source,
            time: self.time,
            subject: self.subject,
            sequence: u64::try_from(self.sequence).map_err(|_| spoilt())?,
            traceparent: self.traceparent,
            chain: self.chain.as_slice().try_into().map_err(|_| spoilt())?,
            value: Bytes::from(self.value),
        })
    }
}

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
    let rows = sqlx::query_as!(
        Kept,
        "select subject, stream, sequence, id, source, type as event_type, time, traceparent, chain, value
         from chassis.events where subject = $1 order by time, stream, sequence offset $2 limit $3",
        subject,
        skip,
        most
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Kept::read).collect()
}

/// Events that this source appended and the database keeps, after a place, by (subject, stream, sequence).
///
/// # Errors
/// Of the database, or when a row cannot be read.
pub async fn of_source(
    connection: &mut PgConnection,
    source: &str,
    after: (Uuid, &str, i64),
    most: i64,
) -> sqlx::Result<Vec<Envelope>> {
    let rows = sqlx::query_as!(
        Kept,
        "select subject, stream, sequence, id, source, type as event_type, time, traceparent, chain, value
         from chassis.events where source = $1 and (subject, stream, sequence) > ($2, $3, $4)
         order by subject, stream, sequence limit $5",
        source,
        after.0,
        after.1,
        after.2,
        most
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Kept::read).collect()
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
