//! Due dates: when they fall, by which rules, once each and in order, and how late a late act is.

use case::event::StoppedClock;
use case::state::CaseState;
use case::{Body, CommandKind as C, Event, EventKind as E, Facts, deadlines, overdue};
use chrono::{DateTime, TimeDelta, Utc};
use law::RuleSet;
use law::grounds::EndingGround;

use crate::support::bodies::{end_mediation, usual};
use crate::support::history::usual_facts;
use crate::support::people::{CITY, COUNTY, consumer, official};
use crate::support::samples::{authority, day, instant};
use crate::support::{At, History};

/// Seconds before and at the instant a due day ends.
fn around(last_day: &str) -> [DateTime<Utc>; 2] {
    let at = law::day::start_of(day(last_day).succ_opt().expect("a next day"));
    [at - TimeDelta::seconds(1), at]
}

#[test]
fn a_deadline_passes_with_its_last_day_and_once() {
    for (at, last_day, event) in [
        (At::Held, "2026-05-09", E::RoutingOverdue),
        (At::Negotiating, "2026-05-19", E::NegotiationExpired),
        (At::Offered, "2026-05-12", E::ProposalExpired),
        (At::Silent, "2026-06-10", E::ClosedUnescalated),
        (At::County, "2026-05-14", E::AcceptanceOverdue),
        (At::Mediating, "2026-07-05", E::MediationOverdue),
        (At::SettledDirectly, "2026-06-15", E::PerformanceLapsed),
    ] {
        let mut history = at.history();
        let [before, then] = around(last_day);
        assert_eq!(deadlines(history.case())[0].at, then, "{at:?}");
        history.now = before;
        assert_eq!(history.wake(), [], "{at:?}");
        history.now = then;
        let events = history.wake();
        let kinds: Vec<E> = events.iter().map(Event::event_kind).collect();
        assert_eq!(kinds, [event], "{at:?}");
        assert_eq!(overdue(history.case(), then), None, "{at:?}");
    }
}

#[test]
fn a_late_wake_applies_the_earliest_first_and_opens_windows_from_now() {
    let mut history = At::Offered.history().after_days(200);
    let kinds: Vec<E> = history.wake().iter().map(Event::event_kind).collect();
    assert_eq!(kinds, [E::ProposalExpired, E::NegotiationExpired]);
    assert_eq!(history.wake(), []);
    let kinds: Vec<E> = history
        .after_days(20)
        .wake()
        .iter()
        .map(Event::event_kind)
        .collect();
    assert_eq!(kinds, [E::ClosedUnescalated]);
}

#[test]
fn time_never_runs_backwards() {
    let mut history = At::Negotiating.history();
    let last = history.case().at;
    history.now = last - TimeDelta::days(100);
    let (by, body) = usual(C::AnswerNegotiation, history.now);
    history.give(by, body, &Facts::None).expect("answered");
    assert_eq!(history.case().at, last);
}

fn stopped_in(event: Event) -> StoppedClock {
    match event {
        Event::NegotiationExpired { stopped, .. }
        | Event::NegotiationEnded { stopped, .. }
        | Event::NegotiationDeclined { stopped, .. }
        | Event::ComplaintAccepted { stopped, .. }
        | Event::MediationEnded { stopped, .. }
        | Event::ComplaintRefused {
            stopped: Some(stopped),
            ..
        } => stopped,
        other => panic!("{:?} stops no clock", other.event_kind()),
    }
}

#[test]
fn lateness_is_counted_in_days_after_the_due_day() {
    for (at, kind, last_day) in [
        (At::Negotiating, C::EndNegotiation, "2026-05-19"),
        (At::Negotiating, C::DeclineNegotiation, "2026-05-19"),
        (At::County, C::AcceptComplaint, "2026-05-14"),
        (At::County, C::RefuseComplaint, "2026-05-14"),
        (At::Mediating, C::EndMediation, "2026-07-05"),
    ] {
        let [before, then] = around(last_day);
        for (now, late_days) in [
            (before - TimeDelta::days(3), 0),
            (before, 0),
            (then, 1),
            (then + TimeDelta::days(9), 10),
        ] {
            let mut history = at.history();
            history.now = now;
            let (by, body) = usual(kind, now);
            let event = history.give(by, body, &Facts::None).expect("taken");
            let stopped = stopped_in(event);
            assert_eq!(stopped.late_days, late_days, "{kind} at {now}");
            assert_eq!(stopped.due.last_day, day(last_day), "{kind}");
        }
    }
}

#[test]
fn the_clocks_go_by_the_day_of_filing_and_the_first_receipt() {
    for (filed, routed, rule_set, mediation_last_day) in [
        (
            "2016-03-01T02:00:00Z",
            "2016-03-01T02:00:00Z",
            RuleSet::Order20,
            "2016-05-05",
        ),
        (
            "2024-07-01T02:00:00Z",
            "2024-07-01T02:00:00Z",
            RuleSet::Order20Regulation,
            "2024-08-30",
        ),
        (
            "2026-04-14T02:00:00Z",
            "2026-04-14T02:00:00Z",
            RuleSet::Order20Regulation,
            "2026-06-13",
        ),
        (
            "2026-04-14T02:00:00Z",
            "2026-04-15T02:00:00Z",
            RuleSet::Order121,
            "2026-06-14",
        ),
    ] {
        let mut history = History::starting(filed).filed();
        assert_eq!(
            history.case().rule_set(),
            RuleSet::on(law::day::day_of(instant(filed)))
        );
        history.now = instant(routed);
        let history = history
            .route(&usual_facts(&Body::Route))
            .then(official(COUNTY), Body::AcceptComplaint);
        assert_eq!(history.case().rule_set(), rule_set, "{filed}");
        let CaseState::InMediation { due, .. } = &history.case().state else {
            panic!("accepted");
        };
        assert_eq!(due.last_day, day(mediation_last_day), "{filed}");
    }
}

#[test]
fn a_negotiation_counts_from_receipt_by_the_rules_of_the_day_of_filing() {
    let mut history = History::starting("2026-04-14T02:00:00Z").filed();
    history.now = instant("2026-05-06T02:00:00Z");
    let history = history.route(&crate::support::samples::with_enterprise());
    let CaseState::InNegotiation { due, .. } = &history.case().state else {
        panic!("routed to the enterprise");
    };
    assert_eq!(due.last_day, day("2026-05-19"));
    assert_eq!(due.rule_set, RuleSet::Order20Regulation);
}

#[test]
fn the_same_authority_keeps_its_clock_and_another_starts_anew() {
    for (to, received_at, last_day) in [
        (COUNTY, "2026-05-06T02:00:00Z", "2026-05-14"),
        (CITY, "2026-05-09T02:00:00Z", "2026-05-19"),
    ] {
        let history = At::Returned.history().after_days(3);
        let body = Body::RouteByHand {
            authority: authority(to),
        };
        let facts = usual_facts(&body);
        let history = history.must(official(CITY), body, &facts);
        let receipt = history.case().last_receipt.as_ref().expect("received");
        assert_eq!(receipt.received_at, instant(received_at), "{to}");
        assert_eq!(receipt.decide_by.last_day, day(last_day), "{to}");
        assert_eq!((receipt.nth, history.case().returns), (2, 1), "{to}");
    }
}

#[test]
fn the_rules_stay_those_of_the_first_receipt() {
    let (_, back) = usual(C::ReturnCase, instant("2026-04-10T02:00:00Z"));
    let mut history = History::starting("2026-04-10T02:00:00Z")
        .filed()
        .route(&usual_facts(&Body::Route))
        .then(official(COUNTY), back);
    history.now = instant("2026-04-20T02:00:00Z");
    let body = Body::RouteByHand {
        authority: authority(CITY),
    };
    let facts = usual_facts(&body);
    let history = history.must(official(CITY), body, &facts);
    let receipt = history.case().last_receipt.as_ref().expect("received");
    assert_eq!(receipt.received_at, instant("2026-04-20T02:00:00Z"));
    assert_eq!(receipt.rule_set, RuleSet::Order20Regulation);
}

#[test]
fn who_agreed_beforehand_is_escalated_however_late_the_step_comes() {
    let mut history = At::SilentAutomatic.history().after_days(100);
    assert_eq!(history.wake(), []);
    let events = history.settle_down(&usual_facts(&Body::Route));
    let kinds: Vec<E> = events.iter().map(Event::event_kind).collect();
    assert_eq!(kinds, [E::ComplaintEscalated, E::RoutedToAuthority]);
    assert_eq!(events[0], Event::ComplaintEscalated { automatic: true });
}

#[test]
fn expired_time_ends_mediation_only_by_an_official() {
    let mut history = At::Mediating.history().after_days(100);
    history.wake();
    assert_eq!(history.state(), case::StateKind::InMediation);
    let body = end_mediation(EndingGround::TimeExpired);
    let event = history.give(official(COUNTY), body, &Facts::None);
    let Ok(Event::MediationEnded { number, .. }) = event else {
        panic!("ended: {event:?}");
    };
    assert_eq!(number, 5);
}

#[test]
fn a_breach_opens_the_window_again_and_odr_is_not_tried_again() {
    let mut history = At::SettledDirectly.history().after_days(10);
    let (by, body) = usual(C::ReportBreach, history.now);
    history.give(by, body, &Facts::None).expect("reported");
    let mut history = history.then(consumer(), Body::Escalate);
    let facts = crate::support::samples::with_enterprise();
    let kinds: Vec<E> = history
        .settle_down(&facts)
        .iter()
        .map(Event::event_kind)
        .collect();
    assert_eq!(kinds, [E::RoutedToAuthority]);
}
