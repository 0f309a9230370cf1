//! Calls: committed once, answered after the commit, told to the log and to the other service.

use std::time::Duration;

use chassis::store::requests;
use chassis::waiting::Waited;
use chassis::writer::CallError;
use chrono::TimeDelta;
use futures::future::join_all;
use uuid::Uuid;

use super::support::rig::scenario;
use super::support::service::{Service, request};
use super::support::ticket::{Command, Refusal, open};
use super::support::toy::Toy;
use super::support::{BOUND, eventually};

#[test]
fn a_call_is_committed_published_and_admitted_by_the_other_service() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subject = left.open(3).await;
        let answer = left.call(subject, Command::Add(4)).await.unwrap();
        assert_eq!(answer.response, b"version 2 total 7");
        assert!(!answer.replayed);

        assert_eq!(right.reaches(subject, 2).await.total, 7);
        assert_eq!(right.projected(subject).await, (7, 2));
        assert_eq!(
            right.call(subject, Command::Add(1)).await,
            Err(CallError::Refused(Refusal::NotOwner))
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

#[test]
fn what_is_handed_over_goes_on_at_the_other_service_and_comes_back() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subject = left.open(1).await;
        left.call(subject, Command::Hand("right")).await.unwrap();
        assert_eq!(
            left.call(subject, Command::Add(1)).await,
            Err(CallError::Refused(Refusal::NotOwner))
        );
        right.reaches(subject, 2).await;
        right.call(subject, Command::Add(5)).await.unwrap();
        right.call(subject, Command::Hand("left")).await.unwrap();
        left.reaches(subject, 4).await;
        let answer = left.call(subject, Command::Close).await.unwrap();
        assert_eq!(answer.response, b"version 5 total 6");
        assert!(!right.reaches(subject, 5).await.open);
        assert_eq!(right.projected(subject).await, (6, 5));
        assert_eq!(left.projected(subject).await, (6, 5));
        // The one that archives keeps what both said, the other its own words.
        let kept = "select count(*) from chassis.events";
        assert_eq!((left.count(kept).await, right.count(kept).await), (3, 5));
    });
}

#[test]
fn the_same_request_has_the_same_answer_and_changes_nothing() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let twin = Service::ready(rig, Toy::left(), &url).await;
        let subject = left.open(1).await;
        let add = |id: &str| request(id, subject, Command::Add(2));

        let first = left.engine.writer.call(add("one")).await.unwrap();
        let again = left.engine.writer.call(add("one")).await.unwrap();
        assert!(again.replayed && again.response == first.response);

        for answer in left.together(vec![add("two"); 4]).await {
            assert_eq!(answer.unwrap().response, b"version 3 total 5");
        }

        let new = Uuid::now_v7();
        let at_once = async |service: &Service| {
            let calls = (0..20).flat_map(|row| {
                let id = format!("open {row}");
                let subject = Uuid::from_u128(new.as_u128() + row);
                [request(&id, subject, open(9)), add("three")]
            });
            join_all(calls.map(|call| service.engine.writer.call(call))).await
        };
        let (here, there) = tokio::join!(at_once(&left), at_once(&twin));
        for (row, (here, there)) in here.into_iter().zip(there).enumerate() {
            let (here, there) = (here.unwrap(), there.unwrap());
            assert_eq!(here.response, there.response, "row {row}");
            let expected: &[u8] = match row % 2 {
                0 => b"version 1 total 9",
                _ => b"version 4 total 7",
            };
            assert_eq!(here.response, expected, "row {row}");
        }
        assert_eq!(left.projected(subject).await, (7, 4));
        left.quiet().await;
        twin.quiet().await;
        // 4 of the subject, 2 of the one that dawdled, 20 opened by both.
        assert_eq!(rig.log_length().await, 26);
        assert_eq!(left.count("select count(*) from chassis.parked").await, 0);
    });
}

#[test]
fn another_body_under_a_used_request_id_is_refused() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let subject = left.open(1).await;
        let writer = &left.engine.writer;
        let call = |id: &str, amount| request(id, subject, Command::Add(amount));
        writer.call(call("one", 1)).await.unwrap();
        assert_eq!(
            writer.call(call("one", 2)).await,
            Err(CallError::RequestIdReused)
        );
        let mut stranger = call("one", 2);
        stranger.key.principal = "consumer/-/c2".into();
        writer.call(stranger).await.unwrap();

        let both = left.together(vec![call("two", 1), call("two", 2)]).await;
        assert!(both[0].is_ok());
        assert_eq!(both[1], Err(CallError::RequestIdReused));

        // A refused request is forgotten: it may be repeated when things have changed.
        let refused = writer.call(call("three", -1)).await;
        assert_eq!(refused, Err(CallError::Refused(Refusal::NegativeAmount)));
        writer.call(call("three", 1)).await.unwrap();
        assert_eq!(left.ticket(subject).await.total, 6);
    });
}

#[test]
fn a_used_request_id_is_forgotten_after_its_retention() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let subject = left.open(1).await;
        let writer = &left.engine.writer;
        let call = || request("one", subject, Command::Add(1));
        writer.call(call()).await.unwrap();
        let now = chassis::clock::wall();
        let forget = async |before| {
            let mut connection = left.connection().await;
            requests::forget(&mut connection, before, 10).await.unwrap()
        };
        assert_eq!(forget(now - TimeDelta::hours(1)).await, 0);
        assert!(writer.call(call()).await.unwrap().replayed);
        assert_eq!(forget(now + TimeDelta::hours(1)).await, 2);
        assert!(!writer.call(call()).await.unwrap().replayed);
    });
}

#[test]
fn a_stale_etag_is_told_the_one_of_now() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let subject = left.open(1).await;
        let with = |id: &str, etag: &str| {
            let mut call = request(id, subject, Command::Add(1));
            call.etag = Some(etag.into());
            left.engine.writer.call(call)
        };
        with("a", "1.0").await.unwrap();
        let stale = CallError::EtagDiffers("2.0".into());
        assert_eq!(with("b", "1.0").await, Err(stale));
        // A notice moves it as well; the one to whom it is addressed answers it with a decision.
        left.call(subject, Command::Wish).await.unwrap();
        let stale = CallError::EtagDiffers("3.1".into());
        assert_eq!(with("c", "2.0").await, Err(stale));
        with("c", "3.1").await.unwrap();
    });
}

#[test]
fn who_waits_for_a_version_is_woken_by_any_replica() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let twin = Service::ready(rig, Toy::left(), &url).await;
        let subject = Uuid::now_v7();
        let wait = |service: &Service, version| {
            let waiters = service.engine.waiters.clone();
            tokio::spawn(tokio::time::timeout(BOUND, async move {
                waiters.reach(subject, version).await
            }))
        };
        // An unknown subject is waited for too.
        let waits = [
            wait(&left, 1),
            wait(&twin, 1),
            wait(&left, 2),
            wait(&twin, 2),
        ];
        left.call(subject, open(1)).await.unwrap();
        twin.call(subject, Command::Add(1)).await.unwrap();
        for wait in waits {
            assert_eq!(wait.await.unwrap().unwrap(), Waited::Reached);
        }
        let reached = tokio::time::timeout(BOUND, left.engine.waiters.reach(subject, 1)).await;
        assert_eq!(reached.unwrap(), Waited::Reached);
        let early = tokio::time::timeout(
            Duration::from_millis(50),
            left.engine.waiters.reach(subject, 3),
        );
        assert!(early.await.is_err());

        sqlx::query("update chassis.subjects set blocked = 'gap'")
            .execute(&mut left.connection().await)
            .await
            .unwrap();
        let blocked = tokio::time::timeout(BOUND, left.engine.waiters.reach(subject, 3)).await;
        assert_eq!(blocked.unwrap(), Waited::Blocked("gap".into()));
    });
}

#[test]
fn an_unknown_subject_is_not_found_a_blocked_one_is_parked_a_known_one_is_not_opened_again() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let subject = left.open(1).await;
        let unknown = left.call(Uuid::now_v7(), Command::Add(1)).await;
        assert_eq!(unknown, Err(CallError::NotFound));
        let again = left.call(subject, open(1)).await;
        assert_eq!(again, Err(CallError::Refused(Refusal::OpenAlready)));
        sqlx::query("update chassis.subjects set blocked = 'broken_chain'")
            .execute(&mut left.connection().await)
            .await
            .unwrap();
        let blocked = left.call(subject, Command::Add(1)).await;
        assert_eq!(blocked, Err(CallError::Parked("broken_chain".into())));
        assert_eq!(left.version(subject).await, 1);
    });
}

#[test]
fn one_bad_call_of_a_batch_costs_nobody_else_anything() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let (a, b) = (left.open(1).await, left.open(1).await);
        let rows: [(&str, Command, bool); 4] = [
            ("refusal", Command::Add(-1), true),
            ("panic", Command::Panic, true),
            // The store does not take a NUL in a text, and says so for the whole batch.
            ("data", Command::Write("a\0b".into()), false),
            (
                "broken row",
                Command::Write(super::support::toy::SPOILT_ROW.into()),
                false,
            ),
        ];
        for (round, (name, bad, in_one_batch)) in rows.into_iter().enumerate() {
            let id = |part: &str| format!("{name} {part}");
            let calls = vec![
                request(&id("before"), a, Command::Add(1)),
                request(&id("bad"), a, bad),
                request(&id("after"), a, Command::Add(1)),
                request(&id("other"), b, Command::Add(1)),
                request(&id("unknown"), Uuid::now_v7(), Command::Add(1)),
            ];
            let outcomes = left.together(calls).await;
            let version = 2 + 2 * round;
            let total = |version: usize| format!("version {version} total {version}").into_bytes();
            assert_eq!(
                outcomes[0].as_ref().unwrap().response,
                total(version),
                "{name}"
            );
            match name {
                "refusal" => assert_eq!(
                    outcomes[1],
                    Err(CallError::Refused(Refusal::NegativeAmount))
                ),
                _ => assert!(
                    matches!(outcomes[1], Err(CallError::Defect(_))),
                    "{name}: {:?}",
                    outcomes[1]
                ),
            }
            assert_eq!(
                outcomes[2].as_ref().unwrap().response,
                total(version + 1),
                "{name}"
            );
            assert!(outcomes[3].is_ok(), "{name}");
            assert_eq!(outcomes[4], Err(CallError::NotFound), "{name}");
            let transactions = left
                .count("select count(distinct xmin::text) from chassis.subjects where version > 1 and subject in (select subject from toy.totals where total > 0)")
                .await;
            assert_eq!(transactions == 1, in_one_batch, "{name}");
        }
        assert_eq!(left.count("select count(*) from toy.texts").await, 0);
        let subject = left.open(1).await;
        left.call(subject, Command::Write("kept".into()))
            .await
            .unwrap();
        assert_eq!(left.count("select count(*) from toy.texts").await, 1);
    });
}

#[test]
fn a_full_queue_answers_overloaded_at_once() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::start(rig, Toy::left(), &url, &["--writer-queue-calls=2"]);
        left.wait_until_ready().await;
        let subject = left.open(0).await;
        let call = |row| request(&format!("row {row}"), subject, Command::Add(1));
        let outcomes = left.together((0..5).map(call).collect()).await;
        let overloaded = Err(CallError::Overloaded);
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 2);
        assert_eq!(outcomes.iter().filter(|o| **o == overloaded).count(), 3);
        assert_eq!(left.ticket(subject).await.total, 2);
    });
}

#[test]
fn stopping_finishes_the_calls_that_were_queued() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::start(rig, Toy::left(), &url, &["--writer-max-calls=2"]);
        left.wait_until_ready().await;
        let subject = left.open(0).await;
        let writer = left.engine.writer.clone();
        let pause = Duration::from_millis(300);
        // They arrive in any order: some may be done before the one that dawdles.
        let calls = (0..40).map(|row| {
            let command = if row == 0 {
                Command::Dawdle(pause)
            } else {
                Command::Add(1)
            };
            let call = request(&format!("row {row}"), subject, command);
            let writer = writer.clone();
            tokio::spawn(async move { writer.call(call).await })
        });
        let calls: Vec<_> = calls.collect();
        eventually("a queue", async || writer.queue_length() > 4).await;
        left.stop().await;
        for call in calls {
            call.await.unwrap().unwrap();
        }
        let late = writer.call(request("late", subject, Command::Add(1))).await;
        assert_eq!(late, Err(CallError::Stopped));
        let left = Service::ready(rig, Toy::left(), &url).await;
        assert_eq!(left.ticket(subject).await.total, 39);
        left.quiet().await;
        let mut log: Vec<Uuid> = rig.log().await.into_iter().map(|e| e.id).collect();
        log.sort();
        log.dedup();
        assert_eq!(log.len(), 41);
    });
}

#[test]
fn stopping_publishes_what_was_committed() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let subjects = join_all((0..50).map(|_| left.open(0))).await;
        left.stop().await;
        assert_eq!(rig.log_length().await, subjects.len());
        let left = Service::ready(rig, Toy::left(), &url).await;
        assert_eq!(left.count("select count(*) from chassis.outbox").await, 0);
        left.quiet().await;
        assert_eq!(rig.log_length().await, subjects.len());
    });
}
