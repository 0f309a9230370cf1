//! The table of the lifecycle, line by line: what each state takes, what follows, and every way to be refused.

pub(crate) mod accepted;
mod line;
mod refused;

use std::collections::BTreeSet;

use case::lifecycle::{ROWS, row};
use case::{CommandKind as C, EventKind as E, Facts, Reason as R, Service, StateKind as S};

use self::accepted::accepted;
use self::line::{check, line};
use self::refused::refused;
use crate::support::At;
use crate::support::bodies::usual;
use crate::support::people::COUNTY;

#[test]
fn each_state_takes_what_the_table_says() {
    for line in &accepted() {
        check(line);
    }
}

#[test]
fn each_refusal_names_its_reason_and_changes_nothing() {
    for line in &refused() {
        check(line);
    }
}

#[test]
fn every_other_pair_of_state_and_command_is_refused() {
    for &state in S::ALL {
        for row in ROWS.iter().filter(|row| !row.from.contains(&state)) {
            let reason = match state {
                _ if row.command == C::FileComplaint => R::CaseExists,
                S::Closed => R::CaseClosed,
                _ => R::WrongState,
            };
            check(&line(At::of(state), row.command).refused(reason));
        }
    }
}

#[test]
fn kinds_of_actors_outside_the_table_are_refused() {
    for row in ROWS {
        for &kind in case::ActorKind::ALL
            .iter()
            .filter(|kind| !row.by.contains(kind))
        {
            let at = row.from.first().map_or(At::Nothing, |state| At::of(*state));
            let actor = crate::support::people::actor(kind, Some(COUNTY), Some("party-1"));
            check(
                &line(at, row.command)
                    .by(actor)
                    .refused(R::ActorNotPermitted),
            );
        }
    }
}

#[test]
fn every_pending_withdrawal_before_settlement_is_granted() {
    for &state in row(C::Withdraw).from {
        let (by, request) = usual(C::RequestWithdrawal, At::of(state).history().now);
        let mut history = At::of(state).history().then(by, request);
        let (by, body) = usual(C::Withdraw, history.now);
        let event = history.give(by, body, &Facts::None).expect("granted");
        let wanted = match state {
            S::InMediation => E::MediationEnded,
            _ => E::ComplaintWithdrawn,
        };
        assert_eq!((event.event_kind(), history.state()), (wanted, S::Closed));
    }
}

#[test]
fn the_lines_reach_the_whole_table_and_every_reason() {
    let lines = accepted();
    let reached: BTreeSet<(C, S)> = lines
        .iter()
        .filter(|line| line.at != At::Nothing)
        .map(|line| (line.kind, line.at.history().state()))
        .collect();
    let yielded: BTreeSet<(C, E)> = lines
        .iter()
        .filter_map(|line| line.then.ok().map(|(event, _)| (line.kind, event)))
        .collect();
    // Withdrawals are reached from every state by a test of their own; two states have no negotiation behind them.
    for row in ROWS.iter().filter(|row| row.command != C::Withdraw) {
        for &state in row.from {
            let needs_negotiation = row.command == C::ReportHandling
                && matches!(state, S::AtAuthority | S::InMediation);
            assert!(
                needs_negotiation || reached.contains(&(row.command, state)),
                "{} at {state} has no line",
                row.command
            );
        }
        for (event, _) in row.yields {
            assert!(
                yielded.contains(&(row.command, *event)),
                "{event} has no line"
            );
        }
    }
    let named: BTreeSet<R> = refused()
        .iter()
        .filter_map(|line| line.then.err())
        .collect();
    let elsewhere = [
        // every_other_pair_of_state_and_command_is_refused
        R::CaseExists,
        R::CaseClosed,
        // only_the_owner_of_a_state_may_append
        R::NotOwner,
        // a_second_request_waits_for_the_answer_to_the_first
        R::WithdrawalPending,
        // a_ground_of_order_121_does_not_exist_before_it
        R::GroundNotInRuleSet,
    ];
    for reason in R::ALL {
        assert!(
            named.contains(reason) || elsewhere.contains(reason),
            "{reason} has no line"
        );
    }
}

#[test]
fn rows_stand_in_the_order_of_their_commands() {
    for (command, row) in C::ALL.iter().zip(ROWS) {
        assert_eq!(row.command, *command);
    }
    assert_eq!(C::ALL.len(), ROWS.len());
}

#[test]
fn only_the_owner_of_a_state_may_append() {
    for &state in S::ALL {
        let history = At::of(state).history();
        for &kind in C::ALL {
            let owner = match kind {
                C::FileComplaint | C::RequestWithdrawal | C::AddEvidence => Service::Intake,
                C::ReportHandling => Service::Mediation,
                _ => state.owner(),
            };
            for &me in Service::ALL {
                let got = case::decide::ensure_owner(history.case.as_ref(), kind, me);
                let wanted = if me == owner {
                    Ok(())
                } else {
                    Err(R::NotOwner)
                };
                assert_eq!(
                    got.map_err(|refusal| refusal.reason),
                    wanted,
                    "{kind} at {state}"
                );
            }
        }
    }
}
