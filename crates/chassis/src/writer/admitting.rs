//! Records of a batch: each is admitted, dropped, or parked with its reason. Pure but for two reads.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use sqlx::PgConnection;
use uuid::Uuid;

use super::Record;
use super::slot::{GAP, Slot};
use crate::admission::{Admission, Heads, Position};
use crate::envelope::{Envelope, Kind, RawRecord};
use crate::store::parked::{self, Parked, ToPark};
use crate::store::subjects;
use crate::work::{Undecodable, Work};

/// Blocks that the arrival of the right event takes away.
const HEALED_BY_THE_RIGHT_EVENT: [&str; 3] = [GAP, "broken_chain", "unknown_type"];

/// Own records are normally duplicates: those an unlocked look shows to be are dropped before the lock.
pub(super) async fn without_own_duplicates<'a, W: Work>(
    work: &W,
    connection: &mut PgConnection,
    records: &[&'a Record],
) -> sqlx::Result<Vec<&'a Record>> {
    let own = |record: &Record| {
        record
            .envelope
            .as_ref()
            .ok()
            .filter(|e| !record.registry && record.parked_id.is_none() && e.source == work.source())
            .cloned()
    };
    let own_subjects: Vec<Uuid> = records
        .iter()
        .filter_map(|record| own(record))
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
        .filter(|record| !own(record).is_some_and(|envelope| is_duplicate(&envelope)))
        .collect())
}

pub(super) struct Admitting<'a, W: Work> {
    work: &'a W,
    recovering: bool,
    waiting: BTreeMap<Uuid, Vec<Parked>>,
    pub(super) rows: W::Rows,
    pub(super) park: Vec<ToPark>,
    pub(super) unpark: Vec<i64>,
    /// An own event came as the next one outside recovery: the database is older than its words.
    pub(super) own_word_unknown: bool,
    pub(super) demands: Vec<(String, i32, i64)>,
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

impl<'a, W: Work> Admitting<'a, W> {
    pub(super) fn new(work: &'a W, recovering: bool) -> Self {
        Self {
            work,
            recovering,
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
                    self.waiting.entry(subject).or_default().push(row);
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
            let rows = &mut self.rows;
            match self.work.registry(envelope, rows) {
                Ok(()) => self.unpark.extend(record.parked_id),
                Err(Undecodable::Unknown(what)) => {
                    self.park(&record.raw, Some(envelope), "unknown_type", what)
                }
                Err(Undecodable::Garbage(what)) => {
                    self.park(&record.raw, Some(envelope), "garbage", what)
                }
            }
            return;
        }
        let slot = slots
            .get_mut(&envelope.subject)
            .expect("every record's subject has a slot");
        slot.may_act &= record.caught_up;
        match self.judge(slot, envelope, &record.raw) {
            Judged::TakenIn => {
                self.unpark.extend(record.parked_id);
                self.drain_waiting(slot);
            }
            Judged::Dropped => self.unpark.extend(record.parked_id),
            Judged::Parked {
                reason,
                detail,
                blocks,
            } => self.set_aside(slot, envelope, &record.raw, reason, detail, blocks),
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
        if reason == GAP {
            slot.flags.waiting = true;
        }
        if blocks && slot.flags.blocked.is_none() {
            slot.flags.blocked = Some(reason.to_owned());
        }
        self.park(raw, Some(envelope), reason, detail);
    }

    fn judge(&mut self, slot: &mut Slot<W>, envelope: &Envelope, raw: &RawRecord) -> Judged {
        let parked = |reason, detail: &str, blocks| Judged::Parked {
            reason,
            detail: detail.to_owned(),
            blocks,
        };
        if slot.foreign.is_some() {
            return parked(
                "unknown_type",
                "the stored state is of a later format",
                true,
            );
        }
        let mut decoded = None;
        let mut admission = slot.admission(self.work, envelope, &Heads::new());
        if admission == Admission::Next {
            match self.work.decode_event(envelope) {
                Ok(event) => {
                    admission = slot.admission(self.work, envelope, &event.absorbed);
                    decoded = Some(event);
                }
                Err(Undecodable::Unknown(what)) => return parked("unknown_type", &what, true),
                Err(Undecodable::Garbage(what)) => return parked("garbage", &what, false),
            }
        }
        match admission {
            Admission::Next => {}
            Admission::Duplicate => return Judged::Dropped,
            Admission::Gap => return parked(GAP, "an earlier event is missing", true),
            Admission::Conflict => {
                return parked("conflict", "another event stands at this place", false);
            }
            Admission::WrongSource => {
                return parked("wrong_source", "the source does not own the state", false);
            }
            Admission::Broken => return parked("broken_chain", "the chain does not follow", true),
        }
        let decoded = decoded.expect("the next event was read");
        let mark = slot.mark();
        let taken = catch_unwind(AssertUnwindSafe(|| {
            slot.take_in(self.work, envelope, decoded)
        }));
        let detail = match taken {
            Ok(Ok(())) => {
                self.note_taken_in(slot, envelope, raw);
                return Judged::TakenIn;
            }
            Ok(Err(invariant)) => invariant,
            Err(_) => "the pure core panicked".to_owned(),
        };
        slot.return_to(mark);
        parked("invariant", &detail, true)
    }

    fn note_taken_in(&mut self, slot: &mut Slot<W>, envelope: &Envelope, raw: &RawRecord) {
        slot.look = true;
        slot.traceparent.clone_from(&envelope.traceparent);
        if slot
            .flags
            .blocked
            .as_deref()
            .is_some_and(|reason| HEALED_BY_THE_RIGHT_EVENT.contains(&reason))
            && !slot.flags.waiting
        {
            slot.flags.blocked = None;
        }
        if envelope.source == self.work.source() && !self.recovering {
            tracing::error!(alarm = "own_word_unknown", case.id = %envelope.subject, "an own event was not in the database: recovering");
            self.own_word_unknown = true;
            self.demands
                .push((raw.topic.clone(), raw.partition, raw.offset + 1));
        }
    }

    fn drain_waiting(&mut self, slot: &mut Slot<W>) {
        let Some(mut left) = self.waiting.remove(&slot.subject) else {
            return;
        };
        loop {
            let before = left.len();
            let mut still = Vec::with_capacity(before);
            for row in left {
                let Ok(envelope) = Envelope::read(&row.record) else {
                    continue;
                };
                match self.judge(slot, &envelope, &row.record) {
                    Judged::TakenIn | Judged::Dropped => self.unpark.push(row.id),
                    Judged::Parked { reason: GAP, .. } => still.push(row),
                    Judged::Parked {
                        reason,
                        detail,
                        blocks,
                    } => self.set_aside(slot, &envelope, &row.record, reason, detail, blocks),
                }
            }
            left = still;
            if left.is_empty() || left.len() == before {
                break;
            }
        }
        slot.flags.waiting = !left.is_empty();
        if left.is_empty() {
            if slot.flags.blocked.as_deref() == Some(GAP) {
                slot.flags.blocked = None;
            }
        } else {
            self.waiting.insert(slot.subject, left);
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
