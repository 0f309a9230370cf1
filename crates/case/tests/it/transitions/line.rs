//! One line of the table: a situation, a command, and what follows.

use case::lifecycle::{allowed, row};
use case::{
    Actor, Body, Case, CommandKind as C, EventKind as E, Facts, Reason as R, Recorded,
    StateKind as S,
};
use chrono::{DateTime, Utc};

use crate::support::bodies::usual;
use crate::support::history::usual_facts;
use crate::support::{At, History};

pub(crate) type Change = fn(&mut Body, DateTime<Utc>);

pub(crate) struct Line {
    pub(crate) at: At,
    pub(crate) days: i64,
    pub(crate) kind: C,
    pub(crate) by: Option<Actor>,
    pub(crate) change: Option<Change>,
    pub(crate) facts: Option<Facts>,
    pub(crate) then: Result<(E, S), R>,
}

pub(crate) fn line(at: At, kind: C) -> Line {
    Line {
        at,
        days: 0,
        kind,
        by: None,
        change: None,
        facts: None,
        then: Err(R::WrongState),
    }
}

impl Line {
    pub(crate) fn after_days(mut self, days: i64) -> Self {
        self.days = days;
        self
    }

    pub(crate) fn by(mut self, actor: Actor) -> Self {
        self.by = Some(actor);
        self
    }

    pub(crate) fn with(mut self, change: Change) -> Self {
        self.change = Some(change);
        self
    }

    pub(crate) fn facts(mut self, facts: Facts) -> Self {
        self.facts = Some(facts);
        self
    }

    pub(crate) fn yields(mut self, event: E, state: S) -> Self {
        self.then = Ok((event, state));
        self
    }

    pub(crate) fn refused(mut self, reason: R) -> Self {
        self.then = Err(reason);
        self
    }
}

impl Line {
    /// The situation, and what the actor asks for in it.
    fn given(&self) -> (History, Actor, Body, Facts) {
        let history = self.at.history().after_days(self.days);
        let (usual_actor, mut body) = usual(self.kind, history.now);
        if let Some(change) = self.change {
            change(&mut body, history.now);
        }
        let by = self.by.clone().unwrap_or(usual_actor);
        let facts = self.facts.clone().unwrap_or_else(|| usual_facts(&body));
        (history, by, body, facts)
    }

    /// The case before, and the decision that the line yields.
    pub(crate) fn decided(&self) -> (Case, Recorded) {
        let (mut history, by, body, facts) = self.given();
        let before = history.case().clone();
        history.give(by, body, &facts).expect("the line is taken");
        (before, history.log.last().expect("a decision").clone())
    }
}

/// Gives the line's command in its situation and compares what follows; what was taken must stand in the table.
pub(crate) fn check(line: &Line) {
    let (mut history, by, body, facts) = line.given();
    let before = history.case.clone();
    let says = format!("{:?} at {:?} after {} days", line.kind, line.at, line.days);
    let got = history.give(by.clone(), body, &facts);
    let got = got.map(|event| (event.event_kind(), history.state()));
    assert_eq!(got, line.then, "{says}");
    let Ok((event, state)) = got else {
        assert_eq!(history.case, before, "{says}: a refusal changes nothing");
        return;
    };
    let row = row(line.kind);
    let stays = before.as_ref().map(|case| S::of(&case.state)) == Some(state);
    let to = if stays { None } else { Some(state) };
    assert!(
        row.yields.contains(&(event, to)),
        "{says}: not in the table"
    );
    if let Some(case) = before {
        let open = allowed(&case, Some(&by), history.now);
        assert!(open.contains(&line.kind), "{says}: not among {open:?}");
    }
}
