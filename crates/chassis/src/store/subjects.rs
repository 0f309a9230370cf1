//! Rows of subjects: read, locked, looked at.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::admission::{Heads, Position, decode_heads};

/// A subject's row.
#[derive(Clone, Debug)]
pub struct Row {
    /// The subject.
    pub subject: Uuid,
    /// Its space.
    pub space: String,
    /// Format of `state`.
    pub state_format: i32,
    /// Where it stands.
    pub position: Position,
    /// Stored state; empty before version 1.
    pub state: Vec<u8>,
    /// A step has still to be asked.
    pub step_pending: bool,
    /// Records wait for a gap to fill.
    pub waiting: bool,
    /// Why the subject is blocked.
    pub blocked: Option<String>,
}

pub(super) struct Raw {
    pub(super) subject: Uuid,
    pub(super) space: String,
    pub(super) state_format: i32,
    pub(super) version: i64,
    pub(super) last_id: Uuid,
    pub(super) chain: Vec<u8>,
    pub(super) seen: Vec<u8>,
    pub(super) state: Vec<u8>,
    pub(super) step_pending: bool,
    pub(super) waiting: bool,
    pub(super) blocked: Option<String>,
}

impl Raw {
    pub(super) fn into_row(self) -> sqlx::Result<Row> {
        let spoilt = |what: &str| {
            sqlx::Error::Decode(format!("subject {}: {what} cannot be read", self.subject).into())
        };
        let seen: Heads = decode_heads(&self.seen).ok_or_else(|| spoilt("seen"))?;
        let chain = self
            .chain
            .as_slice()
            .try_into()
            .map_err(|_| spoilt("chain"))?;
        let version = u64::try_from(self.version).map_err(|_| spoilt("version"))?;
        Ok(Row {
            subject: self.subject,
            space: self.space,
            state_format: self.state_format,
            position: Position {
                version,
                last_id: self.last_id,
                chain,
                seen,
            },
            state: self.state,
            step_pending: self.step_pending,
            waiting: self.waiting,
            blocked: self.blocked,
        })
    }
}

/// Locks rows in id order.
///
/// # Errors
/// Of the database.
pub async fn lock(connection: &mut PgConnection, sorted: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!(
        "select subject from chassis.subjects where subject = any($1) order by subject for update",
        sorted
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// Reads one row without a lock.
///
/// # Errors
/// Of the database, or when the row cannot be read.
pub async fn get(connection: &mut PgConnection, subject: Uuid) -> sqlx::Result<Option<Row>> {
    let row = sqlx::query_as!(
        Raw,
        "select subject, space, state_format, version, last_id, chain, seen, state, step_pending, waiting, blocked
         from chassis.subjects where subject = $1",
        subject
    )
    .fetch_optional(connection)
    .await?;
    row.map(Raw::into_row).transpose()
}

/// Reads rows without a lock, in the order of ids.
///
/// # Errors
/// Of the database, or when a row cannot be read.
pub async fn get_many(connection: &mut PgConnection, subjects: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Raw,
        "select subject, space, state_format, version, last_id, chain, seen, state, step_pending, waiting, blocked
         from chassis.subjects where subject = any($1) order by subject",
        subjects
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Raw::into_row).collect()
}

/// The next rows after a subject, in the order of ids: for audits, which read all.
///
/// # Errors
/// Of the database, or when a row cannot be read.
pub async fn after(
    connection: &mut PgConnection,
    subject: Uuid,
    most: i64,
) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Raw,
        "select subject, space, state_format, version, last_id, chain, seen, state, step_pending, waiting, blocked
         from chassis.subjects where subject > $1 order by subject limit $2",
        subject,
        most
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Raw::into_row).collect()
}

/// Versions and blocks of subjects, for those who wait for one.
///
/// # Errors
/// Of the database.
pub async fn versions(
    connection: &mut PgConnection,
    subjects: &[Uuid],
) -> sqlx::Result<Vec<(Uuid, u64, Option<String>)>> {
    let rows = sqlx::query!(
        "select subject, version, blocked from chassis.subjects where subject = any($1)",
        subjects
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.subject,
                u64::try_from(row.version).unwrap_or(0),
                row.blocked,
            )
        })
        .collect())
}

/// Subjects whose step has still to be asked.
///
/// # Errors
/// Of the database.
pub async fn with_steps(connection: &mut PgConnection, most: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select subject from chassis.subjects where step_pending and blocked is null
           and not exists (select 1 from chassis.recoveries) order by subject limit $1",
        most
    )
    .fetch_all(connection)
    .await
}

/// Takes a block away and lets the step be asked again; false when there was none.
///
/// # Errors
/// Of the database.
pub async fn unblock(connection: &mut PgConnection, subject: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update chassis.subjects set blocked = null, step_pending = true where subject = $1 and blocked is not null",
        subject
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
