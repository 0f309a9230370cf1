//! What the writer hands over to the relay: published without being read, and never before what another session committed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use sqlx::{Connection as _, Executor as _};
use uuid::Uuid;

use super::support::eventually;
use super::support::rig::{Rig, scenario};
use super::support::service::Service;
use super::support::ticket::Command;
use super::support::toy::Toy;

/// Makes another value of what is stored: whoever reads it publishes that.
const MARK: &str = "
    create function mark() returns trigger language plpgsql as $$ begin new.value := 'read'; return new; end $$;
    create trigger mark before insert on chassis.events for each row execute function mark()";

/// Takes an id of the outbox.
const HOLDER: &str = "insert into chassis.outbox (topic, subject, stream, sequence) values ('none', gen_random_uuid(), '', 1)";

/// After so long the relay stops to read, if nobody keeps it from doing so.
const SETTLE_AFTER: Duration = Duration::from_secs(1);

/// Whether the event of the next call was read before it was published.
async fn is_read(rig: &Rig, left: &Service, subject: Uuid) -> bool {
    left.call(subject, Command::Add(1)).await.unwrap();
    let version = left.version(subject).await;
    let published = async || {
        let log = rig.log().await.into_iter();
        let mut mine = log.filter(|event| event.subject == subject && event.sequence == version);
        mine.next()
    };
    eventually("published", async || published().await.is_some()).await;
    published().await.unwrap().value == Bytes::from_static(b"read")
}

#[test]
fn what_is_handed_over_is_not_read_unless_an_id_is_missing() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let subject = left.open(0).await;
        let mut connection = left.connection().await;
        connection.execute(MARK).await.unwrap();
        for _ in 0..2 {
            eventually("handed over", async || !is_read(rig, &left, subject).await).await;
            // Whoever holds an id may still commit something that has to go first.
            let mut open = connection.begin().await.unwrap();
            open.execute(HOLDER).await.unwrap();
            let since = Instant::now();
            while since.elapsed() < 2 * SETTLE_AFTER {
                assert!(is_read(rig, &left, subject).await);
            }
            open.rollback().await.unwrap();
        }
        left.quiet().await;
        assert_eq!(left.count("select count(*) from chassis.outbox").await, 0);
    });
}

#[test]
fn replicas_that_take_turns_at_a_key_keep_its_order() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let left = Service::ready(rig, Toy::left(), &url).await;
        let twin = Service::start(rig, Toy::left(), &url, &[]);
        twin.wait_until_ready().await;
        let mut connection = left.connection().await;
        connection.execute(MARK).await.unwrap();
        let probe = left.open(0).await;
        eventually("handed over", async || !is_read(rig, &left, probe).await).await;

        let subjects = join_all((0..6).map(|_| left.open(0))).await;
        join_all(subjects.iter().map(async |subject| {
            for _ in 0..40 {
                for replica in [&left, &twin] {
                    replica.call(*subject, Command::Add(1)).await.unwrap();
                }
            }
        }))
        .await;
        let published = async || {
            let mut last: HashMap<Uuid, u64> = HashMap::new();
            for event in rig.log().await {
                let before = last.entry(event.subject).or_default();
                assert!(event.sequence <= *before + 1, "one came before its turn");
                *before = (*before).max(event.sequence);
            }
            subjects
                .iter()
                .all(|subject| last.get(subject) == Some(&81))
        };
        eventually("all published", published).await;
    });
}
