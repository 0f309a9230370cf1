//! Deadlines: each fires once, by the clock its space has, before any command that comes later.

use chassis::clock::wall;
use chassis::pb::ops_service_server::OpsService;
use chassis::pb::{NextDueRequest, SetClockRequest, UnblockCaseRequest};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use uuid::Uuid;

use super::support::eventually;
use super::support::rig::{Rig, scenario};
use super::support::service::{Service, operator};
use super::support::ticket::Command;
use super::support::toy::Toy;

const DEADLINES: &str = "select count(*) from chassis.deadlines";

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn stamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap(),
    }
}

async fn set_clock(service: &Service, space: &str, now: DateTime<Utc>) {
    let request = operator(SetClockRequest {
        space: space.into(),
        now: Some(stamp(now)),
    });
    let answer = service.engine.ops.set_clock(request).await.unwrap();
    assert_eq!(answer.into_inner().now, Some(stamp(now)));
}

async fn next_due(service: &Service, space: &str) -> Option<prost_types::Timestamp> {
    let request = operator(NextDueRequest {
        space: space.into(),
    });
    let answer = service.engine.ops.next_due(request).await.unwrap();
    answer.into_inner().due
}

/// Two replicas with stepped time, standing at the beginning of 2016.
async fn stepped(rig: &Rig) -> [Service; 2] {
    let url = rig.database("left").await;
    let start = || Service::start(rig, Toy::left(), &url, &["--clock=stepped"]);
    let replicas = [start(), start()];
    for replica in &replicas {
        replica.wait_until_ready().await;
    }
    for space in ["main", "other"] {
        set_clock(&replicas[0], space, instant("2016-01-01T00:00:00Z")).await;
    }
    replicas
}

async fn open_in(service: &Service, space: &str) -> Uuid {
    let subject = Uuid::now_v7();
    let command = Command::Open {
        space: space.into(),
        total: 0,
    };
    service.call(subject, command).await.unwrap();
    subject
}

#[test]
fn deadlines_on_the_real_clock_fire_once() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let twin = Service::ready(rig, Toy::left(), &url).await;
        let subjects = join_all((0..30).map(|_| left.open(0))).await;
        let set_at = wall();
        let due = set_at + TimeDelta::milliseconds(800);
        let far = set_at + TimeDelta::days(1);
        for (row, subject) in subjects.iter().enumerate() {
            let due = if row < 29 { due } else { far };
            left.call(*subject, Command::SetDue(due)).await.unwrap();
        }
        eventually("all fired", async || twin.count(DEADLINES).await == 1).await;
        left.quiet().await;
        twin.quiet().await;
        for subject in &subjects[..29] {
            let ticket = left.ticket(*subject).await;
            assert_eq!((ticket.expired, ticket.due), (1, None));
            assert!(ticket.last >= due);
            assert_eq!(left.version(*subject).await, 3);
        }
        assert_eq!(left.ticket(subjects[29]).await.due, Some(far));
        assert_eq!(rig.log_length().await, 30 + 30 + 29);
    });
}

#[test]
fn deadlines_on_a_stepped_clock_fire_once_when_their_space_gets_there() {
    scenario(async |rig| {
        let [left, twin] = stepped(rig).await;
        let due = instant("2016-01-08T16:00:00Z");
        let (here, there) = (open_in(&left, "main").await, open_in(&twin, "other").await);
        for subject in [here, there] {
            left.call(subject, Command::SetDue(due)).await.unwrap();
        }
        assert_eq!(
            left.ticket(here).await.last,
            instant("2016-01-01T00:00:00Z")
        );
        assert_eq!(next_due(&twin, "main").await, Some(stamp(due)));
        set_clock(&left, "main", due - TimeDelta::microseconds(1)).await;
        left.quiet().await;
        assert_eq!(left.version(here).await, 2);
        set_clock(&twin, "main", due).await;
        let ticket = left.reaches(here, 3).await;
        assert_eq!((ticket.expired, ticket.last), (1, due));
        left.quiet().await;
        assert_eq!(left.version(here).await, 3);
        assert_eq!(next_due(&left, "main").await, None);
        assert_eq!(next_due(&left, "other").await, Some(stamp(due)));
        assert_eq!(left.version(there).await, 2);
        set_clock(&left, "other", due + TimeDelta::days(100)).await;
        let ticket = left.reaches(there, 3).await;
        assert_eq!(ticket.last, due + TimeDelta::days(100));
        left.quiet().await;
        twin.quiet().await;
        assert_eq!(rig.log_length().await, 6);
    });
}

#[test]
fn a_command_that_comes_after_a_deadline_finds_it_fired() {
    scenario(async |rig| {
        let [left, twin] = stepped(rig).await;
        let due = instant("2016-01-02T00:00:00Z");
        for round in 0..10 {
            let subject = open_in(&left, "main").await;
            let due = due + TimeDelta::days(round);
            left.call(subject, Command::SetDue(due)).await.unwrap();
            // Not told to the loop: now and then it is the command that comes first.
            sqlx::query("update chassis.clocks set now = $1 where space = 'main'")
                .bind(due)
                .execute(&mut left.connection().await)
                .await
                .unwrap();
            // A closed ticket would not expire any more.
            let answer = twin.call(subject, Command::Close).await.unwrap();
            assert_eq!(answer.response, b"version 4 total 0");
            assert_eq!(left.ticket(subject).await.expired, 1);
        }
        assert_eq!(left.count(DEADLINES).await, 0);
    });
}

#[test]
fn a_blocked_subjects_deadline_waits_until_it_is_unblocked() {
    scenario(async |rig| {
        let [left, _twin] = stepped(rig).await;
        let due = instant("2016-01-02T00:00:00Z");
        let (blocked, free) = (open_in(&left, "main").await, open_in(&left, "main").await);
        for (subject, due) in [(blocked, due), (free, due + TimeDelta::days(1))] {
            left.call(subject, Command::SetDue(due)).await.unwrap();
        }
        sqlx::query("update chassis.subjects set blocked = 'gap' where subject = $1")
            .bind(blocked)
            .execute(&mut left.connection().await)
            .await
            .unwrap();
        let next = Some(stamp(due + TimeDelta::days(1)));
        assert_eq!(next_due(&left, "main").await, next);
        set_clock(&left, "main", due + TimeDelta::days(2)).await;
        left.reaches(free, 3).await;
        left.quiet().await;
        assert_eq!(left.version(blocked).await, 2);

        let request = operator(UnblockCaseRequest {
            case_id: blocked.to_string(),
        });
        let answer = left.engine.ops.unblock_case(request).await.unwrap();
        assert!(answer.into_inner().was_blocked);
        let ticket = left.reaches(blocked, 3).await;
        assert_eq!((ticket.expired, ticket.last), (1, due + TimeDelta::days(2)));
        left.quiet().await;
        assert_eq!(left.count(DEADLINES).await, 0);
    });
}

#[test]
fn who_hands_a_subject_over_hands_its_deadline_over() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subject = left.open(0).await;
        let due = wall() + TimeDelta::milliseconds(1500);
        left.call(subject, Command::SetDue(due)).await.unwrap();
        left.call(subject, Command::Hand("right")).await.unwrap();
        assert_eq!(left.count(DEADLINES).await, 0);
        assert_eq!(right.reaches(subject, 4).await.expired, 1);
        assert_eq!(left.reaches(subject, 4).await.expired, 1);
        assert_eq!(rig.log().await.last().unwrap().source, "right");
    });
}
