//! Calls: committed once, answered after the commit, told to the log and to the other service.

use super::support::rig::scenario;
use super::support::service::Service;
use super::support::ticket::{Command, Refusal};
use super::support::toy::Toy;
use chassis::writer::CallError;

#[test]
fn a_call_is_committed_published_and_admitted_by_the_other_service() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subject = left.open(3).await;
        let answer = left.call(subject, Command::Add(4)).await.unwrap();
        assert_eq!(answer.response, b"version 2 total 7");
        assert_eq!(
            right.call(subject, Command::Wish).await.unwrap_err(),
            CallError::NotFound
        );

        assert_eq!(right.reaches(subject, 2).await.total, 7);
        assert_eq!(right.projected(subject).await, (7, 2));
        assert_eq!(
            right.call(subject, Command::Add(1)).await.unwrap_err(),
            CallError::Refused(Refusal::NotOwner)
        );
        left.quiet().await;
        assert_eq!(
            left.row(subject).await.unwrap().position,
            right.row(subject).await.unwrap().position
        );
        assert_eq!(rig.log_length().await, 2);
        left.stop().await;
        right.stop().await;
    });
}
