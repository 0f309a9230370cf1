//! Withdrawals are asked for by notice and answered by decision: every race has one outcome.

use case::state::{Outcome, WithdrawalReason};
use case::step::command_of;
use case::{
    Body, Case, CaseState, Event, EventKind as E, Facts, Head, Heads, Reason, Recorded, Service,
    StateKind, Step, evolve, next_step,
};
use uuid::Uuid;

use crate::support::bodies::withdraw_request;
use crate::support::history::usual_facts;
use crate::support::people::{consumer, system};
use crate::support::samples::with_enterprise;
use crate::support::{At, History};

fn asked(at: At) -> History {
    at.history().then(consumer(), withdraw_request())
}

#[test]
fn the_owner_withdraws_before_it_routes_or_escalates() {
    for at in [
        At::Filed,
        At::Escalated,
        At::SilentAutomatic,
        At::Held,
        At::Negotiating,
    ] {
        let history = asked(at);
        let owner = history.case().state.owner();
        assert_eq!(
            next_step(history.case(), owner),
            Some(Step::Withdraw),
            "{at:?}"
        );
        for &other in Service::ALL.iter().filter(|service| **service != owner) {
            assert_eq!(next_step(history.case(), other), None, "{at:?}");
        }
    }
}

#[test]
fn the_reason_is_that_of_the_request() {
    let mut history = asked(At::Filed);
    history.settle_down(&with_enterprise());
    let CaseState::Closed { outcome, .. } = &history.case().state else {
        panic!("withdrawn");
    };
    assert_eq!(
        *outcome,
        Outcome::Withdrawn(WithdrawalReason::SettledOutside)
    );
}

#[test]
fn a_second_request_waits_for_the_answer_to_the_first() {
    let mut history = asked(At::County);
    let got = history.give(consumer(), withdraw_request(), &Facts::None);
    assert_eq!(got, Err(Reason::WithdrawalPending));
}

#[test]
fn a_request_that_meets_a_settlement_is_refused_once() {
    let mut history = At::SettledThenAskedToWithdraw.history();
    let kinds: Vec<E> = history
        .settle_down(&Facts::None)
        .iter()
        .map(Event::event_kind)
        .collect();
    assert_eq!(kinds, [E::WithdrawalRefused]);
    assert_eq!(history.state(), StateKind::Settled);
}

#[test]
fn a_withdrawal_drops_agreed_terms() {
    let mut history = asked(At::Agreed);
    let kinds: Vec<E> = history
        .settle_down(&Facts::None)
        .iter()
        .map(Event::event_kind)
        .collect();
    assert_eq!(
        (kinds, history.state()),
        (vec![E::MediationEnded], StateKind::Closed)
    );
}

/// Routing had not read the request when it routed: the next owner withdraws, whatever was read first.
#[test]
fn a_request_survives_a_change_of_hands() {
    let mut history = At::Filed.history();
    let case = history.case().clone();
    let routed = {
        let mut routing = history.clone();
        routing
            .give(system(), Body::Route, &usual_facts(&Body::Route))
            .expect("routed");
        last(&routing)
    };
    history.record(consumer(), request());
    let asked = last(&history);
    let one = fold(&case, &[&routed, &asked]);
    let other = fold(&case, &[&asked, &routed]);
    assert_eq!(one, other);
    assert_eq!(next_step(&one, Service::Mediation), Some(Step::Withdraw));
    assert_eq!(next_step(&one, Service::Routing), None);
}

/// The answer had absorbed the first request only: the second is pending still, in every order.
#[test]
fn an_answer_to_the_first_request_leaves_the_second_pending() {
    let settled = At::SettledThenAskedToWithdraw.history();
    let case = settled.case().clone();
    let second = request_numbered(&settled, 2);
    let refusal = answer(&settled, 1);
    let one = fold(&case, &[&second, &refusal]);
    let other = fold(&case, &[&refusal, &second]);
    assert_eq!(one, other);
    let pending: Vec<u64> = one.withdrawals.iter().map(|asked| asked.sequence).collect();
    assert_eq!(pending, [2]);
    assert_eq!(
        next_step(&one, Service::Mediation),
        Some(Step::RefuseWithdrawal)
    );
}

/// The answer had absorbed both requests, though this reader meets the second one after it.
#[test]
fn an_answer_to_both_requests_leaves_none_pending() {
    let settled = At::SettledThenAskedToWithdraw.history();
    let case = settled.case().clone();
    let second = request_numbered(&settled, 2);
    let refusal = answer(&settled, 2);
    let one = fold(&case, &[&second, &refusal]);
    let other = fold(&case, &[&refusal, &second]);
    assert_eq!(one, other);
    assert_eq!(one.withdrawals, []);
}

/// Two requests race the withdrawal that the first one brings about; the later one is too late.
#[test]
fn a_request_that_meets_a_closed_case_changes_nothing() {
    let history = asked(At::County);
    let case = history.case().clone();
    let second = request_numbered(&history, 2);
    let withdrawn = answer(&history, 1);
    let one = fold(&case, &[&second, &withdrawn]);
    let other = fold(&case, &[&withdrawn, &second]);
    assert_eq!(one, other);
    assert_eq!(next_step(&one, Service::Mediation), None);
}

#[test]
fn a_withdrawal_nobody_asked_for_is_refused() {
    for (at, step) in [
        (At::County, Step::Withdraw),
        (At::SettledDirectly, Step::RefuseWithdrawal),
    ] {
        let mut history = at.history();
        let command = command_of(history.case(), step);
        let got = history.give(command.by, command.body, &Facts::None);
        assert_eq!(got, Err(Reason::NoWithdrawalPending), "{at:?}");
    }
}

fn request() -> Event {
    Event::WithdrawalRequested {
        reason: WithdrawalReason::Mistake,
        text: None,
    }
}

fn request_numbered(history: &History, sequence: u64) -> Recorded {
    let mut notice = last(history);
    notice.id = Uuid::from_u128(900 + u128::from(sequence));
    notice.source = Service::Intake;
    notice.sequence = sequence;
    notice.event = request();
    notice
}

/// The step of the owner, decided when it had read the requests up to `read`.
fn answer(history: &History, read: u64) -> Recorded {
    let mut owner = history.clone();
    owner.settle_down(&Facts::None);
    let mut answer = last(&owner);
    let head = Head {
        sequence: read,
        chain: [read as u8; 32],
    };
    answer.meta.notice_heads = Heads::from([(Service::Intake, head)]);
    answer
}

fn last(history: &History) -> Recorded {
    history.log.last().expect("an event").clone()
}

fn fold(case: &Case, events: &[&Recorded]) -> Case {
    let mut folded = Some(case.clone());
    for recorded in events {
        folded = evolve(folded, recorded);
    }
    folded.expect("a case stays a case")
}
