//! Every invariant that one case can show is seen when it is broken.

use case::invariant::{INVARIANTS, broken};
use case::state::WithdrawalRequest;
use case::{Case, CaseState, Fen, Service, Side};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::support::At;
use crate::support::samples::instant;

/// Number of the invariant, a situation, and how it is broken there.
type Row = (usize, At, fn(&mut Case));

#[test]
fn a_broken_invariant_is_named_by_its_number() {
    let cases: [Row; 16] = [
        (1, At::Filed, |case| case.version = 0),
        (1, At::County, |case| case.receipts = 2),
        (1, At::Held, |case| case.returns = 1),
        (1, At::Negotiating, |case| {
            let request = WithdrawalRequest {
                source: Service::Intake,
                sequence: 1,
                reason: case::state::WithdrawalReason::Other,
                event_id: Uuid::nil(),
            };
            case.withdrawals = vec![request, request];
        }),
        (3, At::Negotiating, |case| {
            case.milestones.closed_at = Some(case.at);
        }),
        (3, At::Closed, |case| case.milestones.closed_at = None),
        (4, At::Filed, |case| case.version = 2),
        (4, At::Negotiating, |case| case.odr_failed = true),
        (4, At::Silent, |case| case.odr_failed = false),
        (4, At::County, |case| case.milestones.handling = None),
        (4, At::SettledDirectly, |case| {
            case.milestones.settlement = None;
        }),
        (4, At::SignedOnce, |case| {
            agreed(case).waived_by.push(Side::Consumer)
        }),
        (5, At::Negotiating, |case| {
            if let CaseState::InNegotiation { due, .. } = &mut case.state {
                due.at += TimeDelta::hours(1);
            }
        }),
        (5, At::Filed, |case| {
            case.at = instant("2000-01-01T00:00:00Z")
        }),
        (7, At::Filed, |case| {
            std::sync::Arc::make_mut(&mut case.filing).paid = Fen(-1)
        }),
        (7, At::ClosedAfterNegotiation, |case| {
            case.recovered = Fen(10_001)
        }),
    ];
    for (number, at, change) in cases {
        let mut case = at.history().case().clone();
        assert_eq!(broken(&case), None, "{at:?}");
        change(&mut case);
        assert_eq!(broken(&case), Some(INVARIANTS[number - 1]), "{at:?}");
    }
}

fn agreed(case: &mut Case) -> &mut case::terms::Agreed {
    match &mut case.state {
        CaseState::InMediation {
            agreed: Some(agreed),
            ..
        } => agreed,
        _ => panic!("terms are agreed"),
    }
}
