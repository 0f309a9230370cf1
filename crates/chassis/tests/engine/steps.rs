//! Steps: what a state asks for by itself is done by its owner, once, when it has the facts for it.

use chassis::envelope::Kind;
use futures::future::join_all;

use super::support::rig::scenario;
use super::support::service::Service;
use super::support::ticket::Command;
use super::support::toy::Toy;

#[test]
fn a_notice_is_answered_once_by_whoever_owns_the_subject() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let _twin = Service::ready(rig, Toy::left(), &url).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subject = left.open(0).await;
        right.reaches(subject, 1).await;
        right.call(subject, Command::Wish).await.unwrap();
        assert_eq!(left.reaches(subject, 2).await.answered, 1);
        // The owner's own wish: the facts for its answer were not loaded when it was written down.
        left.call(subject, Command::Wish).await.unwrap();
        assert_eq!(left.reaches(subject, 3).await.answered, 2);
        // Now it is the other's to answer.
        left.call(subject, Command::Hand("right")).await.unwrap();
        left.call(subject, Command::Wish).await.unwrap();
        assert_eq!(right.reaches(subject, 5).await.answered, 3);
        left.reaches(subject, 5).await;
        left.quiet().await;
        right.quiet().await;
        let log = rig.log().await;
        assert_eq!(log.iter().filter(|e| e.kind == Kind::Decision).count(), 5);
        assert_eq!(log.len(), 8);
        let pending = "select count(*) from chassis.subjects where step_pending";
        assert_eq!(
            (left.count(pending).await, right.count(pending).await),
            (0, 0)
        );
    });
}

#[test]
fn a_notice_that_meets_the_hand_over_is_answered_by_the_next_owner() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subjects = join_all((0..20).map(|_| left.open(0))).await;
        for subject in &subjects {
            right.reaches(*subject, 1).await;
        }
        let wishes = subjects
            .iter()
            .map(|subject| right.call(*subject, Command::Wish));
        let hands = subjects
            .iter()
            .map(|subject| left.call(*subject, Command::Hand("right")));
        let (wishes, hands) = tokio::join!(join_all(wishes), join_all(hands));
        for outcome in wishes.into_iter().chain(hands) {
            outcome.unwrap();
        }
        for subject in &subjects {
            let ticket = right.reaches(*subject, 3).await;
            assert_eq!((ticket.wishes, ticket.answered), (1, 1));
            left.reaches(*subject, 3).await;
        }
        left.quiet().await;
        right.quiet().await;
        for subject in &subjects {
            let (here, there) = (left.row(*subject).await, right.row(*subject).await);
            assert_eq!(here.unwrap().position, there.unwrap().position);
            assert_eq!(right.version(*subject).await, 3);
        }
        assert!(left.parked().await.is_empty() && right.parked().await.is_empty());
    });
}
