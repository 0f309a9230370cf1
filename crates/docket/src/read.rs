//! Reading cases.

use case::Case;
use chassis::admission::Position;
use chassis::store::Pool;
use chassis::store::subjects;
use tonic::Status;
use uuid::Uuid;

use crate::error;

/// A case as this service knows it.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id.
    pub subject: Uuid,
    /// The case; `None` while nothing but a later event has come.
    pub case: Option<Case>,
    /// Where it stands.
    pub position: Position,
    /// Why it is blocked.
    pub blocked: Option<String>,
}

fn found(row: subjects::Row) -> Result<Found, Status> {
    let case = if row.position.version == 0 {
        None
    } else {
        let case = proto::store::decode_case(&row.state);
        Some(case.map_err(|_| chassis::status::defect("a stored case cannot be read"))?)
    };
    Ok(Found {
        subject: row.subject,
        case,
        position: row.position,
        blocked: row.blocked,
    })
}

/// One case.
///
/// # Errors
/// UNAVAILABLE when the store does not answer; INTERNAL when the row cannot be read.
pub async fn one(pool: &Pool, subject: Uuid) -> Result<Option<Found>, Status> {
    let row = pool.row(subject).await.map_err(error::store)?;
    row.map(found).transpose()
}

/// Several cases, in the order of ids.
///
/// # Errors
/// As [`one`].
pub async fn many(pool: &Pool, wanted: &[Uuid]) -> Result<Vec<Found>, Status> {
    let mut connection = pool.acquire().await.map_err(error::store)?;
    let rows = subjects::get_many(&mut connection, wanted)
        .await
        .map_err(error::store)?;
    rows.into_iter().map(found).collect()
}
