//! Positions: what was read is not read again, and a log that is not the one that was read is read from its beginning.

use chassis::store::positions::{self, Stored};
use rdkafka::message::OwnedHeaders;

use super::support::history::History;
use super::support::rig::{Rig, scenario};
use super::support::service::Service;
use super::support::ticket::{Body, Command, LEFT};
use super::support::toy::Toy;

async fn stored(service: &Service) -> Vec<Stored> {
    positions::all(&mut service.connection().await)
        .await
        .unwrap()
}

async fn publish(rig: &Rig, history: &mut History, additions: usize) {
    if history.position.version == 0 {
        rig.publish(&history.next(LEFT, Body::Opened { total: 0 }))
            .await;
    }
    for _ in 0..additions {
        rig.publish(&history.next(LEFT, Body::Added { amount: 1 }))
            .await;
    }
}

/// A record that is parked whenever it is read: a trap for what is read twice.
async fn publish_trap(rig: &Rig, history: &History) {
    let key = history.subject.to_string();
    rig.publish_raw(&rig.topics().subjects, &key, OwnedHeaders::new(), None)
        .await;
}

async fn spring_traps(service: &Service, count: usize) {
    service.parked_reasons(count).await;
    sqlx::query("delete from chassis.parked")
        .execute(&mut service.connection().await)
        .await
        .unwrap();
}

#[test]
fn a_restart_reads_nothing_twice() {
    scenario(async |rig| {
        let url = rig.database("right").await;
        let right = Service::ready(rig, Toy::right(), &url).await;
        let mut history = History::new();
        publish(rig, &mut history, 2).await;
        publish_trap(rig, &history).await;
        publish(rig, &mut history, 2).await;
        right.reaches(history.subject, 5).await;
        spring_traps(&right, 1).await;
        right.quiet().await;
        let before = stored(&right).await;
        let read: i64 = before.iter().map(|place| place.next_offset).sum();
        assert_eq!(read, 6);
        right.stop().await;

        let right = Service::ready(rig, Toy::right(), &url).await;
        assert_eq!(stored(&right).await, before);
        publish(rig, &mut history, 1).await;
        right.reaches(history.subject, 6).await;
        assert!(right.parked().await.is_empty());
        assert_eq!(right.projected(history.subject).await, (5, 6));

        // The end of the log may be no event at all.
        publish_trap(rig, &history).await;
        spring_traps(&right, 1).await;
        right.quiet().await;
        right.kill();
        let right = Service::ready(rig, Toy::right(), &url).await;
        publish(rig, &mut history, 1).await;
        right.reaches(history.subject, 7).await;
        assert!(right.parked().await.is_empty());
    });
}

#[test]
fn a_log_that_was_cut_is_read_from_its_beginning() {
    // Whether the service runs meanwhile, and how many events of the old subject the new log has: fewer and more than
    // the old log. Whoever runs notices while there are fewer.
    for (runs, additions) in [(false, 1), (false, 9), (true, 1)] {
        scenario(async |rig| {
            let url = rig.database("right").await;
            let mut right = Service::ready(rig, Toy::right(), &url).await;
            let (mut old, mut new) = (History::new(), History::new());
            publish(rig, &mut old, 4).await;
            right.reaches(old.subject, 5).await;
            right.quiet().await;
            if runs {
                rig.recreate_topics().await;
                publish(rig, &mut old, additions).await;
            } else {
                right.stop().await;
                rig.recreate_topics().await;
                publish(rig, &mut old, additions).await;
                right = Service::ready(rig, Toy::right(), &url).await;
            }
            let ticket = right.reaches(old.subject, old.position.version).await;
            assert_eq!(ticket.total, i64::try_from(4 + additions).unwrap());
            publish(rig, &mut new, 3).await;
            right.reaches(new.subject, 4).await;
            right.quiet().await;
            assert!(right.parked().await.is_empty());
            let read: i64 = stored(&right).await.iter().map(|p| p.next_offset).sum();
            assert_eq!(usize::try_from(read).unwrap(), rig.log_length().await);
            right.stop().await;
        });
    }
}

#[test]
fn a_service_goes_on_when_its_database_was_away() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let subject = left.open(0).await;
        for round in 1..=3 {
            for service in [&left, &right] {
                sqlx::query(
                    "select pg_terminate_backend(pid) from pg_stat_activity
                     where datname = current_database() and pid <> pg_backend_pid()",
                )
                .execute(&mut service.connection().await)
                .await
                .unwrap();
            }
            left.call(subject, Command::Add(1)).await.unwrap();
            let ticket = right.reaches(subject, 1 + round).await;
            assert_eq!(ticket.total, i64::try_from(round).unwrap());
        }
        left.quiet().await;
        assert_eq!(right.projected(subject).await, (3, 4));
    });
}
