//! One service: its database, and what it does with it. A fault is something that must never come about.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use case::decide::ensure_owner;
use case::event::{EventMeta, Kind};
use case::step::command_of;
use case::{Actor, Body, Case, CaseId, Command, Facts, Recorded, Service};
use case::{decide, next_step, overdue};
use chassis::admission::Heads as SeenHeads;
use chassis::envelope::{Envelope, Kind as EnvelopeKind};
use chrono::{DateTime, TimeDelta, Utc};
use law::{Law, RuleSet};
use uuid::Uuid;

use crate::row::{Fault, Judged, Row, case_heads, fold, judge};
use crate::turn::PARTITIONS;

/// How far a partition was read: the next record's place, and the id of the one before it.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    next: usize,
    last: Option<Uuid>,
}

/// What survives a death; one value is one commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Database {
    pub(crate) rows: BTreeMap<Uuid, Row>,
    /// Own events.
    pub(crate) kept: Vec<Envelope>,
    pub(crate) outbox: VecDeque<Envelope>,
    places: [Place; PARTITIONS],
    /// Ends to reach before anything is done.
    recovering: [usize; PARTITIONS],
}

#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) me: Service,
    pub(crate) database: Database,
    copy: Option<Database>,
    pub(crate) up: bool,
    /// Ends of the log when it started: until there it only takes in.
    start: [usize; PARTITIONS],
    skew: TimeDelta,
    law: Law,
    /// Events that had to wait for others.
    pub(crate) gaps: usize,
}

impl Office {
    pub(crate) fn new(me: Service, skew: TimeDelta) -> Self {
        Self {
            me,
            database: Database::default(),
            copy: None,
            up: true,
            start: [0; PARTITIONS],
            skew,
            law: Law::default(),
            gaps: 0,
        }
    }

    /// Whether it may act: everything that was there at its start, or before its recovery, is taken in.
    pub(crate) fn acts(&self) -> bool {
        let reached = |partition: usize| {
            let end = self.start[partition].max(self.database.recovering[partition]);
            self.database.places[partition].next >= end
        };
        self.up && (0..PARTITIONS).all(reached)
    }

    pub(crate) fn crash(&mut self) {
        self.up = false;
    }

    pub(crate) fn start(&mut self, ends: [usize; PARTITIONS]) {
        if !self.up {
            self.up = true;
            self.start = ends;
        }
    }

    pub(crate) fn back_up(&mut self) {
        self.copy = Some(self.database.clone());
    }

    /// Puts the copy in the database's place and starts again.
    pub(crate) fn restore(&mut self, ends: [usize; PARTITIONS], told: bool) -> bool {
        let Some(copy) = self.copy.clone() else {
            return false;
        };
        self.database = copy;
        if told {
            self.database.recovering = ends;
        }
        self.up = false;
        self.start(ends);
        true
    }

    pub(crate) fn read_again(&mut self, partition: usize) {
        self.database.places[partition] = Place::default();
    }

    /// A partition is shorter now. Whoever runs finds its position beyond the end; whoever does not gets it taken away, and so
    /// does a copy, as docs/runbooks/log-cut.md says: the very record that was read last may come to stand at the very same
    /// place again, behind others. Nobody waits for what was lost.
    pub(crate) fn shorten(&mut self, partition: usize, end: usize) {
        let databases = [Some(&mut self.database), self.copy.as_mut()];
        for database in databases.into_iter().flatten() {
            if database.places[partition].next > end {
                database.places[partition] = Place::default();
            }
        }
        for ends in [&mut self.start, &mut self.database.recovering] {
            ends[partition] = ends[partition].min(end);
        }
    }

    /// Reads a partition on, from its beginning when it is not the one that was read.
    pub(crate) fn read(
        &mut self,
        partition: usize,
        log: &[Envelope],
        records: usize,
    ) -> Result<(), Fault> {
        if !self.up {
            return Ok(());
        }
        let place = &mut self.database.places[partition];
        let before = place.next.checked_sub(1).and_then(|at| log.get(at));
        if before.map(|envelope| envelope.id) != place.last {
            *place = Place::default();
        }
        let from = self.database.places[partition].next;
        for envelope in log.iter().skip(from).take(records) {
            self.take_in(envelope)?;
            let place = &mut self.database.places[partition];
            place.next += 1;
            place.last = Some(envelope.id);
        }
        Ok(())
    }

    pub(crate) fn has_read(&self, ends: [usize; PARTITIONS]) -> bool {
        self.database.places.map(|place| place.next) == ends
    }

    fn take_in(&mut self, envelope: &Envelope) -> Result<(), Fault> {
        let (me, subject) = (self.me, envelope.subject);
        let row = self.database.rows.entry(subject).or_default();
        match judge(me, row, envelope)? {
            Some(Judged::Waits) => {
                if row.waiting.iter().all(|known| known.id != envelope.id) {
                    row.waiting.push(envelope.clone());
                    self.gaps += 1;
                }
                return Ok(());
            }
            None => return Ok(()),
            Some(Judged::TakenIn) => {}
        }
        let mut taken = vec![envelope.clone()];
        // what waited for it
        loop {
            let mut waiting = std::mem::take(&mut row.waiting);
            let before = waiting.len();
            let mut left = Vec::new();
            for envelope in waiting.drain(..) {
                match judge(me, row, &envelope)? {
                    Some(Judged::Waits) => left.push(envelope),
                    Some(Judged::TakenIn) => taken.push(envelope),
                    None => {}
                }
            }
            row.waiting = left;
            if row.waiting.len() == before {
                break;
            }
        }
        let own = taken.into_iter().filter(|taken| taken.source == me.code());
        self.database.kept.extend(own);
        Ok(())
    }

    /// Decides a command; `Ok(false)`: refused, and nothing has changed.
    pub(crate) fn give(
        &mut self,
        subject: Uuid,
        command: &Command,
        facts: &Facts,
        now: DateTime<Utc>,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<bool, Fault> {
        let mut row = self
            .database
            .rows
            .get(&subject)
            .cloned()
            .unwrap_or_default();
        if !row.waiting.is_empty() {
            return Ok(false);
        }
        let now = now + self.skew;
        let now = row.case.as_ref().map_or(now, |case| now.max(case.at));
        let kind = command.body.kind();
        if ensure_owner(row.case.as_ref(), kind, self.me).is_err() {
            return Ok(false);
        }
        let Ok(events) = decide(row.case.as_ref(), command, facts, &self.law, now) else {
            return Ok(false);
        };
        let mut envelopes = Vec::new();
        for event in events {
            envelopes.push(self.append(&mut row, subject, command, event, now, ids())?);
        }
        self.database.kept.extend(envelopes.iter().cloned());
        self.database.outbox.extend(envelopes);
        self.database.rows.insert(subject, row);
        Ok(true)
    }

    fn append(
        &self,
        row: &mut Row,
        subject: Uuid,
        command: &Command,
        event: case::Event,
        now: DateTime<Utc>,
        id: Uuid,
    ) -> Result<Envelope, Fault> {
        let (me, source) = (self.me, self.me.code());
        let decision = event.kind() == Kind::Decision;
        let absorbed = if decision {
            row.position.seen.clone()
        } else {
            SeenHeads::new()
        };
        let sequence = 1 + if decision {
            row.position.version
        } else {
            row.position
                .seen
                .get(source)
                .map_or(0, |head| head.sequence)
        };
        let rule_set = row
            .case
            .as_ref()
            .map_or_else(|| RuleSet::on(law::day::day_of(now)), Case::rule_set);
        let meta = EventMeta {
            space: "main".to_owned(),
            occurred_at: now,
            recorded_at: now,
            actor: command.by.clone(),
            cause: "simulation".to_owned(),
            rule_set,
            imported: false,
            notice_heads: case_heads(&absorbed),
        };
        let encoded = proto::event::encode(&event, &meta);
        let mut envelope = Envelope {
            id,
            kind: if decision {
                EnvelopeKind::Decision
            } else {
                EnvelopeKind::Notice
            },
            event_type: encoded.event_type.to_owned(),
            source: source.to_owned(),
            time: now,
            subject,
            sequence,
            traceparent: None,
            chain: [0; 32],
            value: Bytes::from(encoded.value),
        };
        let previous = row.position.previous_chain(envelope.kind, source);
        envelope.chain = envelope.chain_after(&previous);
        let recorded = Recorded {
            id,
            case_id: CaseId(subject),
            source: me,
            sequence,
            meta,
            event,
        };
        fold(me, row, &recorded)?;
        row.position.advance(&envelope, &absorbed);
        Ok(envelope)
    }

    /// Passed deadlines, then steps, until the case asks for nothing more.
    pub(crate) fn follow_up(
        &mut self,
        subject: Uuid,
        route: &Facts,
        now: DateTime<Utc>,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<(), Fault> {
        const MOST: usize = 64;
        for _ in 0..MOST {
            let row = self.database.rows.get(&subject);
            let Some(case) = row
                .filter(|row| row.waiting.is_empty())
                .and_then(|row| row.case.as_ref())
            else {
                return Ok(());
            };
            let at = (now + self.skew).max(case.at);
            let mine = case.state.owner() == self.me;
            let due = mine.then(|| overdue(case, at)).flatten();
            let step = || next_step(case, self.me).map(|step| command_of(case, step));
            let Some(command) = due.or_else(step) else {
                return Ok(());
            };
            if !self.give(subject, &command, route, now, ids)? {
                let kind = command.body.kind();
                return Err(format!(
                    "{}: {kind} was refused, which the case asked for",
                    self.me
                ));
            }
        }
        Err(format!("{}: the case asks for steps without end", self.me))
    }

    /// Files a complaint.
    pub(crate) fn file(
        &mut self,
        subject: Uuid,
        by: Actor,
        filing: case::Filing,
        now: DateTime<Utc>,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<(), Fault> {
        let body = Body::FileComplaint {
            id: CaseId(subject),
            space: "main".to_owned(),
            filing: std::sync::Arc::new(filing),
        };
        match self.give(subject, &Command { by, body }, &Facts::None, now, ids)? {
            true => Ok(()),
            false => Err("a filing was refused".to_owned()),
        }
    }
}
