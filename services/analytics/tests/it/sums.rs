//! Sums are exact: whatever the batches, whatever comes twice, they are what the cases in their last state count as.

use std::collections::BTreeMap;

use analytics::domain::measures::Measures;
use analytics::domain::rollup::Rollups;
use case::event::EndingBasis;
use case::state::{FailedWhy, Performed};
use case::terms::ReliefKind;
use case::{Body, Case, Event, EventKind, evolve};
use chassis::admission::{Admission, Position, admit};
use chassis::envelope::Envelope;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use crate::support::bodies;
use crate::support::moves::{Random, any_case};
use crate::support::people::{
    COUNTY, RESPONDENT, consumer, enterprise, official, to, to_authority,
};
use crate::support::story::Story;

const CASES: u32 = 1_000;

/// Sizes of batches, each with the number of earlier records that come before it again.
type Sizes = Vec<(usize, usize)>;

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
    let after = kept.case.as_ref().unwrap();
    difference.take_in(before.as_ref(), after, count, taken_in);
    difference
}

/// The log of a case cut into batches of these sizes, each preceded by some records that came before.
fn batches(log: &[Envelope], sizes: &Sizes) -> Vec<Vec<Envelope>> {
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
    let check = |(some, twice): (Vec<(Random, Sizes)>, bool)| {
        let mut sums = Rollups::default();
        let mut facts = Vec::new();
        for (random, sizes) in &some {
            let story = random.story();
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
    let check = |random: Random| {
        let story = random.story();
        let counted = Measures::of(&story.fact());
        for (name, value, expected) in told_by_the_log(&story, &counted) {
            prop_assert_eq!(value, expected, "{}", name);
            *seen.entry(name).or_default() += value;
        }
        prop_assert_eq!(counted.event_count, story.log.len() as i64);
        let settled = counted.settled_directly() + counted.mediated;
        let without_terms = counted.self_settled + counted.withdrawn_in_mediation;
        prop_assert!(settled <= 1 && without_terms <= 1, "counted twice");
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

/// What random histories seldom reach.
#[test]
fn what_a_later_turn_hides_is_still_counted() {
    // The offer is accepted after the negotiation expired, and the settlement is not performed.
    let story = offered("2026-05-18T02:00:00Z").on("2026-05-19T16:00:00Z");
    let story = accepted(story);
    let counted = Measures::of(&story.fact());
    let now = (
        counted.negotiations_expired,
        counted.negotiations_failed,
        counted.direct_monetary,
    );
    assert_eq!(now, (1, 1, 1));
    let story = story
        .on("2026-05-29T02:00:00Z")
        .then(consumer(), Body::ReportBreach { text: None });
    let counted = Measures::of(&story.fact());
    let broken = (
        counted.negotiations_expired,
        counted.negotiations_failed,
        counted.direct_monetary,
    );
    assert_eq!(broken, (1, 1, 1));
    assert_eq!(counted.performed_no + counted.performed_unknown, 0);

    // A mediation settles it anew: one settlement counts, the last.
    let story = story
        .then(consumer(), Body::Escalate)
        .step(&to_authority(COUNTY))
        .then(official(COUNTY), Body::AcceptComplaint);
    let mediation = story.clone();
    let terms = bodies::terms(&[ReliefKind::Refund], 100, "2026-06-10".parse().unwrap());
    let story = story.then(official(COUNTY), bodies::propose(Uuid::now_v7(), terms));
    let proposal = story.case().offers()[0].id;
    let story = story
        .then(consumer(), Body::AcceptProposal { proposal })
        .then(enterprise(RESPONDENT), Body::AcceptProposal { proposal })
        .then(consumer(), Body::WaiveAgreement)
        .then(enterprise(RESPONDENT), Body::WaiveAgreement);
    let counted = Measures::of(&story.fact());
    assert_eq!((counted.settled_directly(), counted.mediated), (0, 1));

    // Or it ends without terms, and the broken settlement still counts.
    let ended = mediation.then(official(COUNTY), Body::RecordSelfSettlement);
    let counted = Measures::of(&ended.fact());
    let ends = (
        counted.settled_directly(),
        counted.mediated,
        counted.self_settled,
    );
    assert_eq!(ends, (1, 0, 1));
}

#[test]
fn a_settlement_counts_from_the_moment_it_is_reached() {
    let settled = accepted(offered("2026-05-06T02:00:00Z"));
    let declared = settled.clone().then(
        enterprise(RESPONDENT),
        Body::DeclarePerformance { evidence: None },
    );
    let confirmed = declared
        .clone()
        .then(consumer(), bodies::confirm(Performed::Yes, 1));
    let lapsed = settled.clone().on("2026-12-01T02:00:00Z");
    for story in [settled, declared, confirmed, lapsed] {
        let counted = Measures::of(&story.fact());
        assert_eq!(
            (counted.direct_monetary, counted.negotiations_ended),
            (1, 1)
        );
    }
}

/// An enterprise's refund, offered at this time in a negotiation that ends with 19 May.
fn offered(at: &str) -> Story {
    let story = Story::at("2026-05-06T02:00:00Z");
    let filing = bodies::filing(true, story.now);
    let terms = bodies::terms(&[ReliefKind::Refund], 100, "2026-05-29".parse().unwrap());
    story
        .file(filing)
        .step(&to(RESPONDENT, COUNTY))
        .on(at)
        .then(
            enterprise(RESPONDENT),
            bodies::propose(Uuid::now_v7(), terms),
        )
}

fn accepted(story: Story) -> Story {
    let proposal = story.case().offers()[0].id;
    story.then(consumer(), Body::AcceptProposal { proposal })
}

fn run<S: Strategy>(strategy: &S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    // The same histories on every machine.
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    runner.run(strategy, check).unwrap();
}
