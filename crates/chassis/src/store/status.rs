//! Counts for the operations service.

use sqlx::PgConnection;

use super::samples;

/// What is left to do in the store.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Rows to publish.
    pub outbox: i64,
    /// Parked records.
    pub parked: i64,
    /// Blocked subjects.
    pub blocked: i64,
    /// Steps to ask, blocked subjects left out.
    pub steps: i64,
    /// Deadlines that have passed, blocked subjects left out.
    pub due: i64,
    /// Partitions to read before acting.
    pub recoveries: i64,
}

/// Counts what is left to do.
///
/// # Errors
/// Of the database.
pub async fn counts(connection: &mut PgConnection, stepped: bool) -> sqlx::Result<Counts> {
    let left = samples::left(connection, stepped).await?;
    Ok(Counts {
        outbox: left.outbox,
        parked: left.parked,
        blocked: left.blocked,
        steps: left.steps,
        due: left.due,
        recoveries: left.recoveries,
    })
}
