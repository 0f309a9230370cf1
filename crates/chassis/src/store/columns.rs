//! The statement that saves a batch, and a batch as its columns.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::batch::{EventRow, Save, SubjectRow};

/// Saves a batch, and rows of the service's own in the same statement: neither another round trip nor a transaction around
/// them. `[", a as (insert ...)", ...]` are more common table expressions, whose parameters begin at `$61`, in the order of
/// the arguments that follow. What they do comes after the comparison of the subjects' rows.
///
/// Gives what [`save`](crate::store::batch::save) gives.
#[macro_export]
macro_rules! save_batch {
    ($connection:expr, $save:expr, [$($part:literal),*] $(, $argument:expr)* $(,)?) => {{
        let columns = $crate::store::columns::Columns::of($save);
        // What the last select counts is done first: a subject that another replica changed is told before its events are.
        let outcome = ::sqlx::query!(
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
                returning id
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
            )"#
            $(+ $part)* +
            r#"
            select sqrt(-found.behind) as "follows!",
                   case when found.updated <> $55 or found.created <> $56 then 1 / (found.updated - found.updated) else 0 end as "saved!",
                   (select min(id) from ins_outbox) as "first?", (select max(id) from ins_outbox) as "last?"
            from (
                select (select count(*) from upd_subjects) as updated, (select count(*) from ins_subjects) as created,
                       (select count(*) from chassis.positions p join unnest($48::text[], $49::int[], $60::bigint[]) as b(topic, partition, first)
                        on p.topic = b.topic and p.partition = b.partition where p.next_offset < b.first) as behind
            ) found
            "#,
            &columns.principals as &[&str],
            &columns.methods as &[&str],
            &columns.request_ids as &[&str],
            &columns.body_hashes as &[&[u8]],
            &columns.responses as &[&[u8]],
            &columns.new.subjects,
            &columns.new.spaces as &[&str],
            &columns.new.state_formats,
            &columns.new.versions,
            &columns.new.last_ids,
            &columns.new.chains as &[&[u8]],
            &columns.new.seen as &[&[u8]],
            &columns.new.states as &[&[u8]],
            &columns.new.step_pending,
            &columns.new.waiting,
            &columns.new.blocked as &[Option<&str>],
            &columns.old.subjects,
            &columns.expected_versions,
            &columns.expected_seen as &[&[u8]],
            &columns.old.spaces as &[&str],
            &columns.old.state_formats,
            &columns.old.versions,
            &columns.old.last_ids,
            &columns.old.chains as &[&[u8]],
            &columns.old.seen as &[&[u8]],
            &columns.old.states as &[&[u8]],
            &columns.old.step_pending,
            &columns.old.waiting,
            &columns.old.blocked as &[Option<&str>],
            &columns.event_subjects,
            &columns.streams as &[&str],
            &columns.sequences,
            &columns.event_ids,
            &columns.sources as &[&str],
            &columns.event_types as &[&str],
            &columns.times,
            &columns.traceparents as &[Option<&str>],
            &columns.event_chains as &[&[u8]],
            &columns.values as &[&[u8]],
            &columns.published_topics as &[&str],
            &columns.published_subjects,
            &columns.published_streams as &[&str],
            &columns.published_sequences,
            &columns.set.subjects,
            &columns.set.spaces as &[&str],
            &columns.set.due,
            &columns.unset,
            &columns.topics as &[&str],
            &columns.partitions,
            &columns.next_offsets,
            &columns.last_read as &[Option<::uuid::Uuid>],
            &columns.expected_step_pending,
            &columns.expected_waiting,
            &columns.expected_blocked as &[Option<&str>],
            columns.old.count(),
            columns.new.count(),
            &columns.begun.subjects,
            &columns.begun.spaces as &[&str],
            &columns.begun.due,
            &columns.firsts,
            $($argument,)*
        )
        .fetch_one(&mut *$connection)
        .await;
        outcome
            .map(|row| row.first.zip(row.last).map(|(first, last)| first..=last))
            .map_err($crate::store::batch::SaveError::of_save)
    }};
}

/// A batch as the columns of its statement.
#[doc(hidden)]
#[derive(Default)]
pub struct Columns<'a> {
    pub principals: Vec<&'a str>,
    pub methods: Vec<&'a str>,
    pub request_ids: Vec<&'a str>,
    pub body_hashes: Vec<&'a [u8]>,
    pub responses: Vec<&'a [u8]>,
    pub new: Subjects<'a>,
    pub old: Subjects<'a>,
    pub expected_versions: Vec<i64>,
    pub expected_seen: Vec<&'a [u8]>,
    pub expected_step_pending: Vec<bool>,
    pub expected_waiting: Vec<bool>,
    pub expected_blocked: Vec<Option<&'a str>>,
    pub event_subjects: Vec<Uuid>,
    pub streams: Vec<&'a str>,
    pub sequences: Vec<i64>,
    pub event_ids: Vec<Uuid>,
    pub sources: Vec<&'a str>,
    pub event_types: Vec<&'a str>,
    pub times: Vec<DateTime<Utc>>,
    pub traceparents: Vec<Option<&'a str>>,
    pub event_chains: Vec<&'a [u8]>,
    pub values: Vec<&'a [u8]>,
    pub published_topics: Vec<&'a str>,
    pub published_subjects: Vec<Uuid>,
    pub published_streams: Vec<&'a str>,
    pub published_sequences: Vec<i64>,
    pub set: Deadlines<'a>,
    pub begun: Deadlines<'a>,
    pub unset: Vec<Uuid>,
    pub topics: Vec<&'a str>,
    pub partitions: Vec<i32>,
    pub firsts: Vec<i64>,
    pub next_offsets: Vec<i64>,
    pub last_read: Vec<Option<Uuid>>,
}

impl<'a> Columns<'a> {
    /// The columns, in the order of the rows.
    pub fn of(save: &'a Save) -> Self {
        let mut columns = Self::default();
        for answered in &save.requests {
            let key = &answered.key;
            columns.principals.push(&key.principal);
            columns.methods.push(&key.method);
            columns.request_ids.push(&key.request_id);
            columns.body_hashes.push(&answered.body_hash);
            columns.responses.push(&answered.response);
        }
        for row in &save.subjects {
            columns.subject(row);
        }
        for row in &save.events {
            columns.event(row);
        }
        // A new subject has no deadline yet.
        let created: HashSet<Uuid> = columns.new.subjects.iter().copied().collect();
        for (subject, space, due) in &save.deadlines {
            match due {
                Some(due) if created.contains(subject) => columns.begun.push(*subject, space, *due),
                Some(due) => columns.set.push(*subject, space, *due),
                None => columns.unset.push(*subject),
            }
        }
        for row in &save.positions {
            columns.topics.push(&row.topic);
            columns.partitions.push(row.partition);
            columns.firsts.push(row.from);
            columns.next_offsets.push(row.next_offset);
            columns.last_read.push(row.last_id);
        }
        columns
    }

    fn subject(&mut self, row: &'a SubjectRow) {
        match &row.expected {
            None => self.new.push(row),
            Some(expected) => {
                self.old.push(row);
                self.expected_versions.push(expected.version);
                self.expected_seen.push(&expected.seen);
                self.expected_step_pending.push(expected.step_pending);
                self.expected_waiting.push(expected.waiting);
                self.expected_blocked.push(expected.blocked.as_deref());
            }
        }
    }

    fn event(&mut self, row: &'a EventRow) {
        let envelope = &row.envelope;
        let sequence = i64::try_from(envelope.sequence)
            .expect("admission and the writer keep sequences within bigint");
        self.event_subjects.push(envelope.subject);
        self.streams.push(envelope.stream());
        self.sequences.push(sequence);
        self.event_ids.push(envelope.id);
        self.sources.push(&envelope.source);
        self.event_types.push(&envelope.event_type);
        self.times.push(envelope.time);
        self.traceparents.push(envelope.traceparent.as_deref());
        self.event_chains.push(&envelope.chain);
        self.values.push(&envelope.value);
        if let Some(topic) = &row.publish {
            self.published_topics.push(topic);
            self.published_subjects.push(envelope.subject);
            self.published_streams.push(envelope.stream());
            self.published_sequences.push(sequence);
        }
    }
}

/// Rows of subjects as columns.
#[doc(hidden)]
#[derive(Default)]
pub struct Subjects<'a> {
    pub subjects: Vec<Uuid>,
    pub spaces: Vec<&'a str>,
    pub state_formats: Vec<i32>,
    pub versions: Vec<i64>,
    pub last_ids: Vec<Uuid>,
    pub chains: Vec<&'a [u8]>,
    pub seen: Vec<&'a [u8]>,
    pub states: Vec<&'a [u8]>,
    pub step_pending: Vec<bool>,
    pub waiting: Vec<bool>,
    pub blocked: Vec<Option<&'a str>>,
}

impl<'a> Subjects<'a> {
    fn push(&mut self, row: &'a SubjectRow) {
        self.subjects.push(row.subject);
        self.spaces.push(&row.space);
        self.state_formats.push(row.state_format);
        self.versions.push(row.version);
        self.last_ids.push(row.last_id);
        self.chains.push(&row.chain);
        self.seen.push(&row.seen);
        self.states.push(&row.state);
        self.step_pending.push(row.step_pending);
        self.waiting.push(row.waiting);
        self.blocked.push(row.blocked.as_deref());
    }

    /// How many.
    pub fn count(&self) -> i64 {
        i64::try_from(self.subjects.len()).expect("batches are small")
    }
}

/// Deadlines as columns.
#[doc(hidden)]
#[derive(Default)]
pub struct Deadlines<'a> {
    pub subjects: Vec<Uuid>,
    pub spaces: Vec<&'a str>,
    pub due: Vec<DateTime<Utc>>,
}

impl<'a> Deadlines<'a> {
    fn push(&mut self, subject: Uuid, space: &'a str, due: DateTime<Utc>) {
        self.subjects.push(subject);
        self.spaces.push(space);
        self.due.push(due);
    }
}

/// One column of rows.
pub(super) fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
