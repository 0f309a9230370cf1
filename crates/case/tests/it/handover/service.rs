//! One service: what it has read, and what it has decided and not yet published.

use std::collections::VecDeque;

use case::decide::ensure_owner;
use case::step::command_of;
use case::{
    Actor, Body, Case, Command, EventMeta, Facts, Head, Heads, Kind, Reason, Recorded, Service,
    decide, evolve, next_step, overdue,
};
use chrono::{DateTime, Utc};
use law::Law;
use uuid::Uuid;

use crate::support::history::CASE;

pub(crate) struct Replica {
    pub(crate) me: Service,
    pub(crate) case: Option<Case>,
    pub(crate) outbox: VecDeque<Recorded>,
    seen: Heads,
    /// Ids of the decisions, by version.
    decisions: Vec<Uuid>,
    position: usize,
    law: Law,
}

impl Replica {
    pub(crate) fn new(me: Service) -> Self {
        Self {
            me,
            case: None,
            outbox: VecDeque::new(),
            seen: Heads::new(),
            decisions: Vec::new(),
            position: 0,
            law: Law::default(),
        }
    }

    /// Decides a command, if this service may, and keeps the event for publication.
    pub(crate) fn give(
        &mut self,
        by: Actor,
        body: Body,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> Result<(), Reason> {
        ensure_owner(self.case.as_ref(), body.kind(), self.me).map_err(|refusal| refusal.reason)?;
        let command = Command { by, body };
        let events = decide(self.case.as_ref(), &command, facts, &self.law, now)
            .map_err(|refusal| refusal.reason)?;
        for event in events {
            let version = self.decisions.len() as u64;
            let sequence = match event.kind() {
                Kind::Decision => version + 1,
                Kind::Notice => self.seen.get(&self.me).map_or(0, |head| head.sequence) + 1,
            };
            let occurred_at = self.case.as_ref().map_or(now, |case| now.max(case.at));
            let source = self.me.code();
            let name = format!("{source} {:?} {sequence}", event.kind());
            let recorded = Recorded {
                id: Uuid::new_v5(&CASE.0, name.as_bytes()),
                case_id: CASE,
                source: self.me,
                sequence,
                meta: EventMeta {
                    space: "main".to_owned(),
                    occurred_at,
                    recorded_at: now,
                    actor: command.by.clone(),
                    cause: "test".to_owned(),
                    rule_set: law::RuleSet::Order121,
                    imported: false,
                    notice_heads: self.seen.clone(),
                },
                event,
            };
            self.admit(&recorded);
            self.outbox.push_back(recorded);
        }
        Ok(())
    }

    /// Applies the passed deadlines of a state this service owns.
    pub(crate) fn wake(&mut self, now: DateTime<Utc>) {
        while let Some(case) = self
            .case
            .as_ref()
            .filter(|case| case.state.owner() == self.me)
        {
            let Some(command) = overdue(case, now) else {
                return;
            };
            self.give(command.by, command.body, &Facts::None, now)
                .expect("a passed deadline is never refused");
        }
    }

    /// Takes the steps of a state this service owns.
    pub(crate) fn step(&mut self, route: &Facts, now: DateTime<Utc>) {
        self.wake(now);
        while let Some(case) = &self.case {
            let Some(step) = next_step(case, self.me) else {
                return;
            };
            let command = command_of(case, step);
            self.give(command.by, command.body, route, now)
                .expect("a step is never refused");
        }
    }

    pub(crate) fn read(&mut self, log: &[Recorded], records: usize) {
        let end = log.len().min(self.position + records);
        for record in &log[self.position..end] {
            self.admit(record);
        }
        self.position = end;
    }

    pub(crate) fn read_again(&mut self, back: usize) {
        self.position = self.position.saturating_sub(back);
    }

    /// Takes a record in once; a record that does not fit would be a fork or a hole.
    fn admit(&mut self, record: &Recorded) {
        let me = self.me;
        match record.event.kind() {
            Kind::Decision => {
                let version = self.decisions.len() as u64;
                if record.sequence <= version {
                    let known = self.decisions[record.sequence as usize - 1];
                    assert_eq!(known, record.id, "{me} meets a fork");
                    return;
                }
                assert_eq!(record.sequence, version + 1, "{me} meets a hole");
                let owner = self
                    .case
                    .as_ref()
                    .map_or(Service::Intake, |case| case.state.owner());
                assert_eq!(
                    record.source, owner,
                    "{me} meets a decision that is not the owner's"
                );
                for (source, head) in &record.meta.notice_heads {
                    let seen = self.seen.get(source).map_or(0, |seen| seen.sequence);
                    assert!(
                        head.sequence <= seen,
                        "{me} has not read what the owner had"
                    );
                }
                self.decisions.push(record.id);
            }
            Kind::Notice => {
                let seen = self
                    .seen
                    .get(&record.source)
                    .map_or(0, |head| head.sequence);
                if record.sequence <= seen {
                    return;
                }
                assert_eq!(
                    record.sequence,
                    seen + 1,
                    "{me} meets a hole in the notices"
                );
                let head = Head {
                    sequence: record.sequence,
                    chain: [record.sequence as u8; 32],
                };
                self.seen.insert(record.source, head);
            }
        }
        self.case = evolve(self.case.take(), record);
    }
}
