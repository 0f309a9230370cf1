//! Recovery: a database that is older than its service's words reads them all before it says another.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chassis::clock;
use chassis::engine::Topics;
use chassis::envelope::Kind;
use chassis::store::outbox;
use chassis::writer::CallError;
use chrono::TimeDelta;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::support::eventually;
use super::support::history::History;
use super::support::idler::Idler;
use super::support::rig::{PARTITIONS, Rig, scenario};
use super::support::service::Service;
use super::support::ticket::{Body, Command, LEFT};
use super::support::toy::Toy;

/// Every place of every subject's history is on the log with one id only, and without holes.
async fn assert_not_forked(rig: &Rig) {
    let mut places: HashMap<(Uuid, String, u64), Uuid> = HashMap::new();
    let mut ends: HashMap<(Uuid, String), u64> = HashMap::new();
    for envelope in rig.log().await {
        let stream = (envelope.subject, envelope.stream().to_owned());
        let place = (stream.0, stream.1.clone(), envelope.sequence);
        let first = *places.entry(place).or_insert(envelope.id);
        assert_eq!(first, envelope.id, "forked at {envelope:?}");
        let end = ends.entry(stream).or_insert(0);
        assert!(envelope.sequence <= *end + 1, "a hole before {envelope:?}");
        *end = envelope.sequence.max(*end);
    }
}

async fn recoveries(service: &Service) -> i64 {
    service
        .count("select count(*) from chassis.recoveries")
        .await
}

#[test]
fn a_database_put_back_reads_its_own_words_before_it_acts() {
    // With what the group had told Kafka, and without: then the first unknown own word tells.
    for told in [true, false] {
        scenario(async |rig| {
            let url = rig.database("left").await;
            let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
            let left = Service::ready(rig, Toy::left(), &url).await;
            let subjects = [left.open(1).await, left.open(1).await, left.open(1).await];
            let soon = clock::wall() + TimeDelta::milliseconds(1500);
            left.call(subjects[0], Command::SetDue(soon)).await.unwrap();
            left.quiet_but_due().await;
            left.stop().await;
            // The copy has words in its outbox that the log has already.
            let topics: Topics = rig.topics();
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let again = outbox::republish(&mut connection, LEFT, &topics, None).await;
            assert_eq!(again.unwrap(), 4);
            connection.close().await.unwrap();
            rig.copy_database("left", "older").await;

            let left = Service::ready(rig, Toy::left(), &url).await;
            left.reaches(subjects[0], 3).await;
            left.call(subjects[1], Command::Add(5)).await.unwrap();
            left.call(subjects[2], Command::Wish).await.unwrap();
            left.reaches(subjects[2], 2).await;
            let new = left.open(9).await;
            left.quiet().await;
            right.reaches(new, 1).await;
            left.stop().await;
            if !told {
                rig.forget_group("left").await;
            }
            rig.put_back("left", "older").await;

            let left = Service::start(rig, Toy::left(), &url, &[]);
            assert_eq!(
                left.call(subjects[1], Command::Add(5)).await,
                Err(CallError::Recovering)
            );
            left.wait_until_ready().await;
            assert_eq!(recoveries(&left).await, 0);
            for (subject, version) in subjects.into_iter().zip([3, 2, 2]) {
                assert_eq!(left.version(subject).await, version, "{subject}");
            }
            let answer = left.call(subjects[1], Command::Add(5)).await.unwrap();
            assert_eq!(answer.response, b"version 3 total 11");
            assert_eq!(left.ticket(new).await.total, 9);
            left.quiet().await;
            right.reaches(subjects[1], 3).await;
            right.quiet().await;
            assert_not_forked(rig).await;
            assert!(right.parked().await.is_empty() && left.parked().await.is_empty());
            assert_eq!(left.ticket(subjects[0]).await.expired, 1);
        });
    }
}

#[test]
fn no_replica_acts_while_another_has_still_to_read_its_partitions() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let mut subjects = Vec::new();
        for _ in 0..40 {
            subjects.push(left.open(1).await);
        }
        left.quiet().await;
        left.stop().await;
        rig.copy_database("left", "older").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        for subject in &subjects {
            left.call(*subject, Command::Add(1)).await.unwrap();
        }
        left.quiet().await;
        left.stop().await;
        rig.put_back("left", "older").await;

        // stands for a replica that has its partitions and has not looked at them yet
        let idler = Idler::join(rig, "left").await;
        let left = Service::start(rig, Toy::left(), &url, &[]);
        let ends = idler.ends();
        eventually("its own partitions are read", async || {
            let (theirs, read) = (idler.partitions(), left.read_up_to(&ends).await);
            let own: BTreeSet<i32> = (0..PARTITIONS).filter(|p| !theirs.contains(p)).collect();
            !theirs.is_empty() && !own.is_empty() && own.is_subset(&read)
        })
        .await;
        for subject in &subjects {
            let answer = left.call(*subject, Command::Add(1)).await;
            assert_eq!(answer, Err(CallError::Recovering), "{subject}");
        }
        assert!(recoveries(&left).await > 0);

        idler.leave();
        left.wait_until_ready().await;
        for subject in &subjects {
            let answer = left.call(*subject, Command::Add(1)).await.unwrap();
            assert_eq!(answer.response, b"version 3 total 3");
        }
        left.quiet().await;
        assert_not_forked(rig).await;
    });
}

#[test]
fn an_own_word_that_is_unknown_to_a_running_service_stops_it_until_all_is_read() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let known = left.open(1).await;
        left.quiet().await;
        let mut history = History::new();
        for body in [Body::Opened { total: 0 }, Body::Added { amount: 2 }] {
            rig.publish(&history.next(LEFT, body)).await;
        }
        left.reaches(history.subject, 2).await;
        eventually("the end of recovery", async || {
            match left.call(known, Command::Add(1)).await {
                Err(CallError::Recovering) => false,
                outcome => outcome.is_ok(),
            }
        })
        .await;
        left.call(history.subject, Command::Add(1)).await.unwrap();
        left.wait_until_ready().await;
        left.quiet().await;
        assert_not_forked(rig).await;
    });
}

#[test]
fn an_empty_database_on_a_full_log_is_rebuilt_from_it() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let far = clock::wall() + TimeDelta::days(365);
        let mut subjects = Vec::new();
        for row in 0..20 {
            let subject = left.open(row).await;
            left.call(subject, Command::Add(1)).await.unwrap();
            if row % 2 == 0 {
                left.call(subject, Command::SetDue(far)).await.unwrap();
            }
            if row % 5 == 0 {
                right.reaches(subject, 2).await;
                right.call(subject, Command::Wish).await.unwrap();
            }
            subjects.push(subject);
        }
        let tables =
            "select count(*) from chassis.subjects where version >= 2 and not step_pending";
        let due = "select count(*) from chassis.deadlines";
        eventually("all answered", async || {
            left.quiet().await;
            right.quiet().await;
            let answered = rig.log().await;
            let is_answer = |e: &&chassis::envelope::Envelope| e.event_type == "toy.v1.Answered";
            answered.iter().filter(is_answer).count() == 4
        })
        .await;
        let mut before = Vec::new();
        for subject in &subjects {
            before.push(left.row(*subject).await.unwrap().position);
        }
        let (length, rows) = (rig.log_length().await, left.count(due).await);
        left.stop().await;

        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        left.quiet().await;
        for (subject, position) in subjects.iter().zip(before) {
            assert_eq!(left.row(*subject).await.unwrap().position, position);
        }
        assert_eq!(
            (left.count(tables).await, left.count(due).await),
            (20, rows)
        );
        assert_eq!(rig.log_length().await, length);
        left.call(subjects[0], Command::Add(1)).await.unwrap();
        left.quiet().await;
        assert_not_forked(rig).await;
    });
}

#[test]
fn steps_are_asked_when_the_end_is_reached_and_not_before() {
    scenario(async |rig| {
        let mut history = History::new();
        rig.publish(&history.next(LEFT, Body::Opened { total: 0 }))
            .await;
        // Answered twice already, the third time not: who acts on the way forks the history.
        for wishes in 1..=3 {
            rig.publish(&history.next("third", Body::Wished)).await;
            if wishes < 3 {
                rig.publish(&history.next(LEFT, Body::Answered { wishes }))
                    .await;
            }
        }
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        assert_eq!(left.reaches(history.subject, 4).await.answered, 3);
        left.quiet().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(left.version(history.subject).await, 4);
        let decisions = rig.log().await;
        let decisions = decisions.iter().filter(|e| e.kind == Kind::Decision);
        assert_eq!(decisions.count(), 4);
        assert_not_forked(rig).await;
    });
}
