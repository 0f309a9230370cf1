//! Records of a batch: each is admitted, dropped, or parked with its reason. Pure but for one read.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sqlx::PgConnection;
use uuid::Uuid;

use super::Record;
use super::slot::{GAP, Slot};
use crate::admission::{Admission, Heads};
use crate::envelope::{Envelope, RawRecord};
use crate::store::parked::{self, ToPark};
use crate::work::{Decoded, Undecodable, Work};

/// Blocks that the arrival of the right event takes away.
const HEALED_BY_THE_RIGHT_EVENT: [&str; 5] =
    [GAP, "broken_chain", "unknown_type", "invariant", "data"];

pub(super) struct Admitting<'a, W: Work> {
    work: &'a W,
    recovering: bool,
    /// The store did not take these records: they are set aside without another try.
    spoilt: bool,
    waiting: BTreeMap<Uuid, Vec<Waiting>>,
    pub(super) rows: W::Rows,
    pub(super) park: Vec<ToPark>,
    pub(super) unpark: Vec<i64>,
    /// An own event came as the next one outside recovery: the database is older than its words.
    pub(super) own_word_unknown: bool,
    pub(super) demands: Vec<(String, i32, i64)>,
}

/// A record that waits for a gap to fill.
struct Waiting {
    /// Its row; none yet when it came in this batch.
    id: Option<i64>,
    record: RawRecord,
}

enum Judged {
    TakenIn,
    Dropped,
    Parked {
        reason: &'static str,
        detail: String,
        blocks: bool,
    },
}

impl Judged {
    fn parked(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::Parked {
            reason,
            detail: detail.into(),
            blocks: false,
        }
    }

    fn blocked(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::Parked {
            reason,
            detail: detail.into(),
            blocks: true,
        }
    }
}

impl<'a, W: Work> Admitting<'a, W> {
    pub(super) fn new(work: &'a W, recovering: bool, spoilt: bool) -> Self {
        Self {
            work,
            recovering,
            spoilt,
            waiting: BTreeMap::new(),
            rows: W::Rows::default(),
            park: Vec::new(),
            unpark: Vec::new(),
            own_word_unknown: false,
            demands: Vec::new(),
        }
    }

    /// Reads the records that wait for subjects of this batch.
    pub(super) async fn load_waiting(
        &mut self,
        connection: &mut PgConnection,
        slots: &BTreeMap<Uuid, Slot<W>>,
        records: &[&Record],
    ) -> sqlx::Result<()> {
        let touched = records
            .iter()
            .filter_map(|record| Some(record.envelope.as_ref().ok()?.subject));
        let subjects: Vec<Uuid> = touched
            .filter(|subject| slots.get(subject).is_some_and(|slot| slot.flags.waiting))
            .collect();
        if !subjects.is_empty() {
            for row in parked::waiting(connection, &subjects).await? {
                if let Some(subject) = row.subject {
                    self.waiting.entry(subject).or_default().push(Waiting {
                        id: Some(row.id),
                        record: row.record,
                    });
                }
            }
        }
        Ok(())
    }

    /// Admits one record.
    pub(super) fn record(&mut self, slots: &mut BTreeMap<Uuid, Slot<W>>, record: &Record) {
        let envelope = match &record.envelope {
            Ok(envelope) => envelope,
            Err(malformed) => {
                return self.park(&record.raw, None, "garbage", malformed.to_string());
            }
        };
        if record.registry {
            return self.registry_record(record, envelope);
        }
        let slot = slots
            .get_mut(&envelope.subject)
            .expect("every record's subject has a slot");
        slot.may_act &= record.caught_up;
        let judged = if self.spoilt {
            Judged::blocked("data", "the store did not take it")
        } else {
            self.judge(slot, envelope)
        };
        match judged {
            Judged::TakenIn => {
                self.unpark.extend(record.parked_id);
                self.note_taken_in(slot, envelope, record);
                self.drain_waiting(slot);
            }
            Judged::Dropped => self.unpark.extend(record.parked_id),
            Judged::Parked {
                reason,
                detail,
                blocks,
            } => {
                if reason == GAP {
                    self.wait(slot, record);
                }
                self.set_aside(slot, envelope, &record.raw, reason, detail, blocks);
            }
        }
    }

    fn registry_record(&mut self, record: &Record, envelope: &Envelope) {
        if self.spoilt {
            let detail = "the store did not take it".to_owned();
            return self.park(&record.raw, Some(envelope), "data", detail);
        }
        match self.work.registry(envelope, &mut self.rows) {
            Ok(()) => self.unpark.extend(record.parked_id),
            Err(Undecodable::Unknown(what)) => {
                self.park(&record.raw, Some(envelope), "unknown_type", what);
            }
            Err(Undecodable::Garbage(what)) => {
                self.park(&record.raw, Some(envelope), "garbage", what);
            }
        }
    }

    /// Notes a record that waits, so that its gap may fill within this very batch.
    fn wait(&mut self, slot: &mut Slot<W>, record: &Record) {
        slot.flags.waiting = true;
        let waiting = self.waiting.entry(slot.subject).or_default();
        let place = |raw: &RawRecord| (raw.partition, raw.offset);
        if !waiting
            .iter()
            .any(|known| place(&known.record) == place(&record.raw))
        {
            waiting.push(Waiting {
                id: record.parked_id,
                record: record.raw.clone(),
            });
        }
    }

    fn set_aside(
        &mut self,
        slot: &mut Slot<W>,
        envelope: &Envelope,
        raw: &RawRecord,
        reason: &'static str,
        detail: String,
        blocks: bool,
    ) {
        if blocks && slot.flags.blocked.is_none() {
            slot.flags.blocked = Some(reason.to_owned());
        }
        self.park(raw, Some(envelope), reason, detail);
    }

    fn judge(&mut self, slot: &mut Slot<W>, envelope: &Envelope) -> Judged {
        if slot.foreign.is_some() {
            return Judged::blocked("unknown_type", "the stored state is of a later format");
        }
        let mut decoded = None;
        let mut admission = slot.admission(self.work, envelope, &Heads::new());
        if admission == Admission::Next {
            let read = catch_unwind(AssertUnwindSafe(|| self.work.decode_event(envelope)));
            match read {
                Ok(Ok(event)) => {
                    admission = slot.admission(self.work, envelope, &event.absorbed);
                    decoded = Some(event);
                }
                Ok(Err(Undecodable::Unknown(what))) => {
                    return Judged::blocked("unknown_type", what);
                }
                Ok(Err(Undecodable::Garbage(what))) => return Judged::parked("garbage", what),
                Err(_) => return Judged::blocked("invariant", "reading it broke down"),
            }
        }
        match (admission, decoded) {
            (Admission::Next, Some(decoded)) => self.take_in(slot, envelope, decoded),
            (Admission::Duplicate, _) => Judged::Dropped,
            (Admission::Gap | Admission::Next, _) => {
                Judged::blocked(GAP, "an earlier event is missing")
            }
            (Admission::Conflict, _) => {
                Judged::parked("conflict", "another event stands at this place")
            }
            (Admission::WrongSource, _) => {
                Judged::parked("wrong_source", "the source does not own the state")
            }
            (Admission::Broken, _) => Judged::blocked("broken_chain", "the chain does not follow"),
        }
    }

    fn take_in(
        &self,
        slot: &mut Slot<W>,
        envelope: &Envelope,
        decoded: Decoded<W::Event>,
    ) -> Judged {
        let mark = slot.mark();
        let taken = catch_unwind(AssertUnwindSafe(|| {
            slot.take_in(self.work, envelope, decoded)
        }));
        let detail = match taken {
            Ok(Ok(())) => {
                slot.look = true;
                slot.traceparent.clone_from(&envelope.traceparent);
                return Judged::TakenIn;
            }
            Ok(Err(invariant)) => invariant,
            Err(_) => "taking it in broke down".to_owned(),
        };
        slot.return_to(mark);
        Judged::blocked("invariant", detail)
    }

    /// The right event takes a block away; an own one that was unknown starts recovery.
    fn note_taken_in(&mut self, slot: &mut Slot<W>, envelope: &Envelope, record: &Record) {
        let healed = |reason: &str| HEALED_BY_THE_RIGHT_EVENT.contains(&reason);
        if slot.flags.blocked.as_deref().is_some_and(healed) {
            slot.flags.blocked = None;
        }
        // A record that is tried again was parked by this database: it knows the word.
        let fresh = record.parked_id.is_none();
        if envelope.source == self.work.source() && fresh && !self.recovering {
            tracing::error!(alarm = "own_word_unknown", case.id = %envelope.subject, "an own event was not in the database: recovering");
            self.own_word_unknown = true;
            let raw = &record.raw;
            self.demands
                .push((raw.topic.clone(), raw.partition, raw.offset + 1));
        }
    }

    /// Takes in what waited for the event just taken in; what waits still keeps the subject blocked.
    fn drain_waiting(&mut self, slot: &mut Slot<W>) {
        let mut left = self.waiting.remove(&slot.subject).unwrap_or_default();
        loop {
            let before = left.len();
            let mut still = Vec::with_capacity(before);
            for waiting in left {
                let Ok(envelope) = Envelope::read(&waiting.record) else {
                    continue;
                };
                match self.judge(slot, &envelope) {
                    Judged::TakenIn | Judged::Dropped => self.release(&waiting),
                    Judged::Parked { reason: GAP, .. } => still.push(waiting),
                    Judged::Parked {
                        reason,
                        detail,
                        blocks,
                    } => self.set_aside(slot, &envelope, &waiting.record, reason, detail, blocks),
                }
            }
            left = still;
            if left.is_empty() || left.len() == before {
                break;
            }
        }
        slot.flags.waiting = !left.is_empty();
        if !left.is_empty() {
            slot.flags.blocked.get_or_insert_with(|| GAP.to_owned());
            self.waiting.insert(slot.subject, left);
        }
    }

    /// Takes a record that waited out of the parking.
    fn release(&mut self, waiting: &Waiting) {
        match waiting.id {
            Some(id) => self.unpark.push(id),
            None => {
                let place = |raw: &RawRecord| (raw.partition, raw.offset);
                self.park
                    .retain(|parked| place(&parked.record) != place(&waiting.record));
            }
        }
    }

    fn park(
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

    /// Positions after these records; records tried again do not move them.
    pub(super) fn positions(&self, records: &[&Record]) -> Vec<(String, i32, i64, Option<Uuid>)> {
        let mut last: BTreeMap<(&str, i32), (i64, Option<Uuid>)> = BTreeMap::new();
        for record in records.iter().filter(|record| record.parked_id.is_none()) {
            let id = record.envelope.as_ref().ok().map(|envelope| envelope.id);
            let entry = last
                .entry((&record.raw.topic, record.raw.partition))
                .or_insert((0, None));
            if record.raw.offset >= entry.0 {
                *entry = (record.raw.offset + 1, id);
            }
        }
        last.into_iter()
            .map(|((topic, partition), (next, id))| (topic.to_owned(), partition, next, id))
            .collect()
    }
}
