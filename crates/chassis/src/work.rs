//! The service's half of the unit of work: the one trait of the chassis.
//!
//! The writer loads rows, admits records, asks these functions for meaning, and saves. All but
//! `load` and `save` are pure: no storage handle is in scope while anything is decided.

use std::future::Future;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::admission::{Heads, Position};
use crate::envelope::{Envelope, Kind};
use crate::store::batch::{Outboxed, Save, SaveError};

/// An event that was read: its meaning, and the notice heads it carries.
#[derive(Clone, Debug)]
pub struct Decoded<E> {
    /// What it says.
    pub event: E,
    /// For decisions: notices its owner had taken in.
    pub absorbed: Heads,
    /// The space of its subject.
    pub space: String,
}

/// Why an event could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// The type, or a value of a closed list in it, is not understood by this release: the subject waits.
    Unknown(String),
    /// The bytes are no event: the record is parked by itself.
    Garbage(String),
}

/// An event a decision makes, ready for the log but for its place in it.
#[derive(Clone, Debug)]
pub struct Sealed<E> {
    /// Full name of the message.
    pub event_type: &'static str,
    /// Its bytes.
    pub value: Vec<u8>,
    /// Its meaning, for folding.
    pub event: E,
}

/// What the writer knows when it asks for an event's final form.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The subject.
    pub subject: Uuid,
    /// Id of the event.
    pub id: Uuid,
    /// Its version or notice sequence.
    pub sequence: u64,
    /// Event time.
    pub occurred_at: DateTime<Utc>,
    /// Notices taken in so far, for decisions.
    pub absorbed: &'a Heads,
}

/// What a state asks for by itself.
#[derive(Debug)]
pub enum NextStep<C> {
    /// Nothing.
    None,
    /// Something, but a fact for it was not loaded in this batch: the subject is asked again.
    Lacking,
    /// This command.
    Do(C),
}

/// One subject's part of a batch, as facts are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a, S, C> {
    /// The subject.
    pub subject: Uuid,
    /// Its state after admission; `None` before version 1.
    pub state: Option<&'a S>,
    /// Commands that wait for it.
    pub commands: &'a [&'a C],
}

/// A saved subject, as projections see it.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a, S, E> {
    /// The subject.
    pub subject: Uuid,
    /// Before the batch.
    pub before: Option<&'a S>,
    /// After it.
    pub after: &'a S,
    /// Position after it.
    pub position: &'a Position,
    /// Events of the batch, in order.
    pub events: &'a [E],
}

/// Something that an own event refers to and the database does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingThing {
    /// Subject of the event.
    pub subject: Uuid,
    /// What it is, as a code.
    pub what: &'static str,
    /// Its id; `None` where the subject has only one.
    pub id: Option<Uuid>,
    /// The event.
    pub event_id: Uuid,
    /// Its time.
    pub at: DateTime<Utc>,
}

/// What own events refer to: things that the database lacks, and the requests that caused them.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// In the order of the events.
    pub missing: Vec<MissingThing>,
    /// Event id, principal's key, request id.
    pub causes: Vec<(Uuid, String, String)>,
}

/// The service's batch.
pub trait Work: Send + Sync + 'static {
    /// A subject's folded state.
    type State: Send + Sync;
    /// A read event.
    type Event: Clone + Send + Sync;
    /// What callers, deadlines and steps ask for.
    type Command: Send + Sync;
    /// An event before it has a place in the log.
    type Draft: Send;
    /// What was loaded for a batch.
    type Facts: Send + Sync;
    /// Rows of the service's own tables to write.
    type Rows: Default + Send;
    /// A refusal of a command.
    type Refusal: Clone + Send + std::fmt::Debug;

    /// The service's name in the log.
    fn source(&self) -> &'static str;
    /// Whether events of other services are kept too.
    fn archives(&self) -> bool;
    /// The version of the stored state's format.
    fn state_format(&self) -> i32;

    /// Reads a stored state.
    ///
    /// # Errors
    /// When the bytes are no state of this format.
    fn decode_state(&self, bytes: &[u8]) -> anyhow::Result<Self::State>;
    /// The stored form of a state.
    fn encode_state(&self, state: &Self::State) -> Vec<u8>;
    /// Reads an event.
    ///
    /// # Errors
    /// `Undecodable` says whether this release does not know it or it is no event at all.
    fn decode_event(&self, envelope: &Envelope) -> Result<Decoded<Self::Event>, Undecodable>;
    /// Folds an event; an error is a broken invariant and blocks the subject.
    ///
    /// # Errors
    /// The broken invariant's name.
    fn evolve(
        &self,
        state: Option<&Self::State>,
        event: &Self::Event,
    ) -> Result<Self::State, String>;

    /// Which service may append the next decision (`None`: before version 1).
    fn owner(&self, state: Option<&Self::State>) -> &'static str;
    /// The space of a state.
    fn space<'a>(&self, state: &'a Self::State) -> &'a str;
    /// The space a command that creates its subject puts it in.
    fn space_of<'a>(&self, command: &'a Self::Command) -> Option<&'a str>;
    /// Time of the state's last event.
    fn last_time(&self, state: &Self::State) -> DateTime<Utc>;
    /// The command of the earliest passed deadline.
    fn overdue(&self, state: &Self::State, now: DateTime<Utc>) -> Option<Self::Command>;
    /// The earliest deadline.
    fn next_due(&self, state: &Self::State) -> Option<DateTime<Utc>>;
    /// What the state asks this service to do by itself.
    fn next_step(
        &self,
        subject: Uuid,
        state: &Self::State,
        facts: &Self::Facts,
    ) -> NextStep<Self::Command>;

    /// Decides a command.
    ///
    /// # Errors
    /// A refusal of the closed list.
    fn decide(
        &self,
        subject: Uuid,
        state: Option<&Self::State>,
        command: &Self::Command,
        facts: &Self::Facts,
        now: DateTime<Utc>,
    ) -> Result<Vec<Self::Draft>, Self::Refusal>;
    /// Decision or notice.
    fn kind(&self, draft: &Self::Draft) -> Kind;
    /// Gives a draft its place: metadata, bytes.
    fn seal(
        &self,
        draft: Self::Draft,
        place: &Place<'_>,
        state: Option<&Self::State>,
    ) -> Sealed<Self::Event>;
    /// The answer to a command that was taken.
    fn respond(
        &self,
        command: &Self::Command,
        subject: Uuid,
        state: &Self::State,
        position: &Position,
    ) -> Vec<u8>;
    /// The rows a command that was taken brings along (texts and the like).
    fn command_rows(&self, command: &Self::Command, subject: Uuid, rows: &mut Self::Rows);
    /// The rows of a changed subject.
    fn project(&self, change: &Change<'_, Self::State, Self::Event>, rows: &mut Self::Rows);
    /// A record of the registry topic.
    ///
    /// # Errors
    /// As `decode_event`.
    fn registry(&self, envelope: &Envelope, rows: &mut Self::Rows) -> Result<(), Undecodable>;

    /// Facts when nothing has to be loaded for these subjects; `None` asks for `load`.
    fn facts_at_hand(&self, asked: &[Asked<'_, Self::State, Self::Command>])
    -> Option<Self::Facts>;
    /// Loads facts, in one statement where possible, after the rows.
    fn load(
        &self,
        connection: &mut PgConnection,
        asked: &[Asked<'_, Self::State, Self::Command>],
    ) -> impl Future<Output = sqlx::Result<Self::Facts>> + Send;
    /// Whether there are rows of the service's own to save.
    fn has_rows(&self, rows: &Self::Rows) -> bool;
    /// Whether saving these rows takes more than the batch's own statement.
    fn needs_transaction(&self, rows: &Self::Rows) -> bool;
    /// Saves a batch with the service's rows, sorted by key; called again with the same rows when a batch is retried.
    /// [`save_batch`](crate::save_batch) takes the rows into the batch's statement and gives what this gives.
    fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        rows: &Self::Rows,
    ) -> impl Future<Output = Result<Outboxed, SaveError>> + Send;

    /// What these own events refer to, and which of it this database does not hold.
    fn references(
        &self,
        _connection: &mut PgConnection,
        _events: &[Envelope],
    ) -> impl Future<Output = sqlx::Result<References>> + Send {
        async { Ok(References::default()) }
    }
}
