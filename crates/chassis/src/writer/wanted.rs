//! Which subjects a batch needs, and how they stand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::batch::Batch;
use super::plan::Plan;
use super::slot::Slot;
use super::{Record, duplicates};
use crate::store::subjects::Row;
use crate::work::Work;

/// Subjects whose rows a batch needs.
pub(super) struct Wanted {
    /// To be changed, if anything is done.
    pub(super) changed: BTreeSet<Uuid>,
    /// Of own records that come back: their position shows that they are known.
    pub(super) looked_at: BTreeSet<Uuid>,
}

impl Wanted {
    pub(super) fn of<W: Work>(work: &W, batch: &Batch<'_, W>) -> Self {
        let of_calls = batch
            .calls
            .iter()
            .filter(|call| batch.missed || !call.creates)
            .map(|call| call.subject);
        let of_others = of_records(&batch.records)
            .filter(|record| duplicates::own(work, record).is_none())
            .filter_map(subject_of);
        let mut changed: BTreeSet<Uuid> = of_calls.chain(of_others).collect();
        changed.extend(batch.wakes.iter().copied());
        let own = duplicates::own_subjects(work, &batch.records);
        let looked_at = own.filter(|subject| !changed.contains(subject)).collect();
        Self { changed, looked_at }
    }

    pub(super) fn sorted(&self) -> Vec<Uuid> {
        self.changed.union(&self.looked_at).copied().collect()
    }
}

pub(super) fn of_records<'a>(records: &[&'a Record]) -> impl Iterator<Item = &'a Record> {
    records.iter().copied().filter(|record| !record.registry)
}

pub(super) fn subject_of(record: &Record) -> Option<Uuid> {
    Some(record.envelope.as_ref().ok()?.subject)
}

/// The subjects of what is done, as they stand.
pub(super) fn slots<W: Work>(
    work: &W,
    batch: &Batch<'_, W>,
    plan: &[Plan],
    records: &[&Record],
    held: bool,
    mut rows: HashMap<Uuid, Row>,
) -> BTreeMap<Uuid, Slot<W>> {
    let runs = || {
        let calls = batch.calls.iter().zip(plan);
        let runs = calls.filter(|(_, plan)| matches!(plan, Plan::Run));
        runs.map(|(call, _)| *call)
    };
    let wakes = if held { &[][..] } else { &batch.wakes };
    let mut slots: BTreeMap<Uuid, Slot<W>> = runs()
        .map(|call| call.subject)
        .chain(of_records(records).filter_map(subject_of))
        .chain(wakes.iter().copied())
        .filter_map(|subject| Some((subject, Slot::from_row(work, rows.remove(&subject)?))))
        .collect();
    for subject in wakes {
        if let Some(slot) = slots.get_mut(subject) {
            slot.look = true;
        }
    }
    for call in runs().filter(|call| call.creates) {
        let space = work.space_of(&call.command).unwrap_or_default().to_owned();
        slots
            .entry(call.subject)
            .or_insert_with(|| Slot::new(call.subject, space));
    }
    for subject in of_records(records).filter_map(subject_of) {
        slots
            .entry(subject)
            .or_insert_with(|| Slot::new(subject, String::new()));
    }
    slots
}
