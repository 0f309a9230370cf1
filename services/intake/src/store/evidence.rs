//! Reading evidence metadata.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A piece of evidence, as it is read.
pub(crate) struct Kept {
    /// Its id.
    pub(crate) id: Uuid,
    /// SHA-256 of the content.
    pub(crate) hash: Vec<u8>,
    /// Media type.
    pub(crate) media_type: String,
    /// Bytes.
    pub(crate) size_bytes: i64,
    /// Whose it is, by its number on the wire.
    pub(crate) side: i16,
    /// When it was added.
    pub(crate) added_at: DateTime<Utc>,
}

/// The evidence of a case, oldest first.
///
/// # Errors
/// Of the database.
pub(crate) async fn of_case(
    connection: &mut PgConnection,
    subject: Uuid,
) -> sqlx::Result<Vec<Kept>> {
    sqlx::query_as!(
        Kept,
        "select id, hash, media_type, size_bytes, side, added_at from intake.evidence where subject = $1 order by added_at, id",
        subject
    )
    .fetch_all(connection)
    .await
}
