//! What is asked of a case, by whom and when; and the checks that every family shares.

use chrono::{DateTime, Days, NaiveDate, Utc};
use law::day::day_of;
use law::directory::AuthorityId;
use law::{Due, Law, RuleSet};

use crate::actor::{Actor, ActorKind, Side};
use crate::event::{ClockKind, StoppedClock};
use crate::refusal::{Reason, Refusal};
use crate::state::{Case, CaseState};

/// Days that a date given by a person may lie ahead.
const HORIZON_DAYS: u64 = 3_660;

/// One command in its context. `now` is event time.
pub(super) struct Asked<'a> {
    pub(super) case: &'a Case,
    pub(super) by: &'a Actor,
    pub(super) law: &'a Law,
    pub(super) now: DateTime<Utc>,
}

impl Asked<'_> {
    /// The legal day of the command.
    pub(super) fn today(&self) -> NaiveDate {
        day_of(self.now)
    }

    /// The side the actor speaks for.
    pub(super) fn side(&self) -> Result<Side, Refusal> {
        Ok(side_of(self.case, self.by)?)
    }

    /// The actor is an official of the authority.
    pub(super) fn holder(&self, authority: &AuthorityId) -> Result<(), Refusal> {
        if holds(self.by, authority) {
            Ok(())
        } else {
            Err(Refusal::new(Reason::NotHolder).with("holder", authority))
        }
    }

    /// A deadline passes only when its instant has come: a wake-up too early changes nothing.
    pub(super) fn passed(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        if self.now >= at {
            Ok(())
        } else {
            Err(Refusal::new(Reason::NotDue).with("due", at.to_rfc3339()))
        }
    }

    /// A supervision date is recorded once.
    pub(super) fn passed_unrecorded(
        &self,
        due: &Due,
        recorded: Option<DateTime<Utc>>,
    ) -> Result<Due, Refusal> {
        if recorded.is_some() {
            return Err(Reason::NotDue.into());
        }
        self.passed(due.at)?;
        Ok(due.clone())
    }

    /// A day that a person names lies between today and the horizon.
    pub(super) fn possible_day(&self, day: NaiveDate) -> Result<(), Refusal> {
        let horizon = self.today().checked_add_days(Days::new(HORIZON_DAYS));
        if day >= self.today() && horizon.is_none_or(|last| day <= last) {
            Ok(())
        } else {
            Err(Refusal::new(Reason::DateNotPossible).with("day", day))
        }
    }

    /// An instant that a person names lies after now and before the horizon.
    pub(super) fn possible_instant(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        if at <= self.now {
            return Err(Refusal::new(Reason::DateNotPossible).with("at", at.to_rfc3339()));
        }
        self.possible_day(day_of(at))
    }

    /// The end of the window to escalate a failure recorded now.
    pub(super) fn escalate_by(&self) -> Due {
        self.law
            .escalation_due(self.today(), self.case.filing_rule_set())
    }

    /// A clock that this command stops.
    pub(super) fn stopped(
        &self,
        kind: ClockKind,
        rule_set: RuleSet,
        started_at: DateTime<Utc>,
        due: &Due,
    ) -> StoppedClock {
        let late = (self.today() - due.last_day).num_days();
        StoppedClock {
            kind,
            rule_set,
            started_at,
            due: due.clone(),
            paused_days: 0,
            late_days: u32::try_from(late).unwrap_or(0),
        }
    }

    /// The clock of the present state, stopped now.
    pub(super) fn stopped_clock(&self) -> Option<StoppedClock> {
        match &self.case.state {
            CaseState::InNegotiation { since, due, .. } => {
                let set = self.case.filing_rule_set();
                Some(self.stopped(ClockKind::Negotiation, set, *since, due))
            }
            CaseState::AtAuthority { receipt, .. } => Some(self.stopped(
                ClockKind::Acceptance,
                receipt.rule_set,
                receipt.received_at,
                &receipt.decide_by,
            )),
            CaseState::InMediation {
                receipt,
                accepted_at,
                due,
                ..
            } => Some(self.stopped(ClockKind::Mediation, receipt.rule_set, *accepted_at, due)),
            _ => None,
        }
    }
}

/// The side an actor speaks for in this case: a party to it, or the authority that mediates.
pub(crate) fn side_of(case: &Case, by: &Actor) -> Result<Side, Reason> {
    let (side, is_theirs) = match by.kind {
        ActorKind::Consumer => (Side::Consumer, is_complainant(case, by)),
        ActorKind::Enterprise => (Side::Enterprise, is_respondent(case, by)),
        ActorKind::Official => {
            let mediates = match &case.state {
                CaseState::InMediation { receipt, .. } => holds(by, &receipt.authority),
                _ => return Err(Reason::ActorNotPermitted),
            };
            return mediates.then_some(Side::Mediator).ok_or(Reason::NotHolder);
        }
        _ => return Err(Reason::ActorNotPermitted),
    };
    is_theirs.then_some(side).ok_or(Reason::NotPartyToCase)
}

/// Whether the actor is an official of the authority.
pub(crate) fn holds(by: &Actor, authority: &AuthorityId) -> bool {
    by.org.as_deref() == Some(authority.as_str())
}

fn is_complainant(case: &Case, by: &Actor) -> bool {
    let filing = &case.filing;
    by.subject.as_deref().is_some_and(|subject| {
        std::iter::once(&filing.complainant)
            .chain(&filing.representatives)
            .any(|party| party.as_str() == subject)
    })
}

/// In negotiation the enterprise that negotiates; otherwise also the respondent for whom it did.
fn is_respondent(case: &Case, by: &Actor) -> bool {
    let negotiates = case.enterprise();
    let respondent = match case.state {
        CaseState::InNegotiation { .. } => None,
        _ => case.filing.respondent.uscc.as_ref(),
    };
    by.org.as_deref().is_some_and(|org| {
        [negotiates, respondent]
            .into_iter()
            .flatten()
            .any(|uscc| uscc.as_str() == org)
    })
}
