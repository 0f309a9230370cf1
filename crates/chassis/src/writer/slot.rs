//! One subject within a batch: where it stood, where it stands now, what was added.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tracing::Span;
use uuid::Uuid;

use crate::admission::{Admission, Heads, Position, admit, encode_heads};
use crate::envelope::{Envelope, Kind};
use crate::store::batch::{EventRow, Expected, SubjectRow};
use crate::store::subjects::Row;
use crate::telemetry;
use crate::work::{Decoded, Place, Work};

/// Why a record is parked that waits for an earlier one.
pub(super) const GAP: &str = "gap";

pub(super) struct Slot<W: Work> {
    pub(super) subject: Uuid,
    expected: Option<(i64, Vec<u8>)>,
    pub(super) position: Position,
    /// Shared with marks: a state is never changed, only replaced.
    pub(super) state: Option<Arc<W::State>>,
    before: Option<Arc<W::State>>,
    changed: bool,
    flags_before: Flags,
    pub(super) flags: Flags,
    pub(super) space: String,
    kept: Vec<EventRow>,
    pub(super) events: Vec<W::Event>,
    /// The stored state is of a later format: the subject is left alone.
    pub(super) foreign: Option<(i32, Vec<u8>)>,
    /// What the next events are caused by.
    pub(super) traceparent: Option<String>,
    /// What is done to this subject in this batch.
    pub(super) spans: Vec<Span>,
    /// Steps may be asked now (its partition is caught up).
    pub(super) may_act: bool,
    /// Overdue and steps are to be asked.
    pub(super) look: bool,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) step_pending: bool,
    pub(super) waiting: bool,
    pub(super) blocked: Option<String>,
}

/// What a slot can be put back to.
pub(super) struct Mark<W: Work> {
    position: Position,
    state: Option<Arc<W::State>>,
    kept: usize,
    events: usize,
}

impl<W: Work> Slot<W> {
    pub(super) fn new(subject: Uuid, space: String) -> Self {
        let flags = Flags {
            step_pending: false,
            waiting: false,
            blocked: None,
        };
        Self {
            subject,
            expected: None,
            position: Position::start(),
            state: None,
            before: None,
            changed: false,
            flags_before: flags.clone(),
            flags,
            space,
            kept: Vec::new(),
            events: Vec::new(),
            foreign: None,
            traceparent: None,
            spans: Vec::new(),
            may_act: true,
            look: false,
        }
    }

    pub(super) fn from_row(work: &W, row: Row) -> Self {
        let mut slot = Self::new(row.subject, row.space);
        let version = i64::try_from(row.position.version).expect("the store holds it as bigint");
        slot.expected = Some((version, encode_heads(&row.position.seen)));
        slot.flags_before = Flags {
            step_pending: row.step_pending,
            waiting: row.waiting,
            blocked: row.blocked,
        };
        slot.flags = slot.flags_before.clone();
        if row.state_format > work.state_format() {
            slot.foreign = Some((row.state_format, row.state));
        } else if row.position.version > 0 {
            match work.decode_state(&row.state) {
                Ok(state) => slot.state = Some(Arc::new(state)),
                Err(error) => {
                    tracing::error!(alarm = "state_unreadable", case.id = %row.subject, error = format!("{error:#}"), "a stored state cannot be read");
                    slot.foreign = Some((row.state_format, row.state));
                    slot.flags.blocked = Some("state_unreadable".into());
                }
            }
        }
        slot.position = row.position;
        slot
    }

    /// Why commands, deadlines and steps wait.
    pub(super) fn blocked(&self) -> Option<&str> {
        match (&self.flags.blocked, &self.foreign) {
            (Some(reason), _) => Some(reason),
            (None, Some(_)) => Some("later_state_format"),
            (None, None) => None,
        }
    }

    pub(super) fn admission(&self, work: &W, envelope: &Envelope, absorbed: &Heads) -> Admission {
        admit(
            &self.position,
            work.owner(self.state.as_deref()),
            envelope,
            absorbed,
        )
    }

    /// Takes an admitted event in.
    pub(super) fn take_in(
        &mut self,
        work: &W,
        envelope: &Envelope,
        decoded: Decoded<W::Event>,
    ) -> Result<(), String> {
        let next = work.evolve(self.state.as_deref(), &decoded.event)?;
        self.replace(next);
        self.space = decoded.space;
        self.position.advance(envelope, &decoded.absorbed);
        if work.archives() || envelope.source == work.source() {
            self.kept.push(EventRow {
                envelope: envelope.clone(),
                publish: None,
            });
        }
        self.events.push(decoded.event);
        Ok(())
    }

    /// Appends own events.
    pub(super) fn append(
        &mut self,
        work: &W,
        topic: &str,
        drafts: Vec<W::Draft>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let source = work.source();
        for draft in drafts {
            let kind = work.kind(&draft);
            let sequence = 1 + match kind {
                Kind::Decision => self.position.version,
                Kind::Notice => self
                    .position
                    .seen
                    .get(source)
                    .map_or(0, |head| head.sequence),
            };
            let absorbed = match kind {
                Kind::Decision => self.position.seen.clone(),
                Kind::Notice => Heads::new(),
            };
            let place = Place {
                subject: self.subject,
                id: Uuid::now_v7(),
                sequence,
                occurred_at: now,
                absorbed: &absorbed,
            };
            let sealed = work.seal(draft, &place, self.state.as_deref());
            let mut envelope = Envelope {
                id: place.id,
                kind,
                event_type: sealed.event_type.to_owned(),
                source: source.to_owned(),
                time: now,
                subject: self.subject,
                sequence,
                traceparent: self.traceparent.clone(),
                chain: [0; 32],
                value: Bytes::from(sealed.value),
            };
            envelope.chain = envelope.chain_after(&self.position.previous_chain(kind, source));
            let next = work.evolve(self.state.as_deref(), &sealed.event)?;
            self.replace(next);
            self.position.advance(&envelope, &absorbed);
            self.kept.push(EventRow {
                envelope,
                publish: Some(topic.to_owned()),
            });
            self.events.push(sealed.event);
        }
        Ok(())
    }

    /// What is appended from here on is caused by `span`, or by `cause` itself where that is not traced.
    pub(super) fn follow(&mut self, span: Span, cause: Option<&str>) {
        self.traceparent = telemetry::inject(&span).or_else(|| cause.map(str::to_owned));
        if !span.is_disabled() {
            self.spans.push(span);
        }
    }

    fn replace(&mut self, next: W::State) {
        let old = self.state.replace(Arc::new(next));
        if !self.changed {
            self.before = old;
            self.changed = true;
        }
    }

    pub(super) fn mark(&self) -> Mark<W> {
        Mark {
            position: self.position.clone(),
            state: self.state.clone(),
            kept: self.kept.len(),
            events: self.events.len(),
        }
    }

    pub(super) fn return_to(&mut self, mark: Mark<W>) {
        self.position = mark.position;
        self.kept.truncate(mark.kept);
        self.events.truncate(mark.events);
        if self.events.is_empty() {
            self.changed = false;
            self.before = None;
        }
        self.state = mark.state;
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.changed || self.flags != self.flags_before
    }

    pub(super) fn was_changed(&self) -> bool {
        self.changed
    }

    pub(super) fn before(&self) -> Option<&W::State> {
        self.before.as_deref()
    }

    /// The deadline row to write: the subject's next due instant, if it has to change.
    pub(super) fn deadline(&self, work: &W) -> Option<(Uuid, String, Option<DateTime<Utc>>)> {
        let mine = |state: Option<&W::State>| {
            state
                .filter(|state| work.owner(Some(state)) == work.source())
                .and_then(|state| work.next_due(state))
        };
        let (before, after) = (mine(self.before.as_deref()), mine(self.state.as_deref()));
        (self.changed && before != after).then(|| (self.subject, self.space.clone(), after))
    }

    /// The rows to write.
    pub(super) fn into_rows(self, work: &W) -> (SubjectRow, Vec<EventRow>) {
        let (state_format, state) = match (self.foreign, &self.state) {
            (Some(foreign), _) => foreign,
            (None, Some(state)) => (work.state_format(), work.encode_state(state)),
            (None, None) => (0, Vec::new()),
        };
        let before = self.flags_before;
        let expected = self.expected.map(|(version, seen)| Expected {
            version,
            seen,
            step_pending: before.step_pending,
            waiting: before.waiting,
            blocked: before.blocked,
        });
        let row = SubjectRow {
            subject: self.subject,
            expected,
            space: self.space,
            state_format,
            version: i64::try_from(self.position.version)
                .expect("versions count events of one subject"),
            last_id: self.position.last_id,
            chain: self.position.chain.to_vec(),
            seen: encode_heads(&self.position.seen),
            state,
            step_pending: self.flags.step_pending,
            waiting: self.flags.waiting,
            blocked: self.flags.blocked,
        };
        (row, self.kept)
    }
}
