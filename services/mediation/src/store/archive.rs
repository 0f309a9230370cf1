//! The archive's events and the kept texts.

use chassis::envelope::Envelope;
use chassis::store::Pool;
use chassis::store::events;
use docket::text::{self, KeptText};
use uuid::Uuid;

/// Events of a case from a place on, at most `most` of them.
pub(crate) async fn events(
    pool: &Pool,
    case_id: Uuid,
    skip: i64,
    most: i64,
) -> sqlx::Result<Vec<Envelope>> {
    let mut connection = pool.acquire().await?;
    events::of_subject(&mut connection, case_id, skip, most).await
}

/// A text that mediation took.
pub(crate) async fn text(pool: &Pool, id: Uuid) -> sqlx::Result<Option<KeptText>> {
    let mut connection = pool.acquire().await?;
    text::get(&mut connection, id).await
}
