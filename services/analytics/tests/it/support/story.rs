//! A case's history as the services write it: decided, folded, and sealed into envelopes with the right chain.

use bytes::Bytes;
use case::step::command_of;
use case::{
    Actor, Body, Case, CaseId, Command, Event, EventMeta, Facts, Filing, Head, Heads, Kind,
    Recorded, Refusal, Service, decide, evolve, next_step, overdue,
};
use chassis::admission::{Heads as SeenHeads, Position};
use chassis::envelope::{Envelope, Kind as EnvelopeKind};
use chrono::{DateTime, Utc};
use law::day::day_of;
use law::{Law, RuleSet};
use uuid::Uuid;

/// A history in the making.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) id: Uuid,
    pub(crate) case: Option<Case>,
    pub(crate) position: Position,
    pub(crate) now: DateTime<Utc>,
    pub(crate) log: Vec<Envelope>,
    pub(crate) events: Vec<Event>,
    law: Law,
}

impl Story {
    /// Nothing has happened yet; `at` is an instant.
    pub(crate) fn at(at: &str) -> Self {
        Self {
            id: Uuid::now_v7(),
            case: None,
            position: Position::start(),
            now: at.parse().unwrap(),
            log: Vec::new(),
            events: Vec::new(),
            law: Law::default(),
        }
    }

    pub(crate) fn case(&self) -> &Case {
        self.case.as_ref().expect("a case was filed")
    }

    /// What analytics must know of the case in the end.
    pub(crate) fn fact(&self) -> analytics::domain::fact::Fact {
        analytics::domain::fact::Fact::of(self.case(), self.log.len() as i64)
    }

    pub(crate) fn file(self, filing: Filing) -> Self {
        let body = Body::FileComplaint {
            id: CaseId(self.id),
            space: "main".to_owned(),
            filing: std::sync::Arc::new(filing),
        };
        self.must(super::people::consumer(), body, &Facts::None)
    }

    /// The command is taken; it needs no facts.
    pub(crate) fn then(self, by: Actor, body: Body) -> Self {
        self.must(by, body, &Facts::None)
    }

    /// The owner takes its steps by itself, with these facts for routing.
    pub(crate) fn step(mut self, route: &Facts) -> Self {
        assert!(self.settle_down(route) > 0, "there was no step to take");
        self
    }

    /// The command is taken.
    pub(crate) fn must(mut self, by: Actor, body: Body, facts: &Facts) -> Self {
        let kind = body.kind();
        if let Err(refusal) = self.give(by, body, facts) {
            panic!("{kind} was refused: {refusal:?}");
        }
        self
    }

    /// Time goes on to an instant; what falls due until then happens.
    pub(crate) fn on(mut self, at: &str) -> Self {
        self.now = at.parse().unwrap();
        self.wake();
        self
    }

    /// Decides, seals and folds one command.
    pub(crate) fn give(&mut self, by: Actor, body: Body, facts: &Facts) -> Result<(), Refusal> {
        let command = Command { by, body };
        let events = decide(self.case.as_ref(), &command, facts, &self.law, self.now)?;
        for event in events {
            self.record(command.by.clone(), event);
        }
        Ok(())
    }

    /// Applies every passed deadline, as a writer does before any command.
    pub(crate) fn wake(&mut self) {
        while let Some(command) = self.case.as_ref().and_then(|case| overdue(case, self.now)) {
            self.give(command.by, command.body, &Facts::None).unwrap();
        }
    }

    /// Takes every step the owner of the state takes by itself; says how many.
    pub(crate) fn settle_down(&mut self, route: &Facts) -> usize {
        let mut taken = 0;
        while let Some(case) = self.case.as_ref() {
            let Some(step) = next_step(case, case.state.owner()) else {
                break;
            };
            let command = command_of(case, step);
            self.give(command.by, command.body, route).unwrap();
            taken += 1;
        }
        taken
    }

    fn record(&mut self, actor: Actor, event: Event) {
        let decision = event.kind() == Kind::Decision;
        let source = match (&event, &self.case) {
            (Event::HandlingReported { .. }, _) => Service::Mediation,
            (_, None) => Service::Intake,
            (_, Some(case)) if decision => case.state.owner(),
            _ => Service::Intake,
        };
        let last = if decision {
            self.position.version
        } else {
            let seen = self.position.seen.get(source.code());
            seen.map_or(0, |head| head.sequence)
        };
        let absorbed = if decision {
            self.position.seen.clone()
        } else {
            SeenHeads::new()
        };
        let at = self
            .case
            .as_ref()
            .map_or(self.now, |case| self.now.max(case.at));
        let meta = EventMeta {
            space: "main".to_owned(),
            occurred_at: at,
            recorded_at: at,
            actor,
            cause: "test".to_owned(),
            rule_set: self.rule_set(&event, at),
            imported: false,
            notice_heads: heads(&absorbed),
        };
        let recorded = Recorded {
            id: Uuid::now_v7(),
            case_id: CaseId(self.id),
            source,
            sequence: last + 1,
            meta,
            event,
        };
        self.seal(&recorded, &absorbed);
        self.case = evolve(self.case.take(), &recorded);
        self.events.push(recorded.event);
    }

    fn seal(&mut self, recorded: &Recorded, absorbed: &SeenHeads) {
        let encoded = proto::event::encode(&recorded.event, &recorded.meta);
        let kind = match recorded.event.kind() {
            Kind::Decision => EnvelopeKind::Decision,
            Kind::Notice => EnvelopeKind::Notice,
        };
        let mut envelope = Envelope {
            id: recorded.id,
            kind,
            event_type: encoded.event_type.to_owned(),
            source: recorded.source.code().to_owned(),
            time: recorded.meta.occurred_at,
            subject: self.id,
            sequence: recorded.sequence,
            traceparent: None,
            chain: [0; 32],
            value: Bytes::from(encoded.value),
        };
        let previous = self.position.previous_chain(kind, &envelope.source);
        envelope.chain = envelope.chain_after(&previous);
        self.position.advance(&envelope, absorbed);
        self.log.push(envelope);
    }

    fn rule_set(&self, event: &Event, at: DateTime<Utc>) -> RuleSet {
        match (event, &self.case) {
            (Event::RoutedToAuthority(routed), _) => routed.rule_set,
            (_, Some(case)) => case.rule_set(),
            (_, None) => RuleSet::on(day_of(at)),
        }
    }
}

fn heads(seen: &SeenHeads) -> Heads {
    seen.iter()
        .map(|(source, head)| {
            let source = Service::from_code(source).unwrap();
            let (sequence, chain) = (head.sequence, head.chain);
            (source, Head { sequence, chain })
        })
        .collect()
}
