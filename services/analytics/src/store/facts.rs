//! Facts, taken from the stored cases when they are asked for: a case is kept once.

use case::Case;
use chassis::admission::Position;
use chassis::store::subjects::{self, Row};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::fact::Fact;
use crate::domain::rollup::Rollups;

/// Cases read at a time.
const CHUNK: i64 = 5_000;

/// The fact of a case that stands here.
pub(crate) fn of(case: &Case, position: &Position) -> Fact {
    Fact::of(case, event_count(position))
}

/// Events of a case that stands here: decisions and notices.
pub(crate) fn event_count(position: &Position) -> i64 {
    let events = position.version + position.notices();
    i64::try_from(events).expect("sequences of the log are below 2^63")
}

/// The sums over the facts of every case, counted from nothing.
pub(crate) async fn counted(connection: &mut PgConnection) -> sqlx::Result<Rollups> {
    let mut rollups = Rollups::default();
    let mut last = Uuid::nil();
    loop {
        let rows = subjects::after(connection, last, CHUNK).await?;
        let Some(end) = rows.last() else {
            return Ok(rollups);
        };
        last = end.subject;
        // Of a case whose beginning is still to come nothing is known.
        let begun = rows.iter().filter(|row| row.position.version > 0);
        let facts: Vec<Fact> = begun.map(fact).collect::<sqlx::Result<_>>()?;
        rollups.merge(&Rollups::recount(&facts));
    }
}

fn fact(row: &Row) -> sqlx::Result<Fact> {
    let case = proto::store::decode_case(&row.state)
        .map_err(|fault| sqlx::Error::Decode(format!("case {}: {fault}", row.subject).into()))?;
    Ok(of(&case, &row.position))
}
