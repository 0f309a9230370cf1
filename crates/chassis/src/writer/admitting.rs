//! Records of a batch: each is admitted, dropped, or parked with its reason. Pure.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use uuid::Uuid;

use super::parking::{self, BROKEN, Blocking, DATA, Parking};
use super::slot::{GAP, Slot};
use super::{Origin, Record};
use crate::admission::{Admission, Heads};
use crate::envelope::Envelope;
use crate::store::batch::PositionRow;
use crate::telemetry;
use crate::work::{Decoded, Undecodable, Work};

pub(super) struct Admitting<'a, W: Work> {
    work: &'a W,
    recovering: bool,
    /// The store did not take these records: they are set aside without another try.
    spoilt: bool,
    pub(super) rows: W::Rows,
    pub(super) parking: Parking,
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
            rows: W::Rows::default(),
            parking: Parking::default(),
            own_word_unknown: false,
            demands: Vec::new(),
        }
    }

    /// Admits one record.
    pub(super) fn record(&mut self, slots: &mut BTreeMap<Uuid, Slot<W>>, record: &Record) {
        let envelope = match &record.envelope {
            Ok(envelope) => envelope,
            Err(malformed) => {
                let detail = malformed.to_string();
                return self.parking.park(&record.raw, None, "garbage", detail);
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
            Judged::blocked(DATA, "the store did not take it")
        } else {
            self.judge(slot, envelope)
        };
        match judged {
            Judged::TakenIn => {
                self.parking.unpark(record.parked_id());
                self.watch_own_words(envelope, record);
                self.heal(slot);
            }
            Judged::Dropped => self.parking.unpark(record.parked_id()),
            Judged::Parked {
                reason,
                detail,
                blocks,
            } => {
                if blocks {
                    self.parking.note(slot.subject, record, reason);
                    slot.flags.waiting |= reason == GAP;
                    slot.flags.blocked.get_or_insert_with(|| reason.to_owned());
                }
                self.parking
                    .park(&record.raw, Some(envelope), reason, detail);
            }
        }
    }

    fn registry_record(&mut self, record: &Record, envelope: &Envelope) {
        if self.spoilt {
            let detail = "the store did not take it".to_owned();
            return self.parking.park(&record.raw, Some(envelope), DATA, detail);
        }
        let (reason, detail) = match self.work.registry(envelope, &mut self.rows) {
            Ok(()) => return self.parking.unpark(record.parked_id()),
            Err(Undecodable::Unknown(what)) => ("unknown_type", what),
            Err(Undecodable::Garbage(what)) => ("garbage", what),
        };
        self.parking
            .park(&record.raw, Some(envelope), reason, detail);
    }

    fn judge(&self, slot: &mut Slot<W>, envelope: &Envelope) -> Judged {
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
            (Admission::Broken, _) => Judged::blocked(BROKEN, "the chain does not follow"),
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
                let cause = envelope.traceparent.as_deref();
                slot.follow(telemetry::process_span(envelope), cause);
                return Judged::TakenIn;
            }
            Ok(Err(invariant)) => invariant,
            Err(_) => "taking it in broke down".to_owned(),
        };
        slot.return_to(mark);
        Judged::blocked("invariant", detail)
    }

    /// An own event that was unknown starts recovery. One that is tried again was parked by this database, which knows it.
    fn watch_own_words(&mut self, envelope: &Envelope, record: &Record) {
        let own = envelope.source == self.work.source();
        if own && record.parked_id().is_none() && !self.recovering {
            tracing::error!(alarm = "own_word_unknown", case.id = %envelope.subject, "an own event was not in the database: recovering");
            self.own_word_unknown = true;
            let raw = &record.raw;
            self.demands
                .push((raw.topic.clone(), raw.partition, raw.offset + 1));
        }
    }

    /// After an event was taken in: so is what waited for it, and what blocks no more lets go of the subject.
    fn heal(&mut self, slot: &mut Slot<W>) {
        let mut blocking = self.parking.take(slot.subject);
        loop {
            let (left, progress) = self.judge_again(slot, blocking);
            blocking = left;
            if !progress {
                break;
            }
        }
        slot.flags.waiting = blocking.iter().any(|left| left.reason == GAP);
        if slot.flags.blocked.as_deref().is_none_or(parking::heals) {
            // What came first blocks: a gap is what follows from it.
            let first = blocking.iter().find(|left| left.reason != GAP);
            slot.flags.blocked = first.or(blocking.first()).map(|left| left.reason.clone());
        }
        if !blocking.is_empty() {
            self.parking.give_back(slot.subject, blocking);
        }
    }

    /// Judges what blocked once more; gives what still does, and whether anything was taken in.
    fn judge_again(
        &mut self,
        slot: &mut Slot<W>,
        blocking: Vec<Blocking>,
    ) -> (Vec<Blocking>, bool) {
        let mut left = Vec::with_capacity(blocking.len());
        let mut progress = false;
        for mut record in blocking {
            let Ok(envelope) = Envelope::read(&record.record) else {
                continue;
            };
            let passed =
                slot.admission(self.work, &envelope, &Heads::new()) == Admission::Duplicate;
            if record.reason == DATA && !passed {
                left.push(record);
                continue;
            }
            match self.judge(slot, &envelope) {
                Judged::TakenIn => {
                    progress = true;
                    self.parking.release(&record);
                }
                Judged::Dropped if record.reason == BROKEN => {}
                Judged::Dropped => self.parking.release(&record),
                Judged::Parked {
                    reason,
                    detail,
                    blocks,
                } => {
                    if record.reason != reason {
                        reason.clone_into(&mut record.reason);
                        self.parking
                            .park(&record.record, Some(&envelope), reason, detail);
                    }
                    if blocks {
                        left.push(record);
                    }
                }
            }
        }
        (left, progress)
    }

    /// Positions after these records; records tried again do not move them.
    pub(super) fn positions(&self, records: &[&Record]) -> Vec<PositionRow> {
        let mut rows: BTreeMap<(&str, i32), PositionRow> = BTreeMap::new();
        for record in records {
            let Origin::Log { from, .. } = record.origin else {
                continue;
            };
            let raw = &record.raw;
            let row = rows
                .entry((&raw.topic, raw.partition))
                .or_insert_with(|| PositionRow {
                    topic: raw.topic.clone(),
                    partition: raw.partition,
                    from,
                    next_offset: 0,
                    last_id: None,
                });
            if raw.offset >= row.next_offset {
                row.next_offset = raw.offset + 1;
                row.last_id = record.envelope.as_ref().ok().map(|envelope| envelope.id);
            }
        }
        rows.into_values().collect()
    }
}
