//! Reads of single rows, made together.

use futures::future::join_all;
use uuid::Uuid;

use super::support::rig::scenario;
use super::support::service::Service;
use super::support::ticket::Command;
use super::support::toy::Toy;

#[test]
fn rows_asked_for_at_once_are_each_what_was_committed_before() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let mut subjects = Vec::new();
        for _ in 0..5 {
            subjects.push(left.open(1).await);
        }
        subjects.push(Uuid::now_v7());
        for adds in 0..3 {
            // the same one several times, too
            let asked = subjects.iter().cycle().take(600);
            let rows = join_all(asked.clone().map(|subject| left.engine.pool.row(*subject))).await;
            for (subject, row) in asked.zip(rows) {
                let version = row.unwrap().map(|row| (row.subject, row.position.version));
                let known = (*subject != subjects[5]).then_some((*subject, 1 + adds));
                assert_eq!(version, known);
            }
            for subject in &subjects[..5] {
                left.call(*subject, Command::Add(1)).await.unwrap();
            }
        }
    });
}
