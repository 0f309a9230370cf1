//! Sums are exact: whatever the batches, whatever comes twice, they are what the cases in their last state count as.

use std::collections::BTreeMap;

use analytics::domain::fact::Fact;
use analytics::domain::measures::Measures;
use analytics::domain::rollup::Rollups;
use case::state::FailedWhy;
use case::{Case, Event, EventKind, evolve};
use chassis::admission::{Admission, Position, admit};
use chassis::envelope::Envelope;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::moves::any_case;
use crate::support::story::Story;

const CASES: u32 = 400;

/// A case as the service keeps it.
struct Kept {
    case: Option<Case>,
    position: Position,
}

/// Takes a batch of one case in as the service does, and gives the difference of the sums.
fn take(kept: &mut Kept, batch: &[Envelope]) -> Rollups {
    let before = kept.case.clone();
    let mut taken_in = 0;
    for envelope in batch {
        let decoded = docket::work::decode(envelope).unwrap();
        let owner = kept
            .case
            .as_ref()
            .map_or("intake", |case| case.state.owner().code());
        match admit(&kept.position, owner, envelope, &decoded.absorbed) {
            Admission::Next => {
                kept.position.advance(envelope, &decoded.absorbed);
                kept.case = evolve(kept.case.take(), &decoded.event);
                taken_in += 1;
            }
            Admission::Duplicate => {}
            other => panic!("{other:?}"),
        }
    }
    let mut difference = Rollups::default();
    if taken_in == 0 {
        return difference;
    }
    let count = (kept.position.version + kept.position.notices()) as i64;
    if let Some(before) = &before {
        difference.subtract(&Fact::of(before, count - taken_in));
    }
    difference.add(&Fact::of(kept.case.as_ref().unwrap(), count));
    difference
}

/// The log of a case cut into batches of these sizes, each preceded by some records that came before.
fn batches(log: &[Envelope], sizes: &[(usize, usize)]) -> Vec<Vec<Envelope>> {
    let mut batches = Vec::new();
    let mut at = 0;
    for (size, again) in sizes.iter().cycle() {
        let until = (at + size).min(log.len());
        batches.push(log[at.saturating_sub(*again)..until].to_vec());
        at = until;
        if at == log.len() {
            return batches;
        }
    }
    batches
}

#[test]
fn differences_add_up_to_what_the_last_state_counts_as() {
    let sizes = prop::collection::vec((1_usize..9, 0_usize..5), 1..6);
    let some = prop::collection::vec((any_case(), sizes), 1..5);
    let check = |(some, twice): (Vec<(_, Vec<(usize, usize)>)>, bool)| {
        let mut sums = Rollups::default();
        let mut facts = Vec::new();
        for (random, sizes) in &some {
            let story: Story = crate::support::moves::Random::story(random);
            let mut kept = Kept {
                case: None,
                position: Position::start(),
            };
            for batch in batches(&story.log, sizes) {
                sums.merge(&take(&mut kept, &batch));
            }
            if twice {
                sums.merge(&take(&mut kept, &story.log));
            }
            prop_assert_eq!(&kept.case, &story.case);
            facts.push(story.fact());
        }
        let counted = Rollups::recount(&facts).without_zeros();
        prop_assert_eq!(sums.without_zeros(), counted);
        Ok(())
    };
    run(&(some, any::<bool>()), check);
}

#[test]
fn what_is_counted_of_a_case_is_what_its_log_says() {
    let mut seen: BTreeMap<&str, i64> = BTreeMap::new();
    let check = |random: crate::support::moves::Random| {
        let story = random.story();
        let counted = Measures::of(&story.fact());
        for (name, value, expected) in told_by_the_log(&story, &counted) {
            prop_assert_eq!(value, expected, "{}", name);
            *seen.entry(name).or_default() += value;
        }
        prop_assert_eq!(counted.event_count, story.log.len() as i64);
        let parts = [
            counted.settled_directly(),
            counted.mediated,
            counted.self_settled,
            counted.withdrawn_in_mediation,
        ];
        prop_assert!(parts.iter().sum::<i64>() <= 1, "counted twice: {:?}", parts);
        prop_assert!(counted.values().iter().all(|value| *value >= 0));
        Ok(())
    };
    let check = std::cell::RefCell::new(check);
    run(&any_case(), |random| (check.borrow_mut())(random));
    // The property would prove little if nothing of the kind ever happened.
    let missing: Vec<_> = seen.iter().filter(|(_, sum)| **sum == 0).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}

/// Measures that the events themselves tell, beside what they tell.
fn told_by_the_log(story: &Story, counted: &Measures) -> Vec<(&'static str, i64, i64)> {
    use case::event::EndingBasis;
    let has = |wanted: &dyn Fn(&Event) -> bool| i64::from(story.events.iter().any(wanted));
    let kind = |kind: EventKind| has(&|event| event.event_kind() == kind);
    let ended_on = |wanted: EndingBasis| {
        has(&|event| matches!(event, Event::MediationEnded { basis, .. } if *basis == wanted))
    };
    let silent = |event: &Event| {
        matches!(
            event,
            Event::NegotiationExpired {
                why: FailedWhy::EnterpriseSilent,
                ..
            }
        )
    };
    vec![
        ("filed", counted.filed, 1),
        (
            "negotiated",
            counted.negotiated,
            kind(EventKind::RoutedToEnterprise),
        ),
        (
            "expired",
            counted.negotiations_expired,
            kind(EventKind::NegotiationExpired),
        ),
        ("silent", counted.negotiations_silent, has(&silent)),
        (
            "escalated",
            counted.escalated,
            kind(EventKind::ComplaintEscalated),
        ),
        (
            "accepted",
            counted.accepted,
            kind(EventKind::ComplaintAccepted),
        ),
        (
            "self_settled",
            counted.self_settled,
            ended_on(EndingBasis::SelfSettled),
        ),
        (
            "withdrawn_in_mediation",
            counted.withdrawn_in_mediation,
            ended_on(EndingBasis::Withdrawn),
        ),
        ("rated", counted.rated, kind(EventKind::HandlingRated)),
        (
            "performed_unknown",
            counted.performed_unknown,
            kind(EventKind::PerformanceLapsed),
        ),
    ]
}

fn run<S: Strategy>(strategy: &S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    // The same histories on every machine.
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    )
    .run(strategy, check)
    .unwrap();
}
