//! Admission on the real log: what is no event or not the next one costs nobody, or its own subject, anything.
//!
//! Every scenario is read twice: record by record as it is published, and in one piece by a service that starts later.

use bytes::Bytes;
use chassis::writer::CallError;
use rdkafka::message::{Header, OwnedHeaders};

use super::support::eventually;
use super::support::history::{History, rechain};
use super::support::reading::{additions, blocked, publish_all, read_twice};
use super::support::rig::scenario;
use super::support::ticket::{Body, Command, LEFT, RIGHT};
use super::support::toy::Toy;

#[test]
fn garbage_is_parked_by_itself() {
    scenario(async |rig| {
        let mut history = History::new();
        let mut good = additions(&mut history, 1);
        let opened = history.position.clone();
        good.extend((0..2).map(|_| history.next(LEFT, Body::Added { amount: 1 })));
        read_twice(
            rig,
            Toy::right(),
            async || {
                rig.publish(&good[0]).await;
                let topic = rig.topics().subjects;
                let key = good[0].key();
                rig.publish_raw(&topic, &key, OwnedHeaders::new(), Some(b"{}"))
                    .await;
                rig.publish_raw(&topic, &key, good[1].headers(), None).await;
                rig.publish_raw(
                    &topic,
                    "another key",
                    good[1].headers(),
                    Some(&good[1].value),
                )
                .await;
                let nul = good[1].headers().insert(Header {
                    key: "ce_source",
                    value: Some("le\0ft"),
                });
                rig.publish_raw(&topic, &key, nul, Some(&good[1].value))
                    .await;
                let mut spoilt = good[1].clone();
                spoilt.value = Bytes::from_static(b"\0\xff{");
                rechain(&mut spoilt, &opened);
                rig.publish(&spoilt).await;
                publish_all(rig, &good[1..]).await;
            },
            async |service| {
                assert_eq!(service.reaches(good[0].subject, 3).await.total, 2);
                let mut parked = service.parked_reasons(5).await;
                parked.dedup();
                assert_eq!(parked, ["garbage"]);
                let absent = service.parked().await;
                assert!(absent.iter().any(|row| row.record.value.is_none()));
                assert_eq!(service.row(good[0].subject).await.unwrap().blocked, None);
            },
        )
        .await;
    });
}

#[test]
fn a_duplicate_changes_nothing() {
    scenario(async |rig| {
        let mut history = History::new();
        let mut events = additions(&mut history, 3);
        events.push(history.next("third", Body::Wished));
        events.push(history.next("fourth", Body::Wished));
        events.push(history.next(LEFT, Body::Added { amount: 1 }));
        read_twice(
            rig,
            Toy::right(),
            async || {
                for _ in 0..3 {
                    for event in &events {
                        rig.publish(event).await;
                        rig.publish(event).await;
                    }
                }
            },
            async |service| {
                service.reaches(history.subject, 4).await;
                service.quiet().await;
                let row = service.row(history.subject).await.unwrap();
                assert_eq!(row.position, history.position);
                assert_eq!(service.projected(history.subject).await, (3, 6));
                assert!(service.parked().await.is_empty());
                assert_eq!(row.blocked, None);
            },
        )
        .await;
    });
}

#[test]
fn a_wrong_source_and_a_conflict_at_the_head_are_parked_and_the_subject_goes_on() {
    scenario(async |rig| {
        let mut history = History::new();
        let mut events = additions(&mut history, 2);
        let stranger = history.clone().next(RIGHT, Body::Added { amount: 100 });
        let mut fork = history.clone();
        fork.position.version -= 1;
        let other = fork.next(LEFT, Body::Added { amount: 100 });
        let mut double = History::of(history.subject);
        let opened = double.next(LEFT, Body::Opened { total: 7 });
        events.extend([stranger, other, opened]);
        events.push(history.next(LEFT, Body::Added { amount: 1 }));
        read_twice(
            rig,
            Toy::left(),
            async || publish_all(rig, &events).await,
            async |service| {
                assert_eq!(service.reaches(history.subject, 3).await.total, 2);
                // The other version 1 is older than the head and passes for a duplicate.
                assert_eq!(
                    service.parked_reasons(2).await,
                    ["conflict", "wrong_source"]
                );
                assert_eq!(service.row(history.subject).await.unwrap().blocked, None);
            },
        )
        .await;
    });
}

#[test]
fn a_gap_that_heals_is_drained_and_one_that_does_not_blocks_its_subject_alone() {
    scenario(async |rig| {
        let (mut healing, mut holed, mut neighbour) =
            (History::new(), History::new(), History::new());
        let heals = additions(&mut healing, 6);
        let hole = additions(&mut holed, 4);
        let fine = additions(&mut neighbour, 3);
        let order = [
            &heals[3], &heals[0], &hole[0], &heals[4], &fine[0], &hole[2], &heals[2], &hole[3],
            &fine[1], &heals[1], &heals[5], &fine[2],
        ];
        read_twice(
            rig,
            Toy::right(),
            async || {
                for envelope in order {
                    rig.publish(envelope).await;
                }
            },
            async |service| {
                assert_eq!(service.reaches(healing.subject, 6).await.total, 5);
                assert_eq!(service.reaches(neighbour.subject, 3).await.total, 2);
                assert_eq!(service.parked_reasons(2).await, ["gap", "gap"]);
                let row = service.row(healing.subject).await.unwrap();
                assert_eq!((row.blocked, row.waiting), (None, false));
                assert_eq!(row.position, healing.position);
                let row = blocked(service, holed.subject).await;
                assert_eq!((row.blocked.as_deref(), row.waiting), (Some("gap"), true));
                assert_eq!(row.position.version, 1);
                assert_eq!(
                    service.call(holed.subject, Command::Wish).await,
                    Err(CallError::Parked("gap".into()))
                );
            },
        )
        .await;
    });
}

#[test]
fn notices_come_before_and_after_decisions() {
    scenario(async |rig| {
        let (mut early, mut late) = (History::new(), History::new());
        // A notice and a decision that took it in, before the decision it speaks of.
        let opened = early.next(LEFT, Body::Opened { total: 0 });
        let notice = early.next("third", Body::Wished);
        let taken_in = early.next(LEFT, Body::Added { amount: 1 });
        let second = early.next("third", Body::Wished);
        let before = [second, taken_in, notice, opened];
        // Notices of two sources between and behind decisions that had not seen them.
        let mut after = additions(&mut late, 2);
        let unaware = late.next(LEFT, Body::Added { amount: 1 });
        let mut notices = vec![];
        for source in ["third", "fourth", "third"] {
            notices.push(late.next(source, Body::Wished));
        }
        after.extend([notices[0].clone(), unaware, notices[1].clone()]);
        after.push(late.next(LEFT, Body::Added { amount: 1 }));
        after.insert(5, notices[2].clone());
        // Another notice in a place that is taken.
        let mut conflict = late.clone();
        conflict.position.seen.get_mut("third").unwrap().sequence -= 1;
        after.push(conflict.next("third", Body::Wished));
        read_twice(
            rig,
            Toy::right(),
            async || {
                publish_all(rig, &before).await;
                publish_all(rig, &after).await;
            },
            async |service| {
                service.reaches(late.subject, 4).await;
                eventually("both", async || {
                    let (early_row, late_row) = (
                        service.row(early.subject).await,
                        service.row(late.subject).await.unwrap(),
                    );
                    early_row.is_some_and(|row| row.position == early.position)
                        && late_row.position == late.position
                })
                .await;
                assert_eq!(service.parked_reasons(1).await, ["conflict"]);
                assert_eq!(service.projected(early.subject).await, (1, 4));
                assert_eq!(service.projected(late.subject).await, (3, 7));
                assert_eq!(service.row(early.subject).await.unwrap().blocked, None);
            },
        )
        .await;
    });
}

#[test]
fn registry_records_are_taken_in_or_parked_by_themselves() {
    scenario(async |rig| {
        let (mut entity, mut unknown) = (History::new(), History::new());
        read_twice(
            rig,
            Toy::right(),
            async || {
                let topic = rig.topics().registry;
                for envelope in [
                    entity.raw(LEFT, "toy.v1.Entity", b"{}"),
                    unknown.raw(LEFT, "toy.v1.Other", b"{}"),
                    entity.raw(LEFT, "toy.v1.Entity", b"{}"),
                ] {
                    let value = Some(envelope.value.as_ref());
                    rig.publish_raw(&topic, &envelope.key(), envelope.headers(), value)
                        .await;
                }
                rig.publish_raw(&topic, "key", OwnedHeaders::new(), None)
                    .await;
            },
            async |service| {
                let reasons = service.parked_reasons(2).await;
                assert_eq!(reasons, ["garbage", "unknown_type"]);
                let sequence = "select coalesce(max(sequence), 0) from toy.entities";
                eventually("the entity", async || service.count(sequence).await == 2).await;
                assert_eq!(
                    service.count("select count(*) from chassis.subjects").await,
                    0
                );
            },
        )
        .await;
    });
}
