//! The toy's half of the unit of work: tickets on the log, rows of its own beside them.

use std::collections::{BTreeMap, BTreeSet};

use chassis::admission::{Head, Heads, Position};
use chassis::envelope::{Envelope, Kind};
use chassis::store::batch::{Outboxed, Save, SaveError, save};
use chassis::work::{Asked, Change, Decoded, NextStep, Place, Sealed, Undecodable, Work};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::ticket::{self, Body, Command, Event, LEFT, RIGHT, Refusal, Ticket};

/// Tables of the toy: how often an event was taken in shows in `events`, so that twice is seen.
pub(crate) const TABLES: &str = "
    create schema toy;
    create table toy.totals (subject uuid primary key, total bigint not null, events bigint not null);
    create table toy.texts (subject uuid not null, text text not null);
    create table toy.entities (entity uuid primary key, sequence bigint not null);";

/// One of the two services.
#[derive(Clone, Debug)]
pub(crate) struct Toy {
    pub(crate) source: &'static str,
    /// 1 does not know `Doubled`.
    pub(crate) release: u8,
    pub(crate) state_format: i32,
}

impl Toy {
    pub(crate) fn left() -> Self {
        Self {
            source: LEFT,
            release: 1,
            state_format: 1,
        }
    }

    pub(crate) fn right() -> Self {
        Self {
            source: RIGHT,
            ..Self::left()
        }
    }

    pub(crate) fn upgraded(self) -> Self {
        Self { release: 2, ..self }
    }
}

/// What was loaded: the subjects whose wish may be answered.
#[derive(Debug, Default)]
pub(crate) struct Facts(BTreeSet<Uuid>);

/// What is saved beside the ticket.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    totals: BTreeMap<Uuid, (i64, i64)>,
    texts: Vec<(Uuid, String)>,
    entities: BTreeMap<Uuid, i64>,
}

/// A text whose writing breaks down in the service's own code.
pub(crate) const SPOILT_ROW: &str = "break the row";
/// A type whose reading breaks down.
pub(crate) const SPOILT_TYPE: &str = "toy.v1.BreaksDown";

impl Work for Toy {
    type State = Ticket;
    type Event = Event;
    type Command = Command;
    type Draft = Body;
    type Facts = Facts;
    type Rows = Rows;
    type Refusal = Refusal;

    fn source(&self) -> &'static str {
        self.source
    }

    fn archives(&self) -> bool {
        self.source == RIGHT
    }

    fn state_format(&self) -> i32 {
        self.state_format
    }

    fn decode_state(&self, bytes: &[u8]) -> anyhow::Result<Ticket> {
        Ok(serde_json::from_slice(bytes)?)
    }

    fn encode_state(&self, state: &Ticket) -> Vec<u8> {
        serde_json::to_vec(state).unwrap()
    }

    fn decode_event(&self, envelope: &Envelope) -> Result<Decoded<Event>, Undecodable> {
        assert_ne!(envelope.event_type, SPOILT_TYPE, "made to break down");
        if !envelope.event_type.starts_with("toy.v1.")
            || (envelope.event_type == Body::Doubled.event_type() && self.release < 2)
        {
            return Err(Undecodable::Unknown(envelope.event_type.clone()));
        }
        let event: Event = serde_json::from_slice(&envelope.value)
            .map_err(|error| Undecodable::Garbage(error.to_string()))?;
        let mut absorbed = Heads::new();
        for (source, sequence, chain) in &event.absorbed {
            let chain = hex::decode(chain).unwrap().try_into().unwrap();
            let head = Head {
                sequence: *sequence,
                chain,
            };
            absorbed.insert(source.clone(), head);
        }
        let space = event.space.clone();
        Ok(Decoded {
            event,
            absorbed,
            space,
        })
    }

    fn evolve(&self, state: Option<&Ticket>, event: &Event) -> Result<Ticket, String> {
        ticket::evolve(state, event)
    }

    fn owner(&self, state: Option<&Ticket>) -> &'static str {
        match state {
            Some(ticket) if ticket.owner == RIGHT => RIGHT,
            _ => LEFT,
        }
    }

    fn space<'a>(&self, state: &'a Ticket) -> &'a str {
        &state.space
    }

    fn space_of<'a>(&self, command: &'a Command) -> Option<&'a str> {
        match command {
            Command::Open { space, .. } => Some(space),
            _ => None,
        }
    }

    fn last_time(&self, state: &Ticket) -> DateTime<Utc> {
        state.last
    }

    fn overdue(&self, state: &Ticket, now: DateTime<Utc>) -> Option<Command> {
        (state.open && state.due.is_some_and(|due| due <= now)).then_some(Command::Expire)
    }

    fn next_due(&self, state: &Ticket) -> Option<DateTime<Utc>> {
        state.due.filter(|_| state.open)
    }

    fn next_step(&self, subject: Uuid, state: &Ticket, facts: &Facts) -> NextStep<Command> {
        if state.owner != self.source || !state.open || state.wishes <= state.answered {
            NextStep::None
        } else if facts.0.contains(&subject) {
            NextStep::Do(Command::Answer)
        } else {
            NextStep::Lacking
        }
    }

    fn decide(
        &self,
        _: Uuid,
        state: Option<&Ticket>,
        command: &Command,
        _: &Facts,
        now: DateTime<Utc>,
    ) -> Result<Vec<Body>, Refusal> {
        ticket::decide(self.source, state, command, now)
    }

    fn kind(&self, draft: &Body) -> Kind {
        if draft.is_notice() {
            Kind::Notice
        } else {
            Kind::Decision
        }
    }

    fn seal(&self, draft: Body, place: &Place<'_>, state: Option<&Ticket>) -> Sealed<Event> {
        let space = state.map_or("main", |ticket| &ticket.space);
        let event_type = draft.event_type();
        let event = Event::new(space, place.occurred_at, place.absorbed, draft);
        Sealed {
            event_type,
            value: event.bytes(),
            event,
        }
    }

    fn respond(&self, _: &Command, _: Uuid, state: &Ticket, position: &Position) -> Vec<u8> {
        format!("version {} total {}", position.version, state.total).into_bytes()
    }

    fn command_rows(&self, command: &Command, subject: Uuid, rows: &mut Rows) {
        if let Command::Write(text) = command {
            assert_ne!(text, SPOILT_ROW, "made to break down");
            rows.texts.push((subject, text.clone()));
        }
    }

    fn project(&self, change: &Change<'_, Ticket, Event>, rows: &mut Rows) {
        let events = i64::try_from(change.events.len()).unwrap();
        rows.totals
            .insert(change.subject, (change.after.total, events));
    }

    fn registry(&self, envelope: &Envelope, rows: &mut Rows) -> Result<(), Undecodable> {
        if envelope.event_type != "toy.v1.Entity" {
            return Err(Undecodable::Unknown(envelope.event_type.clone()));
        }
        let sequence = i64::try_from(envelope.sequence).unwrap();
        rows.entities.insert(envelope.subject, sequence);
        Ok(())
    }

    fn facts_at_hand(&self, asked: &[Asked<'_, Ticket, Command>]) -> Option<Facts> {
        let wished = |ticket: &Ticket| ticket.owner == self.source && ticket.wishes > 0;
        let needs = asked.iter().any(|asked| asked.state.is_some_and(wished));
        (!needs).then(Facts::default)
    }

    async fn load(
        &self,
        connection: &mut PgConnection,
        asked: &[Asked<'_, Ticket, Command>],
    ) -> sqlx::Result<Facts> {
        sqlx::query("select 1").execute(connection).await?;
        Ok(Facts(asked.iter().map(|asked| asked.subject).collect()))
    }

    fn has_rows(&self, rows: &Rows) -> bool {
        !rows.totals.is_empty() || !rows.texts.is_empty() || !rows.entities.is_empty()
    }

    fn needs_transaction(&self, rows: &Rows) -> bool {
        self.has_rows(rows)
    }

    async fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        rows: &Rows,
    ) -> Result<Outboxed, SaveError> {
        let outboxed = save(connection, batch).await?;
        for (subject, (total, events)) in &rows.totals {
            sqlx::query(
                "insert into toy.totals values ($1, $2, $3) on conflict (subject) do update
                 set total = excluded.total, events = totals.events + excluded.events",
            )
            .bind(subject)
            .bind(total)
            .bind(events)
            .execute(&mut *connection)
            .await?;
        }
        for (subject, text) in &rows.texts {
            sqlx::query("insert into toy.texts values ($1, $2)")
                .bind(subject)
                .bind(text)
                .execute(&mut *connection)
                .await?;
        }
        for (entity, sequence) in &rows.entities {
            sqlx::query(
                "insert into toy.entities values ($1, $2) on conflict (entity) do update
                 set sequence = greatest(entities.sequence, excluded.sequence)",
            )
            .bind(entity)
            .bind(sequence)
            .execute(&mut *connection)
            .await?;
        }
        Ok(outboxed)
    }
}
