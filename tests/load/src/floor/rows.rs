//! The rows of filings: read from intake's database as the platform wrote them, written elsewhere under new ids.

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// So many filings are taken as samples.
const SAMPLES: i64 = 512;

type Request = (String, String, String, Vec<u8>, Vec<u8>);
type Subject = (
    Uuid,
    String,
    i32,
    i64,
    Uuid,
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    bool,
);
type Event = (
    Uuid,
    i64,
    Uuid,
    String,
    String,
    DateTime<Utc>,
    Vec<u8>,
    Vec<u8>,
);
type Complaint = (
    Uuid,
    String,
    String,
    String,
    Option<String>,
    DateTime<Utc>,
    Vec<u8>,
);
type Parties = (Uuid, i16, Vec<u8>, Option<Vec<u8>>, Vec<u8>);
type Text = (Uuid, Uuid, Vec<u8>, String);

/// Every row that intake writes for filings, table by table; the place in a list is the filing, but for texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    requests: Vec<Request>,
    subjects: Vec<Subject>,
    events: Vec<Event>,
    complaints: Vec<Complaint>,
    parties: Vec<Parties>,
    texts: Vec<Text>,
}

impl Rows {
    /// The rows of the last filings, which nobody has acted on.
    ///
    /// # Errors
    /// Of the database, and when a filing left other rows than these.
    pub(crate) async fn sample(intake: &mut PgConnection) -> Result<Self> {
        let subjects: Vec<Subject> = sqlx::query_as(
            "select subject, space, state_format, version, last_id, chain, seen, state, step_pending from chassis.subjects
             where version = 1 order by subject desc limit $1",
        )
        .bind(SAMPLES)
        .fetch_all(&mut *intake)
        .await?;
        let ids: Vec<Uuid> = subjects.iter().map(|row| row.0).collect();
        let requests = sqlx::query_as(
            "select principal, method, request_id, body_hash, response from chassis.requests
             where method like '%FileComplaint' order by at desc limit $1",
        )
        .bind(SAMPLES)
        .fetch_all(&mut *intake)
        .await?;
        let events = sqlx::query_as(
            "select subject, sequence, id, source, type, time, chain, value from chassis.events where subject = any($1)
             order by subject desc",
        )
        .bind(&ids)
        .fetch_all(&mut *intake)
        .await?;
        let complaints = sqlx::query_as(
            "select subject, space, case_number, party_ref, consumer_region, filed_at, progress_hash
             from intake.complaints where subject = any($1) order by subject desc",
        )
        .bind(&ids)
        .fetch_all(&mut *intake)
        .await?;
        let parties = sqlx::query_as(
            "select subject, key_version, complainant, representatives, respondent from intake.parties
             where subject = any($1) order by subject desc",
        )
        .bind(&ids)
        .fetch_all(&mut *intake)
        .await?;
        let texts = sqlx::query_as(
            "select id, subject, salt, body from docket.texts where subject = any($1)",
        )
        .bind(&ids)
        .fetch_all(&mut *intake)
        .await?;
        let rows = Self {
            requests,
            subjects,
            events,
            complaints,
            parties,
            texts,
        };
        let clocks: i64 =
            sqlx::query_scalar("select count(*) from chassis.deadlines where subject = any($1)")
                .bind(&ids)
                .fetch_one(intake)
                .await?;
        let filings = rows.subjects.len();
        let each = [
            rows.requests.len(),
            rows.events.len(),
            rows.complaints.len(),
            rows.parties.len(),
        ];
        ensure!(
            filings > 0 && each == [filings; 4] && clocks == 0,
            "{filings} filings left {each:?} rows and {clocks} clocks: the floor would not be theirs"
        );
        Ok(rows)
    }

    /// Rows of so many filings under new ids, the samples taken in turn.
    pub(crate) fn renewed(&self, filings: usize) -> Self {
        let mut rows = Self::default();
        for filing in 0..filings {
            let place = filing % self.subjects.len();
            let (subject, event) = (Uuid::now_v7(), Uuid::now_v7());
            let sample = self.subjects[place].0;
            rows.requests.push(self.requests[place].clone());
            rows.subjects.push(self.subjects[place].clone());
            rows.events.push(self.events[place].clone());
            rows.complaints.push(self.complaints[place].clone());
            rows.parties.push(self.parties[place].clone());
            let texts = self.texts.iter().filter(|text| text.1 == sample).cloned();
            let texts = texts.map(|text| (Uuid::now_v7(), subject, text.2, text.3));
            rows.texts.extend(texts);
            let request = &mut rows.requests[filing].2;
            let length = request.len();
            *request = format!("{event}-{length}");
            request.truncate(length);
            (rows.subjects[filing].0, rows.subjects[filing].4) = (subject, event);
            (rows.events[filing].0, rows.events[filing].2) = (subject, event);
            let complaint = &mut rows.complaints[filing];
            complaint.0 = subject;
            complaint.6 = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
            rows.parties[filing].0 = subject;
        }
        rows
    }

    /// Writes the rows, and those of the outbox, in one statement.
    ///
    /// # Errors
    /// Of the database.
    pub(crate) async fn write(&self, connection: &mut PgConnection) -> Result<()> {
        const TOPIC: &str = "bench.odr.case.events.v1";
        let topics = vec![TOPIC; self.events.len()];
        let query = sqlx::query(INSERT)
            .bind(of(&self.requests, |row| row.0.as_str()))
            .bind(of(&self.requests, |row| row.1.as_str()))
            .bind(of(&self.requests, |row| row.2.as_str()))
            .bind(of(&self.requests, |row| row.3.as_slice()))
            .bind(of(&self.requests, |row| row.4.as_slice()))
            .bind(of(&self.subjects, |row| row.0))
            .bind(of(&self.subjects, |row| row.1.as_str()))
            .bind(of(&self.subjects, |row| row.2))
            .bind(of(&self.subjects, |row| row.3))
            .bind(of(&self.subjects, |row| row.4))
            .bind(of(&self.subjects, |row| row.5.as_slice()))
            .bind(of(&self.subjects, |row| row.6.as_slice()))
            .bind(of(&self.subjects, |row| row.7.as_slice()))
            .bind(of(&self.subjects, |row| row.8))
            .bind(of(&self.events, |row| row.0))
            .bind(of(&self.events, |row| row.1))
            .bind(of(&self.events, |row| row.2))
            .bind(of(&self.events, |row| row.3.as_str()))
            .bind(of(&self.events, |row| row.4.as_str()))
            .bind(of(&self.events, |row| row.5))
            .bind(of(&self.events, |row| row.6.as_slice()))
            .bind(of(&self.events, |row| row.7.as_slice()))
            .bind(topics)
            .bind(of(&self.complaints, |row| row.0))
            .bind(of(&self.complaints, |row| row.1.as_str()))
            .bind(of(&self.complaints, |row| row.2.as_str()))
            .bind(of(&self.complaints, |row| row.3.as_str()))
            .bind(of(&self.complaints, |row| row.4.as_deref()))
            .bind(of(&self.complaints, |row| row.5))
            .bind(of(&self.complaints, |row| row.6.as_slice()))
            .bind(of(&self.parties, |row| row.0))
            .bind(of(&self.parties, |row| row.1))
            .bind(of(&self.parties, |row| row.2.as_slice()))
            .bind(of(&self.parties, |row| row.3.as_deref()))
            .bind(of(&self.parties, |row| row.4.as_slice()))
            .bind(of(&self.texts, |row| row.0))
            .bind(of(&self.texts, |row| row.1))
            .bind(of(&self.texts, |row| row.2.as_slice()))
            .bind(of(&self.texts, |row| row.3.as_str()));
        query.execute(connection).await?;
        Ok(())
    }
}

const INSERT: &str = "
    with requests as (
        insert into chassis.requests (principal, method, request_id, body_hash, response)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
    ), subjects as (
        insert into chassis.subjects (subject, space, state_format, version, last_id, chain, seen, state, step_pending, waiting)
        select *, false from unnest($6::uuid[], $7::text[], $8::int[], $9::bigint[], $10::uuid[], $11::bytea[], $12::bytea[],
                                    $13::bytea[], $14::bool[])
    ), events as (
        insert into chassis.events (subject, stream, sequence, id, source, type, time, chain, value)
        select subject, '', sequence, id, source, type, time, chain, value
        from unnest($15::uuid[], $16::bigint[], $17::uuid[], $18::text[], $19::text[], $20::timestamptz[], $21::bytea[],
                    $22::bytea[]) as e(subject, sequence, id, source, type, time, chain, value)
    ), outbox as (
        insert into chassis.outbox (topic, subject, stream, sequence)
        select topic, subject, '', sequence from unnest($23::text[], $15::uuid[], $16::bigint[]) as o(topic, subject, sequence)
    ), complaints as (
        insert into intake.complaints (subject, space, case_number, party_ref, consumer_region, filed_at, progress_hash)
        select * from unnest($24::uuid[], $25::text[], $26::text[], $27::text[], $28::text[], $29::timestamptz[], $30::bytea[])
    ), parties as (
        insert into intake.parties (subject, key_version, complainant, representatives, respondent)
        select * from unnest($31::uuid[], $32::smallint[], $33::bytea[], $34::bytea[], $35::bytea[])
    )
    insert into docket.texts (id, subject, salt, body)
    select * from unnest($36::uuid[], $37::uuid[], $38::bytea[], $39::text[])";

fn of<'a, R, T>(rows: &'a [R], column: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(column).collect()
}
