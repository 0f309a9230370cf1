//! Consumer positions: the truth about what was read is in the same transaction as its effect.

use sqlx::PgConnection;
use uuid::Uuid;

/// A stored position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset of the next record.
    pub next_offset: i64,
    /// Id of the record before it.
    pub last_id: Option<Uuid>,
}

impl Stored {
    /// Whether the position, and the record before it, lie within a log's bounds.
    pub fn lies_within(&self, low: i64, end: i64) -> bool {
        self.next_offset - i64::from(self.last_id.is_some()) >= low && self.next_offset <= end
    }
}

/// All stored positions.
///
/// # Errors
/// Of the database.
pub async fn all(connection: &mut PgConnection) -> sqlx::Result<Vec<Stored>> {
    sqlx::query_as!(Stored, "select topic, partition, next_offset, last_id from chassis.positions order by topic, partition")
        .fetch_all(connection)
        .await
}

/// Notes where a partition began when it was first met.
///
/// # Errors
/// Of the database.
pub async fn start(
    connection: &mut PgConnection,
    topic: &str,
    partition: i32,
    low: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into chassis.positions (topic, partition, next_offset) values ($1, $2, $3) on conflict do nothing",
        topic,
        partition,
        low
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a partition back to its beginning: its log was cut.
///
/// # Errors
/// Of the database.
pub async fn reset(
    connection: &mut PgConnection,
    topic: &str,
    partition: i32,
    low: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update chassis.positions set next_offset = $3, last_id = null where topic = $1 and partition = $2",
        topic,
        partition,
        low
    )
    .execute(connection)
    .await?;
    Ok(())
}
