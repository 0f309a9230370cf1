//! However events come, twice, in pieces, around a restart or a death, in batches of any size: the sums are the same.

use std::fmt::Debug;

use analytics::domain::rollup::Rollups;
use chassis::envelope::Envelope;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use proto::analytics::v1::{Selection, Totals};

use crate::support::eventually;
use crate::support::moves::any_case;
use crate::support::rig::{self, World};
use crate::support::service::{OPERATOR, Service};
use crate::support::story::Story;

/// Random stories, the same on every machine.
fn stories(count: usize) -> Vec<Story> {
    let mut runner = TestRunner::deterministic();
    let random = proptest::collection::vec(any_case(), count);
    let random = random.new_tree(&mut runner).unwrap().current();
    random.iter().map(|random| random.story()).collect()
}

/// Events of all stories, the first of each, then the second of each, and so on: the cases are told side by side.
fn woven(stories: &[Story]) -> Vec<&Envelope> {
    let longest = stories.iter().map(|story| story.log.len()).max().unwrap();
    (0..longest)
        .flat_map(|at| stories.iter().filter_map(move |story| story.log.get(at)))
        .collect()
}

async fn totals(service: &Service) -> Totals {
    service
        .totals(OPERATOR, Selection::default())
        .await
        .unwrap()
}

/// The sums are those of the facts, and the facts those of the stories.
async fn is_exact(world: &World<'_>, service: &Service, stories: &[Story]) {
    let differences = analytics::differences(&mut world.connection().await).await;
    same(&differences.unwrap(), &Vec::new());
    let facts: Vec<_> = stories.iter().map(Story::fact).collect();
    let expected = Rollups::recount(&facts);
    let sum = expected
        .measures
        .values()
        .fold(Default::default(), |sum, part| part.plus(&sum));
    let got = totals(service).await;
    same(&got.filed, &(stories.len() as i64));
    same(&got.event_count, &sum.event_count);
    same(&got.settled_directly, &sum.settled_directly());
    same(&got.mediated, &sum.mediated);
    same(&got.expired, &sum.negotiations_expired);
    same(&got.handling_days_sum, &sum.handling_days_sum);
    same(&got.recovered_fen, &sum.recovered_fen);
    let closed: i64 = expected.handling_days.values().sum();
    same(&(got.filed - got.open), &closed);
}

#[track_caller]
fn same<T: PartialEq + Debug>(got: &T, expected: &T) {
    assert_eq!(got, expected);
}

#[test]
fn a_stop_a_death_and_redelivery_change_nothing() {
    rig::test(async |rig| {
        let world = rig.world().await;
        let stories = stories(120);
        let log = woven(&stories);
        let (first, rest) = log.split_at(log.len() / 2);

        // Small batches, so that the ends come amid many.
        let small = ["--writer-max-records=7"];
        let service = Service::start(&world, &small).await;
        world.publish(first.iter().copied()).await;
        eventually("something counted", async || {
            totals(&service).await.filed > 0
        })
        .await;
        service.stop().await;

        let service = Service::start(&world, &small).await;
        // What was published before comes again, then the rest.
        world.publish(first.iter().copied()).await;
        world.publish(rest.iter().copied()).await;
        let before = totals(&service).await.event_count;
        eventually("more counted", async || {
            totals(&service).await.event_count > before
        })
        .await;
        service.kill();

        let service = Service::start(&world, &small).await;
        world.publish(log.iter().copied().take(50)).await;
        service.has_taken_in(&stories).await;
        is_exact(&world, &service, &stories).await;
        service.stop().await;
    });
}

#[test]
fn the_size_of_batches_does_not_matter() {
    rig::test(async |rig| {
        let stories = stories(60);
        let log = woven(&stories);
        let mut all = Vec::new();
        for setting in ["--writer-max-records=1", "--writer-max-records=500"] {
            let world = rig.world().await;
            world.publish(log.iter().copied()).await;
            let service = Service::start(&world, &[setting]).await;
            service.has_taken_in(&stories).await;
            is_exact(&world, &service, &stories).await;
            all.push(totals(&service).await);
            service.stop().await;
        }
        same(&all[0], &all[1]);
    });
}

#[test]
fn two_replicas_share_the_work_and_the_sums() {
    rig::test(async |rig| {
        let world = rig.world().await;
        let stories = stories(60);
        let log = woven(&stories);
        let (first, rest) = log.split_at(log.len() / 2);
        let one = Service::start(&world, &["--replica=1"]).await;
        world.publish(first.iter().copied()).await;
        let two = Service::start(&world, &["--replica=2"]).await;
        world.publish(rest.iter().copied()).await;
        one.has_taken_in(&stories).await;
        is_exact(&world, &two, &stories).await;
        one.stop().await;
        two.stop().await;
    });
}
