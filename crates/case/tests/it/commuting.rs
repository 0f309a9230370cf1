//! Notices commute with every decision: the order of arrival changes nothing.

use case::state::WithdrawalReason;
use case::{Case, Event, Head, Kind, Recorded, Service, evolve};
use uuid::Uuid;

use crate::support::At;
use crate::support::bodies::usual;
use crate::support::history::usual_facts;
use crate::support::play::play;
use crate::support::random::Random;
use crate::support::samples::text;
use crate::transitions::accepted::accepted;

fn notices() -> Vec<(Service, Event)> {
    vec![
        (
            Service::Intake,
            Event::EvidenceAdded {
                evidence: Uuid::from_u128(1),
                hash: [1; 32],
                media_type: "image/png".to_owned(),
                size_bytes: 10,
                by: case::Side::Consumer,
            },
        ),
        (
            Service::Intake,
            Event::WithdrawalRequested {
                reason: WithdrawalReason::Mistake,
                text: None,
            },
        ),
        (
            Service::Mediation,
            Event::HandlingReported {
                handled_at: crate::support::samples::instant("2026-05-06T00:00:00Z"),
                course: text(1),
                method: text(2),
                result: text(3),
            },
        ),
    ]
}

fn both_orders(case: &Case, one: &Recorded, other: &Recorded) -> (Option<Case>, Option<Case>) {
    let start = || Some(case.clone());
    (
        evolve(evolve(start(), one), other),
        evolve(evolve(start(), other), one),
    )
}

#[test]
fn notices_commute_with_every_decision() {
    let lines = accepted();
    let withdrawals = pending_withdrawals();
    let decisions = lines
        .iter()
        .filter(|line| line.at != At::Nothing && !line.kind.is_notice())
        .map(|line| (line.decided(), format!("{:?} at {:?}", line.kind, line.at)))
        .chain(withdrawals);
    for ((before, decision), says) in decisions {
        let absorbed = decision.meta.notice_heads.clone();
        for (source, event) in notices() {
            let sequence = absorbed.get(&source).map_or(1, |head| head.sequence + 1);
            let mut notice = decision.clone();
            notice.source = source;
            notice.sequence = sequence;
            notice.id = Uuid::from_u128(500);
            notice.event = event;
            // The owner may or may not have read the notice when it decided.
            let mut read = decision.clone();
            let chain = [9; 32];
            read.meta
                .notice_heads
                .insert(source, Head { sequence, chain });
            for decision in [&decision, &read] {
                let (one, other) = both_orders(&before, &notice, decision);
                assert_eq!(one, other, "{says}, {:?}", notice.event.event_kind());
            }
        }
    }
}

/// The decisions that answer a request, from every state that has one.
fn pending_withdrawals() -> Vec<((Case, Recorded), String)> {
    use case::CommandKind as C;
    let states = case::lifecycle::row(C::Withdraw).from;
    let asked = states.iter().map(|&state| {
        let mut history = At::of(state).history();
        let (by, body) = usual(C::RequestWithdrawal, history.now);
        history = history.then(by, body);
        (history, C::Withdraw)
    });
    asked
        .chain([(
            At::SettledThenAskedToWithdraw.history(),
            C::RefuseWithdrawal,
        )])
        .map(|(mut history, kind)| {
            let before = history.case().clone();
            let (by, body) = usual(kind, history.now);
            let facts = usual_facts(&body);
            history.give(by, body, &facts).expect("answered");
            let answer = history.log.last().expect("an answer").clone();
            let says = format!("{kind} at {:?}", case::StateKind::of(&before.state));
            ((before, answer), says)
        })
        .collect()
}

#[test]
fn any_order_of_arrival_gives_the_same_case() {
    for seed in 0..300 {
        let history = play(seed, 60, |_, _, _, _, _| {});
        let (decisions, notices): (Vec<_>, Vec<_>) = history
            .log
            .iter()
            .partition(|recorded| recorded.event.kind() == Kind::Decision);
        let mut random = Random::seeded(seed ^ 0xABCD);
        for _ in 0..8 {
            let merged = merge(&mut random, &decisions, &notices);
            let case = merged.into_iter().fold(None, evolve);
            assert_eq!(case, history.case, "seed {seed}");
        }
    }
}

/// A random merge: the filing first, decisions in their order, the notices of each source in theirs.
fn merge<'a>(
    random: &mut Random,
    decisions: &[&'a Recorded],
    notices: &[&'a Recorded],
) -> Vec<&'a Recorded> {
    let of = |source| {
        let mut queue: Vec<&Recorded> = notices
            .iter()
            .filter(|notice| notice.source == source)
            .copied()
            .collect();
        queue.reverse();
        queue
    };
    let mut queues = [
        decisions[1..].iter().rev().copied().collect(),
        of(Service::Intake),
        of(Service::Mediation),
    ];
    let mut merged = vec![decisions[0]];
    while queues.iter().any(|queue| !queue.is_empty()) {
        let place = random.below(queues.len());
        merged.extend(queues[place].pop());
    }
    merged
}
