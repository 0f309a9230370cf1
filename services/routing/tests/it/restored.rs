//! A database that is older than the service's words learns them again before it acts.

use bytes::Bytes;
use case::{Body, CaseId, Filing};
use chassis::envelope::Envelope;
use chassis::store::events;
use proto::routing::v1::{
    AdmitEnterpriseRequest, Enterprise, EnterpriseStatus, GetEnterpriseRequest,
};
use proto::v1::CaseStateKind;
use uuid::Uuid;

use super::routes::{admitted, applied, suspended};
use super::support::asking::Client;
use super::support::log::consumer;
use super::support::samples::{TUESDAY, application, filing, instant, uscc};
use super::support::{CONSUMER, FEDERAL, Town, by, fresh, twice};

async fn enterprise(town: &Town, n: u32) -> Enterprise {
    town.client()
        .get_enterprise(by(CONSUMER, GetEnterpriseRequest { uscc: uscc(n) }))
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_catches_up_with_the_registry_and_forks_nothing() {
    let town = Town::start().await;
    applied(&town, application(1)).await;
    admitted(&town, 1).await;
    let failed = town.filed(filing(1, "AL", true)).await;
    town.elsewhere(failed, consumer(), Body::EndNegotiation)
        .await;
    suspended(&town, 1).await;
    let held = town.filed(filing(1, "PR", true)).await;
    let before = enterprise(&town, 1).await;
    let said = chain(&town).await;

    let town = town.bereft().await;
    town.set_clock(instant(TUESDAY)).await;
    assert_eq!(enterprise(&town, 1).await, before);
    assert_eq!(chain(&town).await, said);
    assert_eq!(
        town.events_kept().await,
        own_words(&town).await,
        "only own words of cases were kept again, nothing was said anew"
    );
    assert_eq!(
        town.case_at(held, 2).await.state(),
        CaseStateKind::HeldForRouting
    );
    assert_eq!(
        town.count("select count(*) from routing.held_cases").await,
        1
    );

    let request = AdmitEnterpriseRequest {
        request_id: fresh(),
        uscc: uscc(1),
        etag: before.etag,
    };
    let call = |mut client: Client, request| async move { client.admit_enterprise(request).await };
    let next = twice(&town, FEDERAL, request, call).await.unwrap();
    assert_eq!(
        (next.version, next.status()),
        (4, EnterpriseStatus::Admitted)
    );
    let later = town
        .filed(Filing {
            prior_case: Some(CaseId(failed)),
            ..filing(1, "AL", true)
        })
        .await;
    assert_eq!(
        town.case_at(later, 2).await.state(),
        CaseStateKind::AtAuthority,
        "that ODR failed before is known again"
    );
    town.close().await;
}

async fn chain(town: &Town) -> Vec<u8> {
    sqlx::query_scalar("select chain from routing.enterprises")
        .fetch_one(&town.pool)
        .await
        .unwrap()
}

async fn own_words(town: &Town) -> i64 {
    town.count("select count(*) from chassis.events where type like 'odr.case.v1.%'")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_to_the_registry_is_parked_alone_and_an_older_record_changes_nothing() {
    let town = Town::start().await;
    applied(&town, application(1)).await;
    let subject: Uuid = sqlx::query_scalar(
        "select subject from chassis.events where type = 'odr.routing.v1.EnterpriseRecorded'",
    )
    .fetch_one(&town.pool)
    .await
    .unwrap();
    let mut connection = town.pool.acquire().await.unwrap();
    let first = events::of_subject(&mut connection, subject, 0, 1)
        .await
        .unwrap()
        .remove(0);
    drop(connection);
    admitted(&town, 1).await;
    let before = enterprise(&town, 1).await;

    let strangers = [
        Envelope {
            source: "mediation".to_owned(),
            ..first.clone()
        },
        Envelope {
            event_type: "odr.routing.v1.Unheard".to_owned(),
            ..first.clone()
        },
        Envelope {
            value: Bytes::from_static(b"\xff\xff"),
            ..first.clone()
        },
        Envelope {
            subject: Uuid::now_v7(),
            ..first.clone()
        },
        Envelope {
            sequence: 9,
            ..first.clone()
        },
    ];
    for stranger in &strangers {
        town.publish(&town.registry_topic, stranger).await;
    }
    town.until("strangers are parked", |status| status.parked == 5)
        .await;
    // The last stranger stands behind the old record on the same partition.
    for record in [&first, &strangers[0]] {
        town.publish(&town.registry_topic, record).await;
    }
    town.until("everything is read", |status| status.parked == 6)
        .await;
    applied(&town, application(2)).await;
    assert_eq!(enterprise(&town, 1).await, before);
    assert_eq!(enterprise(&town, 2).await.version, 1, "neighbours go on");
    sqlx::query("delete from chassis.parked")
        .execute(&town.pool)
        .await
        .unwrap();
    town.close().await;
}
