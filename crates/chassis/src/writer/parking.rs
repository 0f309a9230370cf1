//! What a batch parks and takes out of the parking, and the records that keep its subjects blocked.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::Record;
use super::slot::{GAP, Slot};
use crate::envelope::{Envelope, RawRecord};
use crate::store::parked::{self, ToPark};
use crate::work::Work;

/// The store did not take a record: only whoever mends the store tries it again.
pub(super) const DATA: &str = "data";
/// A record's chain does not follow: it stays parked as evidence when the right one has come.
pub(super) const BROKEN: &str = "broken_chain";

/// Reasons of records that keep their subject blocked until they, or the right ones, are taken in.
const BLOCKING: [&str; 5] = [GAP, BROKEN, "unknown_type", "invariant", DATA];

/// Whether a block goes when the records behind it have gone.
pub(super) fn heals(reason: &str) -> bool {
    BLOCKING.contains(&reason)
}

/// A record that keeps its subject blocked.
pub(super) struct Blocking {
    /// Its row; none yet when it came in this batch.
    id: Option<i64>,
    pub(super) reason: String,
    pub(super) record: RawRecord,
}

/// The parking as a batch changes it.
#[derive(Default)]
pub(super) struct Parking {
    park: Vec<ToPark>,
    unpark: Vec<i64>,
    blocking: BTreeMap<Uuid, Vec<Blocking>>,
}

impl Parking {
    /// Reads the records that keep subjects of this batch blocked.
    pub(super) async fn load<W: Work>(
        &mut self,
        connection: &mut PgConnection,
        slots: &BTreeMap<Uuid, Slot<W>>,
        records: &[&Record],
    ) -> sqlx::Result<()> {
        let has_some = |slot: &Slot<W>| slot.flags.waiting || slot.flags.blocked.is_some();
        let mut subjects: Vec<Uuid> = records
            .iter()
            .filter_map(|record| Some(record.envelope.as_ref().ok()?.subject))
            .filter(|subject| slots.get(subject).is_some_and(has_some))
            .collect();
        subjects.dedup();
        if subjects.is_empty() {
            return Ok(());
        }
        let reasons = BLOCKING.map(str::to_owned);
        for row in parked::of_subjects(connection, &subjects, &reasons).await? {
            if let Some(subject) = row.subject {
                self.blocking.entry(subject).or_default().push(Blocking {
                    id: Some(row.id),
                    reason: row.reason,
                    record: row.record,
                });
            }
        }
        Ok(())
    }

    /// Notes a record that blocks, so that what it waits for may come within this very batch.
    pub(super) fn note(&mut self, subject: Uuid, record: &Record, reason: &str) {
        let blocking = self.blocking.entry(subject).or_default();
        match blocking
            .iter_mut()
            .find(|known| place(&known.record) == place(&record.raw))
        {
            Some(known) => reason.clone_into(&mut known.reason),
            None => blocking.push(Blocking {
                id: record.parked_id(),
                reason: reason.to_owned(),
                record: record.raw.clone(),
            }),
        }
    }

    /// The records that keep a subject blocked; give back those that still do.
    pub(super) fn take(&mut self, subject: Uuid) -> Vec<Blocking> {
        self.blocking.remove(&subject).unwrap_or_default()
    }

    pub(super) fn give_back(&mut self, subject: Uuid, blocking: Vec<Blocking>) {
        self.blocking.insert(subject, blocking);
    }

    /// Parks a record, or says anew why it is parked.
    pub(super) fn park(
        &mut self,
        raw: &RawRecord,
        envelope: Option<&Envelope>,
        reason: &'static str,
        detail: String,
    ) {
        if reason != GAP {
            tracing::warn!(
                alarm = "parked",
                messaging.destination.name = raw.topic,
                messaging.destination.partition.id = raw.partition,
                messaging.kafka.offset = raw.offset,
                reason,
                detail,
                "a record was parked"
            );
        }
        self.park.push(ToPark {
            record: raw.clone(),
            subject: envelope.map(|envelope| envelope.subject),
            sequence: envelope.and_then(|envelope| i64::try_from(envelope.sequence).ok()),
            reason,
            detail,
        });
    }

    /// A record that was tried again is done.
    pub(super) fn unpark(&mut self, parked_id: Option<i64>) {
        self.unpark.extend(parked_id);
    }

    /// Takes a record that blocked out of the parking.
    pub(super) fn release(&mut self, blocking: &Blocking) {
        self.unpark(blocking.id);
        self.park
            .retain(|parked| place(&parked.record) != place(&blocking.record));
    }

    /// Whether there is anything to save.
    pub(super) fn has_rows(&self) -> bool {
        !(self.park.is_empty() && self.unpark.is_empty())
    }

    /// Writes the changes.
    pub(super) async fn save(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        parked::park(connection, &self.park).await?;
        if !self.unpark.is_empty() {
            parked::delete(connection, &self.unpark).await?;
        }
        Ok(())
    }
}

fn place(raw: &RawRecord) -> (&str, i32, i64) {
    (&raw.topic, raw.partition, raw.offset)
}
