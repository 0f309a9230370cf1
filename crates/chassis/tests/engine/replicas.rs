//! Replicas: one dies in the middle of its work and the other goes on; nothing is lost, nothing doubled.

use chassis::writer::CallError;
use uuid::Uuid;

use super::support::eventually;
use super::support::rig::scenario;
use super::support::service::{Outcome, Service, request};
use super::support::ticket::Command;
use super::support::toy::Toy;

/// As a client does it: the same request again, at another replica, until there is an answer.
async fn insist(replicas: &[&Service], id: &str, subject: Uuid, command: Command) -> Outcome {
    let mut round = 0;
    loop {
        let replica = replicas[round % replicas.len()];
        let call = request(id, subject, command.clone());
        match replica.engine.writer.call(call).await {
            Err(CallError::Stopped | CallError::Recovering | CallError::Overloaded) => round += 1,
            outcome => return outcome,
        }
    }
}

#[test]
fn work_goes_on_when_replicas_are_killed_and_nothing_is_lost_or_doubled() {
    scenario(async |rig| {
        let (left_url, right_url) = (rig.database("left").await, rig.database("right").await);
        let doomed_left = Service::ready(rig, Toy::left(), &left_url).await;
        let left = Service::ready(rig, Toy::left(), &left_url).await;
        let doomed_right = Service::ready(rig, Toy::right(), &right_url).await;
        let right = Service::ready(rig, Toy::right(), &right_url).await;
        let mut subjects = Vec::new();
        for _ in 0..12 {
            subjects.push(left.open(0).await);
        }
        let work = async {
            for row in 0..240 {
                let subject = subjects[row % subjects.len()];
                let id = format!("row {row}");
                insist(&[&doomed_left, &left], &id, subject, Command::Add(1))
                    .await
                    .unwrap();
            }
        };
        let kill = async {
            let count = "select count(*) from chassis.events";
            eventually("some work", async || left.count(count).await > 60).await;
            doomed_left.kill();
            eventually("more work", async || left.count(count).await > 130).await;
            doomed_right.kill();
        };
        tokio::join!(work, kill);
        for subject in &subjects {
            assert_eq!(right.reaches(*subject, 21).await.total, 20);
            assert_eq!(left.projected(*subject).await, (20, 21));
            assert_eq!(right.projected(*subject).await, (20, 21));
        }
        left.quiet().await;
        right.quiet().await;
        assert!(left.parked().await.is_empty() && right.parked().await.is_empty());
        let mut log: Vec<Uuid> = rig.log().await.into_iter().map(|e| e.id).collect();
        // What was published twice by the relay that died is the same event.
        log.sort();
        log.dedup();
        assert_eq!(log.len(), 12 * 21);
    });
}

#[test]
fn a_replica_that_joins_and_one_that_leaves_move_partitions_without_loss() {
    scenario(async |rig| {
        let (left_url, right_url) = (rig.database("left").await, rig.database("right").await);
        let left = Service::ready(rig, Toy::left(), &left_url).await;
        let mut right = Service::ready(rig, Toy::right(), &right_url).await;
        let subject = left.open(0).await;
        let others = [left.open(0).await, left.open(0).await];
        for round in 0..4_i64 {
            let twin = Service::start(rig, Toy::right(), &right_url, &[]);
            for _ in 0..5 {
                left.call(subject, Command::Add(1)).await.unwrap();
                left.call(others[0], Command::Wish).await.unwrap();
                left.call(others[1], Command::Add(1)).await.unwrap();
            }
            twin.wait_until_ready().await;
            if round % 2 == 0 {
                right.stop().await;
                right = twin;
            } else {
                twin.stop().await;
            }
        }
        right.reaches(subject, 21).await;
        right.reaches(others[1], 21).await;
        left.quiet().await;
        right.quiet().await;
        assert_eq!(right.projected(subject).await, (20, 21));
        let (here, there) = (left.row(others[0]).await, right.row(others[0]).await);
        assert_eq!(here.unwrap().position, there.unwrap().position);
        assert!(right.parked().await.is_empty());
    });
}

#[test]
fn an_office_passes_on_when_its_holders_session_dies() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let twin = Service::ready(rig, Toy::left(), &url).await;
        let subject = left.open(0).await;
        let holders = "select count(*) from pg_locks where locktype = 'advisory' and granted
             and database = (select oid from pg_database where datname = current_database())";
        for round in 1..=3_i64 {
            eventually("two holders", async || left.count(holders).await == 2).await;
            sqlx::query(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
                 and database = (select oid from pg_database where datname = current_database())",
            )
            .execute(&mut left.connection().await)
            .await
            .unwrap();
            // Both offices work on: what is said is published, what is due is done.
            let now = chassis::clock::wall();
            left.call(subject, Command::SetDue(now)).await.unwrap();
            let expired = u32::try_from(round).unwrap();
            eventually("expired", async || {
                twin.ticket(subject).await.expired == expired
            })
            .await;
            eventually("published", async || {
                left.count("select count(*) from chassis.outbox").await == 0
            })
            .await;
        }
        left.quiet().await;
        assert_eq!(left.version(subject).await, 7);
        let mut log: Vec<Uuid> = rig.log().await.into_iter().map(|e| e.id).collect();
        log.sort();
        log.dedup();
        assert_eq!(log.len(), 7);
    });
}
