//! What holds of every history.

use std::collections::BTreeMap;

use case::lifecycle::allowed;
use case::{Case, EventKind, Kind, Recorded, StateKind, deadlines, evolve};

use crate::support::play::play;

const HISTORIES: u64 = 1_500;

fn fold(log: &[Recorded]) -> Option<Case> {
    log.iter().fold(None, evolve)
}

/// `play` checks the invariants after every event, and that no deadline and no step is refused.
#[test]
fn folding_the_events_gives_the_state() {
    let mut ends: BTreeMap<StateKind, u32> = BTreeMap::new();
    let mut events: BTreeMap<EventKind, u32> = BTreeMap::new();
    for seed in 0..HISTORIES {
        let history = play(seed, 80, |_, _, _, _, _| {});
        assert_eq!(fold(&history.log), history.case, "seed {seed}");
        let versions: Vec<u64> = history
            .log
            .iter()
            .filter(|recorded| recorded.event.kind() == Kind::Decision)
            .map(|recorded| recorded.sequence)
            .collect();
        let wanted: Vec<u64> = (1..=versions.len() as u64).collect();
        assert_eq!(versions, wanted, "seed {seed}");
        *ends.entry(history.state()).or_default() += 1;
        for recorded in &history.log {
            *events.entry(recorded.event.event_kind()).or_default() += 1;
        }
    }
    // The histories would prove little if they did not go everywhere.
    for kind in EventKind::ALL {
        // A refused withdrawal takes two services that read at different times: see `handover`.
        if *kind == EventKind::WithdrawalRefused {
            continue;
        }
        assert!(
            events.contains_key(kind),
            "no history has {kind}: {events:?}"
        );
    }
    assert!(ends.len() > 3, "the histories end all alike: {ends:?}");
}

#[test]
fn what_is_taken_was_among_the_allowed() {
    for seed in 0..HISTORIES {
        play(seed, 80, |case, by, kind, got, now| {
            if got.is_ok() {
                let open = allowed(case, Some(by), now);
                assert!(
                    open.contains(&kind),
                    "seed {seed}: {kind} is not among {open:?}"
                );
                let to_anybody = allowed(case, None, now);
                assert!(to_anybody.contains(&kind), "seed {seed}: {kind} to anybody");
            }
        });
    }
}

#[test]
fn deadlines_come_in_order_and_none_runs_in_a_closed_case() {
    for seed in 0..HISTORIES {
        let history = play(seed, 80, |case, _, _, _, _| {
            let running = deadlines(case);
            assert!(running.is_sorted(), "seed {seed}");
            let closed = StateKind::of(&case.state) == StateKind::Closed;
            assert!(!closed || running.is_empty(), "seed {seed}");
        });
        let times: Vec<_> = history
            .log
            .iter()
            .map(|recorded| recorded.meta.occurred_at)
            .collect();
        assert!(times.is_sorted(), "seed {seed}: time runs backwards");
    }
}

#[test]
fn odr_is_tried_at_most_once() {
    for seed in 0..HISTORIES {
        let history = play(seed, 80, |_, _, _, _, _| {});
        let tries = history
            .log
            .iter()
            .filter(|recorded| recorded.event.event_kind() == EventKind::RoutedToEnterprise)
            .count();
        assert!(tries <= 1, "seed {seed}");
    }
}
