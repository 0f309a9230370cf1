//! The relay: a row goes when it was delivered, keeps its key's order, and may be published again.

use std::collections::HashMap;
use std::time::Duration;

use chassis::pb::RepublishOutboxRequest;
use chassis::pb::ops_service_server::OpsService;
use futures::future::join_all;
use uuid::Uuid;

use super::support::eventually;
use super::support::rig::scenario;
use super::support::service::{Service, operator};
use super::support::ticket::Command;
use super::support::toy::Toy;

const OUTBOX: &str = "select count(*) from chassis.outbox";

#[test]
fn rows_stay_until_they_are_delivered() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let first = left.open(1).await;
        left.quiet().await;
        rig.remove_topics().await;
        let second = left.open(1).await;
        left.call(first, Command::Add(1)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(left.count(OUTBOX).await, 2);
        rig.make_topics_again().await;
        eventually("an empty outbox", async || left.count(OUTBOX).await == 0).await;
        let log = rig.log().await;
        let subjects: Vec<Uuid> = log.iter().map(|envelope| envelope.subject).collect();
        assert!(subjects.contains(&first) && subjects.contains(&second));
    });
}

#[test]
fn a_row_that_cannot_be_delivered_holds_back_its_key_only() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let (held, neighbour) = (left.open(0).await, left.open(0).await);
        left.quiet().await;
        // While nobody relays, one of three events grows beyond what a producer takes.
        let mut connection = left.connection().await;
        let office = 0x6f64_7201_i64;
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'left relay' and datname = current_database()")
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query("select pg_advisory_lock($1)")
            .bind(office)
            .execute(&mut connection)
            .await
            .unwrap();
        for subject in [held, held, held, neighbour] {
            left.call(subject, Command::Add(1)).await.unwrap();
        }
        let spoil = "update chassis.events set value = $2 where subject = $1 and sequence = 3";
        sqlx::query(spoil)
            .bind(held)
            .bind(vec![0_u8; 5_000_000])
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query("select pg_advisory_unlock($1)")
            .bind(office)
            .execute(&mut connection)
            .await
            .unwrap();
        let of = async |subject: Uuid| {
            let log = rig.log().await.into_iter();
            let mine = log.filter(|envelope| envelope.subject == subject);
            mine.map(|envelope| envelope.sequence).collect::<Vec<_>>()
        };
        eventually("the others", async || left.count(OUTBOX).await == 2).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(left.count(OUTBOX).await, 2);
        assert_eq!(
            (of(held).await, of(neighbour).await),
            (vec![1, 2], vec![1, 2])
        );

        sqlx::query(spoil)
            .bind(held)
            .bind(b"small".to_vec())
            .execute(&mut connection)
            .await
            .unwrap();
        eventually("all", async || left.count(OUTBOX).await == 0).await;
        assert_eq!(of(held).await, [1, 2, 3, 4]);
    });
}

#[test]
fn a_key_keeps_its_order_under_load() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let subjects = join_all((0..20).map(|_| left.open(0))).await;
        let calls = (0..400).map(|row| left.call(subjects[row % 20], Command::Add(1)));
        for outcome in join_all(calls).await {
            outcome.unwrap();
        }
        left.quiet().await;
        let mut last: HashMap<Uuid, u64> = HashMap::new();
        for envelope in rig.log().await {
            let before = last.insert(envelope.subject, envelope.sequence);
            assert_eq!(before.unwrap_or(0) + 1, envelope.sequence);
        }
        assert!(last.len() == 20 && last.values().all(|version| *version == 21));
    });
}

#[test]
fn publishing_again_is_harmless() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subject = left.open(1).await;
        left.call(subject, Command::Add(1)).await.unwrap();
        left.call(subject, Command::Wish).await.unwrap();
        right.reaches(subject, 3).await;
        let middle = left.row(subject).await.unwrap().position;
        left.quiet().await;
        let length = rig.log_length().await;
        for _ in 0..2 {
            let all = operator(RepublishOutboxRequest {
                all: true,
                ..Default::default()
            });
            let answer = left.engine.ops.republish_outbox(all).await.unwrap();
            assert_eq!(answer.into_inner().count, 4);
        }
        left.quiet().await;
        eventually("all of it read", async || {
            right.quiet().await;
            let read = "select sum(next_offset)::bigint from chassis.positions";
            let read = usize::try_from(right.count(read).await).unwrap();
            read == rig.log_length().await && read == length + 8
        })
        .await;
        assert_eq!(right.row(subject).await.unwrap().position, middle);
        assert_eq!(left.row(subject).await.unwrap().position, middle);
        assert_eq!(right.projected(subject).await, (2, 4));
        assert!(right.parked().await.is_empty() && left.parked().await.is_empty());
    });
}
