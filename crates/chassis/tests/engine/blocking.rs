//! Blocks: what is broken, not understood or not to be stored keeps its own subject back until the right thing comes.

use bytes::Bytes;
use chassis::pb::RetryParkedRequest;
use chassis::pb::ops_service_server::OpsService;
use chassis::pb::retry_parked_request::What;

use super::support::history::{History, rechain};
use super::support::reading::{additions, blocked, publish_all, read_twice};
use super::support::rig::scenario;
use super::support::service::{Service, operator};
use super::support::ticket::{Body, LEFT};
use super::support::toy::{SPOILT_TYPE, Toy};
use super::support::{eventually, found};

#[test]
fn a_broken_chain_blocks_until_the_right_event_comes() {
    scenario(async |rig| {
        let (mut broken, mut healed) = (History::new(), History::new());
        let mut events = additions(&mut broken, 2);
        let mut wrong = broken.next(LEFT, Body::Added { amount: 1 });
        wrong.chain = [7; 32];
        events.push(wrong);
        events.extend(additions(&mut healed, 2));
        let right = healed.next(LEFT, Body::Added { amount: 1 });
        let mut forged = right.clone();
        forged.value = Bytes::from(right.value.iter().map(|b| b ^ 1).collect::<Vec<_>>());
        let mut unabsorbed = healed.clone();
        events.extend([forged, right]);
        // Another history of notices than the one that was read.
        let notice = healed.next("third", Body::Wished);
        let mut unread = unabsorbed.next("third", Body::Wished);
        unread.event_type = "toy.v1.Another".into();
        rechain(&mut unread, &healed.position);
        unabsorbed.position.seen.get_mut("third").unwrap().chain = unread.chain;
        let forked = unabsorbed.next(LEFT, Body::Added { amount: 1 });
        events.extend([notice, forked]);
        read_twice(
            rig,
            // Whoever owned the subject would answer the wish, and a decision of its own would take the forked one's place.
            Toy::right(),
            async || publish_all(rig, &events).await,
            async |service| {
                let row = blocked(service, broken.subject).await;
                assert_eq!(row.blocked.as_deref(), Some("broken_chain"));
                assert_eq!(row.position.version, 2);
                let row = blocked(service, healed.subject).await;
                found("the notice", async || {
                    let row = service.row(healed.subject).await.unwrap();
                    (row.position.seen.len() == 1 && row.position.version == 3).then_some(())
                })
                .await;
                assert_eq!(row.blocked.as_deref(), Some("broken_chain"));
                let parked = service.parked_reasons(3).await;
                assert_eq!(parked, ["broken_chain", "broken_chain", "broken_chain"]);
            },
        )
        .await;
    });
}

#[test]
fn an_unknown_type_blocks_and_an_upgrade_takes_it_and_what_waited_in() {
    scenario(async |rig| {
        let (mut history, mut neighbour) = (History::new(), History::new());
        let mut events = additions(&mut history, 3);
        events.push(history.next(LEFT, Body::Doubled));
        events.push(history.next(LEFT, Body::Added { amount: 10 }));
        events.push(history.next("third", Body::Wished));
        events.push(history.next(LEFT, Body::Doubled));
        events.extend(additions(&mut neighbour, 3));
        let url = rig.database("right").await;
        let old = Service::ready(rig, Toy::right(), &url).await;
        publish_all(rig, &events).await;
        old.reaches(neighbour.subject, 3).await;
        assert_eq!(old.parked_reasons(3).await, ["gap", "gap", "unknown_type"]);
        let row = blocked(&old, history.subject).await;
        assert_eq!(row.blocked.as_deref(), Some("unknown_type"));
        assert_eq!(row.position.version, 3);
        // Notices are still taken in.
        eventually("the notice", async || {
            !old.row(history.subject)
                .await
                .unwrap()
                .position
                .seen
                .is_empty()
        })
        .await;
        assert_eq!(old.status().await.unwrap().blocked, 1);
        old.stop().await;

        let new = Service::ready(rig, Toy::right().upgraded(), &url).await;
        assert_eq!(
            new.reaches(history.subject, 6).await.total,
            (2 * 2 + 10) * 2
        );
        new.quiet().await;
        assert!(new.parked().await.is_empty());
        let row = new.row(history.subject).await.unwrap();
        assert_eq!((row.blocked, row.waiting), (None, false));
        assert_eq!(row.position, history.position);
        assert_eq!(new.projected(history.subject).await.1, 7);
    });
}

#[test]
fn what_breaks_the_code_an_invariant_or_a_table_costs_its_own_subject() {
    scenario(async |rig| {
        let mut histories: Vec<History> = (0..4).map(|_| History::new()).collect();
        let mut events = vec![];
        for history in &mut histories {
            events.extend(additions(history, 2));
        }
        let value = Bytes::from_static(b"{}");
        events.push(histories[0].raw(LEFT, SPOILT_TYPE, &value));
        events.push(histories[1].next(LEFT, Body::Added { amount: i64::MAX }));
        events.push(histories[2].next(LEFT, Body::Added { amount: 12 }));
        events.push(histories[2].next(LEFT, Body::Added { amount: 1 }));
        events.push(histories[3].next(LEFT, Body::Added { amount: 1 }));
        let url = rig.database("right").await;
        let right = Service::ready(rig, Toy::right(), &url).await;
        let mut connection = right.connection().await;
        sqlx::query("alter table toy.totals add constraint unlucky check (total < 13)")
            .execute(&mut connection)
            .await
            .unwrap();
        publish_all(rig, &events).await;
        right.reaches(histories[3].subject, 3).await;
        let reasons = right.parked_reasons(4).await;
        assert_eq!(reasons, ["data", "gap", "invariant", "invariant"]);
        for (history, reason) in histories.iter().zip(["invariant", "invariant", "data"]) {
            let row = blocked(&right, history.subject).await;
            assert_eq!(row.blocked.as_deref(), Some(reason));
            assert_eq!(row.position.version, 2);
        }

        sqlx::query("alter table toy.totals drop constraint unlucky")
            .execute(&mut connection)
            .await
            .unwrap();
        let retry = operator(RetryParkedRequest {
            what: Some(What::All(true)),
        });
        let answer = right.engine.ops.retry_parked(retry).await.unwrap();
        let answer = answer.into_inner();
        assert_eq!((answer.admitted, answer.still_parked), (2, 2));
        assert_eq!(right.ticket(histories[2].subject).await.total, 14);
        let row = right.row(histories[2].subject).await.unwrap();
        assert_eq!((row.blocked, row.waiting), (None, false));
    });
}
