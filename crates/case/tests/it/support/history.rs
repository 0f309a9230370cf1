//! A case as one service sees it: every command is decided, recorded, folded, and checked.

use case::step::command_of;
use case::{
    Actor, Body, Case, CaseId, Command, Event, EventMeta, Facts, Filing, Head, Heads, Kind, Reason,
    Recorded, Service, StateKind, decide, evolve, invariant, next_step, overdue,
};
use chrono::{DateTime, TimeDelta, Utc};
use law::{Law, RuleSet};
use uuid::Uuid;

use super::samples::{decided, filing, instant, without_enterprise};
use super::{people, samples};

/// The id of the case in every test.
pub(crate) const CASE: CaseId = CaseId(Uuid::from_u128(0xCA5E));

#[derive(Clone)]
pub(crate) struct History {
    pub(crate) case: Option<Case>,
    pub(crate) log: Vec<Recorded>,
    pub(crate) heads: Heads,
    pub(crate) now: DateTime<Utc>,
    pub(crate) law: Law,
}

impl History {
    pub(crate) fn starting(at: &str) -> Self {
        Self {
            case: None,
            log: Vec::new(),
            heads: Heads::new(),
            now: instant(at),
            law: Law::default(),
        }
    }

    /// A Wednesday under Order 121.
    pub(crate) fn new() -> Self {
        Self::starting("2026-05-06T02:00:00Z")
    }

    pub(crate) fn case(&self) -> &Case {
        self.case.as_ref().expect("a case was filed")
    }

    pub(crate) fn state(&self) -> StateKind {
        StateKind::of(&self.case().state)
    }

    pub(crate) fn file(self, filing: Filing) -> Self {
        self.must(people::consumer(), file(filing), &Facts::None)
    }

    pub(crate) fn filed(self) -> Self {
        self.file(filing())
    }

    pub(crate) fn route(self, facts: &Facts) -> Self {
        self.must(people::system(), Body::Route, facts)
    }

    /// The command is taken.
    pub(crate) fn must(mut self, by: Actor, body: Body, facts: &Facts) -> Self {
        let kind = body.kind();
        if let Err(reason) = self.give(by, body, facts) {
            panic!("{kind} was refused: {reason}");
        }
        self
    }

    /// The command is taken; it needs no facts.
    pub(crate) fn then(self, by: Actor, body: Body) -> Self {
        self.must(by, body, &Facts::None)
    }

    pub(crate) fn after_days(mut self, days: i64) -> Self {
        self.now += TimeDelta::days(days);
        self
    }

    /// Decides, records and folds one command.
    pub(crate) fn give(&mut self, by: Actor, body: Body, facts: &Facts) -> Result<Event, Reason> {
        let command = Command { by, body };
        let decided = decide(self.case.as_ref(), &command, facts, &self.law, self.now);
        let events = decided.map_err(|refusal| refusal.reason)?;
        assert_eq!(events.len(), 1, "a command yields one event");
        let event = events[0].clone();
        self.record(command.by, event.clone());
        Ok(event)
    }

    /// Records an event as its proper service would, and folds it.
    pub(crate) fn record(&mut self, actor: Actor, event: Event) {
        let source = match (&event, &self.case) {
            (Event::HandlingReported { .. }, _) => Service::Mediation,
            (_, None) => Service::Intake,
            _ if event.kind() == Kind::Notice => Service::Intake,
            (_, Some(case)) => case.state.owner(),
        };
        let sequence = match event.kind() {
            Kind::Decision => self.case.as_ref().map_or(1, |case| case.version + 1),
            Kind::Notice => self.heads.get(&source).map_or(1, |head| head.sequence + 1),
        };
        let recorded = recorded(self, source, sequence, actor, event);
        if recorded.event.kind() == Kind::Notice {
            self.heads.insert(
                source,
                Head {
                    sequence,
                    chain: [sequence as u8; 32],
                },
            );
        }
        self.take(recorded);
    }

    /// Folds a recorded event and checks the invariants.
    pub(crate) fn take(&mut self, recorded: Recorded) {
        self.case = evolve(self.case.take(), &recorded);
        self.log.push(recorded);
        assert_eq!(invariant::broken(self.case()), None, "{:#?}", self.case());
    }

    /// Applies every passed deadline, as a writer does before any command; returns the events.
    pub(crate) fn wake(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(command) = self.case.as_ref().and_then(|case| overdue(case, self.now)) {
            let kind = command.body.kind();
            match self.give(command.by, command.body, &Facts::None) {
                Ok(event) => events.push(event),
                Err(reason) => panic!("the deadline {kind} was refused: {reason}"),
            }
            assert!(events.len() < 20, "deadlines must come to an end");
        }
        events
    }

    /// Takes every step the owner of the state takes by itself; returns the events.
    pub(crate) fn settle_down(&mut self, route: &Facts) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(case) = self.case.as_ref() {
            let Some(step) = next_step(case, case.state.owner()) else {
                break;
            };
            let command = command_of(case, step);
            match self.give(command.by, command.body, route) {
                Ok(event) => events.push(event),
                Err(reason) => panic!("the step {step:?} was refused: {reason}"),
            }
            assert!(events.len() < 20, "steps must come to an end");
        }
        events
    }
}

pub(crate) fn file(filing: Filing) -> Body {
    Body::FileComplaint {
        id: CASE,
        space: "main".to_owned(),
        filing: std::sync::Arc::new(filing),
    }
}

fn recorded(
    history: &History,
    source: Service,
    sequence: u64,
    actor: Actor,
    event: Event,
) -> Recorded {
    let at = history
        .case
        .as_ref()
        .map_or(history.now, |case| history.now.max(case.at));
    Recorded {
        id: Uuid::from_u128(history.log.len() as u128 + 1),
        case_id: CASE,
        source,
        sequence,
        meta: EventMeta {
            space: "main".to_owned(),
            occurred_at: at,
            recorded_at: history.now,
            actor,
            cause: "test".to_owned(),
            rule_set: RuleSet::Order121,
            imported: false,
            notice_heads: history.heads.clone(),
        },
        event,
    }
}

/// The facts a command is usually given.
pub(crate) fn usual_facts(body: &Body) -> Facts {
    match body {
        Body::Route => without_enterprise(decided(people::COUNTY)),
        Body::RouteByHand { authority } => samples::by_hand(authority.as_str()),
        _ => Facts::None,
    }
}
