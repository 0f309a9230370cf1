//! The save of a batch: one statement for everything the chassis keeps, each row compared before it is set.

use std::collections::HashSet;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::requests::Answered;

/// A subject's row as it shall be.
#[derive(Clone, Debug)]
pub struct SubjectRow {
    /// The subject.
    pub subject: Uuid,
    /// What the row must still say; `None` for a new row.
    pub expected: Option<Expected>,
    /// Its space.
    pub space: String,
    /// Format of `state`.
    pub state_format: i32,
    /// Version.
    pub version: i64,
    /// Id of the last decision.
    pub last_id: Uuid,
    /// Chain of decisions.
    pub chain: Vec<u8>,
    /// Encoded heads.
    pub seen: Vec<u8>,
    /// Stored state.
    pub state: Vec<u8>,
    /// A step has still to be asked.
    pub step_pending: bool,
    /// Records wait for a gap to fill.
    pub waiting: bool,
    /// Why it is blocked.
    pub blocked: Option<String>,
}

/// What was read of a row: whoever else changes it changes one of these.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Version.
    pub version: i64,
    /// Encoded heads.
    pub seen: Vec<u8>,
    /// A step had still to be asked.
    pub step_pending: bool,
    /// Records waited for a gap to fill.
    pub waiting: bool,
    /// Why it was blocked.
    pub blocked: Option<String>,
}

/// An event to keep, and the topic to publish it on if it is an own, new one.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// The event.
    pub envelope: crate::envelope::Envelope,
    /// Where to publish it.
    pub publish: Option<String>,
}

/// Everything one batch writes to the tables of the chassis.
#[derive(Clone, Debug, Default)]
pub struct Save {
    /// New answers.
    pub requests: Vec<Answered>,
    /// Subjects.
    pub subjects: Vec<SubjectRow>,
    /// Events, in order.
    pub events: Vec<EventRow>,
    /// Subjects with their space and next due instant; `None` deletes the row.
    pub deadlines: Vec<(Uuid, String, Option<DateTime<Utc>>)>,
    /// How far each partition is read.
    pub positions: Vec<PositionRow>,
}

/// A partition's position as it shall be.
#[derive(Clone, Debug)]
pub struct PositionRow {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Where the partition stood before the first of these records.
    pub from: i64,
    /// Offset of the next record.
    pub next_offset: i64,
    /// Id of the record before it.
    pub last_id: Option<Uuid>,
}

/// Why a save was not done.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Of the database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A compare-and-set missed.
    #[error("a row was changed by another replica")]
    Missed,
    /// The stored positions do not reach to where these records begin: the database has lost what came before.
    #[error("the database does not know the records before these")]
    Behind,
    /// An event stands where one was to be kept, though its subject's row does not know it.
    #[error("an event stands at that place already")]
    Taken,
    /// The service's own code broke down.
    #[error("the code broke down")]
    BrokeDown,
}

/// SQLSTATE by which the statement fails when a row to change was not as expected: division by zero.
const CHANGED: &str = "22012";
/// SQLSTATE of a row to insert that stands already: a unique violation. A conflict clause would cost every right row a look
/// and a record of the write-ahead log more.
const STANDS: &str = "23505";
/// SQLSTATE by which the statement fails when a stored position lies before the records: the root of a negative number.
const BEHIND: &str = "2201F";

/// Saves a batch. The statement fails as a whole when a row is not as expected, so that it can be a transaction of its own.
///
/// # Errors
/// `Missed` when a row was not the expected one, `Taken` when only an event was; `Behind` when records before these are not
/// known; errors of the database.
pub async fn save(connection: &mut PgConnection, save: &Save) -> Result<(), SaveError> {
    let (new, old): (Vec<&SubjectRow>, Vec<&SubjectRow>) =
        save.subjects.iter().partition(|row| row.expected.is_none());
    let requests = &save.requests;
    let events: Vec<&crate::envelope::Envelope> =
        save.events.iter().map(|row| &row.envelope).collect();
    let published: Vec<(&String, &crate::envelope::Envelope)> = save
        .events
        .iter()
        .filter_map(|row| Some((row.publish.as_ref()?, &row.envelope)))
        .collect();
    // A new subject has no deadline yet.
    let created: HashSet<Uuid> = new.iter().map(|row| row.subject).collect();
    let (begun, set): (Vec<_>, Vec<_>) = save
        .deadlines
        .iter()
        .filter_map(|(subject, space, due)| Some((*subject, space.clone(), (*due)?)))
        .partition(|(subject, ..)| created.contains(subject));
    let unset: Vec<Uuid> = save
        .deadlines
        .iter()
        .filter(|(_, _, due)| due.is_none())
        .map(|(subject, ..)| *subject)
        .collect();
    let expected = column(&old, |row| {
        row.expected.as_ref().expect("an old row was read")
    });
    // What the last select counts is done first: a subject that another replica changed is told before its events are.
    let outcome = sqlx::query!(
        r#"
        with ins_requests as (
            insert into chassis.requests (principal, method, request_id, body_hash, response)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
        ), ins_subjects as (
            insert into chassis.subjects (subject, space, state_format, version, last_id, chain, seen, state, step_pending, waiting, blocked)
            select * from unnest($6::uuid[], $7::text[], $8::int[], $9::bigint[], $10::uuid[], $11::bytea[], $12::bytea[], $13::bytea[],
                                 $14::bool[], $15::bool[], $16::text[])
            returning 1
        ), upd_subjects as (
            update chassis.subjects s
            set state_format = u.state_format, version = u.version, last_id = u.last_id, chain = u.chain, seen = u.seen, state = u.state,
                step_pending = u.step_pending, waiting = u.waiting, blocked = u.blocked, space = u.space
            from unnest($17::uuid[], $18::bigint[], $19::bytea[], $20::text[], $21::int[], $22::bigint[], $23::uuid[], $24::bytea[],
                        $25::bytea[], $26::bytea[], $27::bool[], $28::bool[], $29::text[], $52::bool[], $53::bool[], $54::text[])
                 as u(subject, expected_version, expected_seen, space, state_format, version, last_id, chain, seen, state, step_pending, waiting, blocked,
                      expected_step_pending, expected_waiting, expected_blocked)
            where s.subject = u.subject and s.version = u.expected_version and s.seen = u.expected_seen
              and s.step_pending = u.expected_step_pending and s.waiting = u.expected_waiting
              and s.blocked is not distinct from u.expected_blocked
            returning 1
        ), ins_events as (
            insert into chassis.events (subject, stream, sequence, id, source, type, time, traceparent, chain, value)
            select * from unnest($30::uuid[], $31::text[], $32::bigint[], $33::uuid[], $34::text[], $35::text[], $36::timestamptz[],
                                 $37::text[], $38::bytea[], $39::bytea[])
        ), ins_outbox as (
            insert into chassis.outbox (topic, subject, stream, sequence)
            select topic, subject, stream, sequence
            from unnest($40::text[], $41::uuid[], $42::text[], $43::bigint[]) with ordinality as o(topic, subject, stream, sequence, place)
            order by place
        ), ins_deadlines as (
            insert into chassis.deadlines (subject, space, due) select * from unnest($57::uuid[], $58::text[], $59::timestamptz[])
        ), set_deadlines as (
            insert into chassis.deadlines (subject, space, due)
            select * from unnest($44::uuid[], $45::text[], $46::timestamptz[])
            on conflict (subject) do update set space = excluded.space, due = excluded.due, attempts = 0, not_before = '-infinity'
        ), del_deadlines as (
            delete from chassis.deadlines where subject = any($47::uuid[])
        ), set_positions as (
            insert into chassis.positions (topic, partition, next_offset, last_id)
            select * from unnest($48::text[], $49::int[], $50::bigint[], $51::uuid[])
            on conflict (topic, partition) do update set next_offset = excluded.next_offset, last_id = excluded.last_id
            where positions.next_offset < excluded.next_offset
        )
        select sqrt(-found.behind) as "follows!",
               case when found.updated <> $55 or found.created <> $56 then 1 / (found.updated - found.updated) else 0 end as "saved!"
        from (
            select (select count(*) from upd_subjects) as updated, (select count(*) from ins_subjects) as created,
                   (select count(*) from chassis.positions p join unnest($48::text[], $49::int[], $60::bigint[]) as b(topic, partition, first)
                    on p.topic = b.topic and p.partition = b.partition where p.next_offset < b.first) as behind
        ) found
        "#,
        &column(requests, |r| r.key.principal.clone()),
        &column(requests, |r| r.key.method.clone()),
        &column(requests, |r| r.key.request_id.clone()),
        &column(requests, |r| r.body_hash.clone()),
        &column(requests, |r| r.response.clone()),
        &column(&new, |r| r.subject),
        &column(&new, |r| r.space.clone()),
        &column(&new, |r| r.state_format),
        &column(&new, |r| r.version),
        &column(&new, |r| r.last_id),
        &column(&new, |r| r.chain.clone()),
        &column(&new, |r| r.seen.clone()),
        &column(&new, |r| r.state.clone()),
        &column(&new, |r| r.step_pending),
        &column(&new, |r| r.waiting),
        &column(&new, |r| r.blocked.clone()) as &[Option<String>],
        &column(&old, |r| r.subject),
        &column(&expected, |e| e.version),
        &column(&expected, |e| e.seen.clone()),
        &column(&old, |r| r.space.clone()),
        &column(&old, |r| r.state_format),
        &column(&old, |r| r.version),
        &column(&old, |r| r.last_id),
        &column(&old, |r| r.chain.clone()),
        &column(&old, |r| r.seen.clone()),
        &column(&old, |r| r.state.clone()),
        &column(&old, |r| r.step_pending),
        &column(&old, |r| r.waiting),
        &column(&old, |r| r.blocked.clone()) as &[Option<String>],
        &column(&events, |e| e.subject),
        &column(&events, |e| e.stream().to_owned()),
        &column(&events, |e| sequence(e)),
        &column(&events, |e| e.id),
        &column(&events, |e| e.source.clone()),
        &column(&events, |e| e.event_type.clone()),
        &column(&events, |e| e.time),
        &column(&events, |e| e.traceparent.clone()) as &[Option<String>],
        &column(&events, |e| e.chain.to_vec()),
        &column(&events, |e| value(&e.value)),
        &column(&published, |(topic, _)| (*topic).clone()),
        &column(&published, |(_, e)| e.subject),
        &column(&published, |(_, e)| e.stream().to_owned()),
        &column(&published, |(_, e)| sequence(e)),
        &column(&set, |(subject, ..)| *subject),
        &column(&set, |(_, space, _)| space.clone()),
        &column(&set, |(.., due)| *due),
        &unset,
        &column(&save.positions, |p| p.topic.clone()),
        &column(&save.positions, |p| p.partition),
        &column(&save.positions, |p| p.next_offset),
        &column(&save.positions, |p| p.last_id) as &[Option<Uuid>],
        &column(&expected, |e| e.step_pending),
        &column(&expected, |e| e.waiting),
        &column(&expected, |e| e.blocked.clone()) as &[Option<String>],
        i64::try_from(old.len()).expect("batches are small"),
        i64::try_from(new.len()).expect("batches are small"),
        &column(&begun, |(subject, ..)| *subject),
        &column(&begun, |(_, space, _)| space.clone()),
        &column(&begun, |(.., due)| *due),
        &column(&save.positions, |p| p.from),
    )
    .fetch_one(connection)
    .await;
    outcome.map(|_| ()).map_err(SaveError::of_save)
}

impl SaveError {
    /// What the statement's failure says.
    fn of_save(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return error.into();
        };
        match (database.code().as_deref(), database.table()) {
            (Some(BEHIND), _) => Self::Behind,
            (Some(CHANGED), _) => Self::Missed,
            (Some(STANDS), Some("subjects" | "requests")) => Self::Missed,
            (Some(STANDS), Some("events")) => Self::Taken,
            _ => error.into(),
        }
    }
}

/// One column of rows.
pub(super) fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

fn sequence(envelope: &crate::envelope::Envelope) -> i64 {
    i64::try_from(envelope.sequence).expect("admission and the writer keep sequences within bigint")
}

fn value(bytes: &Bytes) -> Vec<u8> {
    bytes.to_vec()
}
