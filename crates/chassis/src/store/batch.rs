//! The save of a batch: one statement for everything the chassis keeps, each row compared before it is set.

use std::ops::RangeInclusive;

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

/// Least and greatest of the ids that a batch's rows have in the outbox; none when it publishes nothing.
pub type Outboxed = Option<RangeInclusive<i64>>;

/// Saves a batch. The statement fails as a whole when a row is not as expected, so that it can be a transaction of its own.
///
/// # Errors
/// `Missed` when a row was not the expected one, `Taken` when only an event was; `Behind` when records before these are not
/// known; errors of the database.
pub async fn save(connection: &mut PgConnection, save: &Save) -> Result<Outboxed, SaveError> {
    crate::save_batch!(connection, save, [])
}

impl SaveError {
    /// What the statement's failure says.
    #[doc(hidden)]
    pub fn of_save(error: sqlx::Error) -> Self {
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
