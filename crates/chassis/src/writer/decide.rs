//! Deciding within a batch: overdue deadlines, then steps, then commands, one after another. No storage handle in scope.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::slot::Slot;
use super::{Answer, Call, CallError};
use crate::telemetry;
use crate::work::{NextStep, Work};

/// More follow-ups than any lifecycle has: beyond it the subject turns in a circle.
const MOST_FOLLOW_UPS: usize = 64;

pub(super) struct Decider<'a, W: Work> {
    pub(super) work: &'a W,
    pub(super) topic: &'a str,
    pub(super) facts: &'a W::Facts,
    pub(super) acts: bool,
    /// Calls, records and wakes that share the transaction.
    pub(super) batch_size: usize,
}

enum Tried<R> {
    Done,
    Refused(R),
    Defect(Uuid),
}

impl<W: Work> Decider<'_, W> {
    /// Overdue deadlines, then steps, until the state asks for nothing more.
    pub(super) fn follow_up(&self, slot: &mut Slot<W>, now: DateTime<Utc>) {
        if slot.blocked().is_some() || slot.state.is_none() {
            return;
        }
        if !self.acts {
            slot.flags.step_pending = true;
            return;
        }
        for _ in 0..MOST_FOLLOW_UPS {
            let next = catch_unwind(AssertUnwindSafe(|| self.next(slot, now)));
            let command = match next {
                Ok(NextStep::None) => {
                    slot.flags.step_pending = false;
                    return;
                }
                Ok(NextStep::Lacking) => {
                    slot.flags.step_pending = true;
                    return;
                }
                Ok(NextStep::Do(command)) => command,
                Err(_) => {
                    tracing::error!(alarm = "panic", case.id = %slot.subject, "the pure core panicked");
                    slot.flags.blocked = Some("defect".into());
                    return;
                }
            };
            match self.try_one(slot, &command, now) {
                Tried::Done => {}
                Tried::Refused(refusal) => {
                    tracing::error!(alarm = "step_refused", case.id = %slot.subject, refusal = ?refusal, "what the state asked for was refused");
                    slot.flags.blocked = Some("step_refused".into());
                    return;
                }
                Tried::Defect(_) => {
                    slot.flags.blocked = Some("defect".into());
                    return;
                }
            }
        }
        tracing::error!(alarm = "step_circle", case.id = %slot.subject, "the state keeps asking for steps");
        slot.flags.blocked = Some("step_circle".into());
    }

    /// The earliest passed deadline, else the state's own step; a step waits until the partition is caught up.
    fn next(&self, slot: &Slot<W>, now: DateTime<Utc>) -> NextStep<W::Command> {
        let Some(state) = slot.state.as_deref() else {
            return NextStep::None;
        };
        let mine = self.work.owner(Some(state)) == self.work.source();
        let overdue = mine.then(|| self.work.overdue(state, now)).flatten();
        match overdue {
            Some(command) => NextStep::Do(command),
            None if slot.may_act => self.work.next_step(slot.subject, state, self.facts),
            None => NextStep::Lacking,
        }
    }

    /// One call on its subject.
    pub(super) fn call(
        &self,
        slot: &mut Slot<W>,
        call: &Call<W::Command>,
        now: DateTime<Utc>,
    ) -> Result<Answer, CallError<W::Refusal>> {
        if let Some(reason) = slot.blocked() {
            return Err(CallError::Parked(reason.to_owned()));
        }
        if slot.state.is_none() && !call.creates {
            return Err(CallError::NotFound);
        }
        let cause = call.traceparent.as_deref();
        let span = telemetry::write_span(cause, call.subject, self.batch_size);
        let _entered = span.clone().entered();
        slot.follow(span, cause);
        self.follow_up(slot, now);
        if let Some(reason) = slot.blocked() {
            return Err(CallError::Parked(reason.to_owned()));
        }
        if let Some(etag) = &call.etag
            && *etag != slot.position.etag()
        {
            return Err(CallError::EtagDiffers(slot.position.etag()));
        }
        match self.try_one(slot, &call.command, now) {
            Tried::Done => {
                self.follow_up(slot, now);
                let state = slot
                    .state
                    .as_ref()
                    .expect("a command that was taken leaves a state");
                let response =
                    self.work
                        .respond(&call.command, slot.subject, state, &slot.position);
                Ok(Answer {
                    response,
                    replayed: false,
                })
            }
            Tried::Refused(refusal) => Err(CallError::Refused(refusal)),
            Tried::Defect(id) => Err(CallError::Defect(id)),
        }
    }

    fn try_one(
        &self,
        slot: &mut Slot<W>,
        command: &W::Command,
        now: DateTime<Utc>,
    ) -> Tried<W::Refusal> {
        let mark = slot.mark();
        let now = slot
            .state
            .as_ref()
            .map_or(now, |state| now.max(self.work.last_time(state)));
        if slot.state.is_none()
            && let Some(space) = self.work.space_of(command)
        {
            slot.space = space.to_owned();
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            match self.work.decide(
                slot.subject,
                slot.state.as_deref(),
                command,
                self.facts,
                now,
            ) {
                Ok(drafts) => slot.append(self.work, self.topic, drafts, now).map_err(Err),
                Err(refusal) => Err(Ok(refusal)),
            }
        }));
        match outcome {
            Ok(Ok(())) => Tried::Done,
            Ok(Err(Ok(refusal))) => {
                slot.return_to(mark);
                Tried::Refused(refusal)
            }
            Ok(Err(Err(invariant))) => {
                slot.return_to(mark);
                let id = Uuid::new_v4();
                tracing::error!(alarm = "invariant", alarm.id = %id, case.id = %slot.subject, invariant, "a decision broke an invariant");
                Tried::Defect(id)
            }
            Err(_) => {
                slot.return_to(mark);
                let id = Uuid::new_v4();
                tracing::error!(alarm = "panic", alarm.id = %id, case.id = %slot.subject, "the pure core panicked");
                Tried::Defect(id)
            }
        }
    }
}
