//! Own records come back from the log: those that are known are dropped before anything is locked.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::Record;
use crate::admission::Position;
use crate::envelope::{Envelope, Kind};
use crate::store::subjects;
use crate::work::Work;

/// Own records are normally duplicates: those an unlocked look shows to be are dropped before the lock.
pub(super) async fn without_own_duplicates<'a, W: Work>(
    work: &W,
    connection: &mut PgConnection,
    records: &[&'a Record],
) -> sqlx::Result<Vec<&'a Record>> {
    let own_subjects: Vec<Uuid> = records
        .iter()
        .filter_map(|record| own(work, record))
        .map(|envelope| envelope.subject)
        .collect();
    if own_subjects.is_empty() {
        return Ok(records.to_vec());
    }
    let positions: HashMap<Uuid, Position> = subjects::peek(connection, &own_subjects)
        .await?
        .into_iter()
        .collect();
    let is_duplicate = |envelope: &Envelope| {
        positions
            .get(&envelope.subject)
            .is_some_and(|position| match envelope.kind {
                Kind::Decision => {
                    envelope.sequence < position.version
                        || (envelope.sequence == position.version
                            && envelope.id == position.last_id)
                }
                Kind::Notice => position.seen.get(&envelope.source).is_some_and(|seen| {
                    envelope.sequence < seen.sequence
                        || (envelope.sequence == seen.sequence && envelope.chain == seen.chain)
                }),
            })
    };
    Ok(records
        .iter()
        .copied()
        .filter(|record| !own(work, record).is_some_and(is_duplicate))
        .collect())
}

/// The event of a record that this service itself appended, as it comes from the log.
fn own<'a, W: Work>(work: &W, record: &'a Record) -> Option<&'a Envelope> {
    let envelope = record.envelope.as_ref().ok()?;
    let comes_back =
        !record.registry && record.parked_id.is_none() && envelope.source == work.source();
    comes_back.then_some(envelope)
}
