//! Own records come back from the log: those that are known are dropped before anything is decided.

use uuid::Uuid;

use super::Record;
use crate::admission::Position;
use crate::envelope::{Envelope, Kind};
use crate::work::Work;

/// Subjects of own records as they come back.
pub(super) fn own_subjects<'a, W: Work>(
    work: &'a W,
    records: &'a [&Record],
) -> impl Iterator<Item = Uuid> {
    let own = records.iter().filter_map(|record| own(work, record));
    own.map(|envelope| envelope.subject)
}

/// Own records are normally duplicates: those that a look at their subjects' positions shows to be are dropped.
pub(super) fn without_own_duplicates<'a, 'p, W: Work>(
    work: &W,
    records: &[&'a Record],
    position: impl Fn(Uuid) -> Option<&'p Position>,
) -> Vec<&'a Record> {
    let is_duplicate = |envelope: &Envelope| {
        position(envelope.subject).is_some_and(|position| match envelope.kind {
            Kind::Decision => {
                envelope.sequence < position.version
                    || (envelope.sequence == position.version && envelope.id == position.last_id)
            }
            Kind::Notice => position.seen.get(&envelope.source).is_some_and(|seen| {
                envelope.sequence < seen.sequence
                    || (envelope.sequence == seen.sequence && envelope.chain == seen.chain)
            }),
        })
    };
    let records = records.iter().copied();
    records
        .filter(|record| !own(work, record).is_some_and(is_duplicate))
        .collect()
}

/// The event of a record that this service itself appended, as it comes from the log.
pub(super) fn own<'a, W: Work>(work: &W, record: &'a Record) -> Option<&'a Envelope> {
    let envelope = record.envelope.as_ref().ok()?;
    let comes_back =
        !record.registry && record.parked_id().is_none() && envelope.source == work.source();
    comes_back.then_some(envelope)
}
