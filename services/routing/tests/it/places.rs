//! The directory as callers read it, and as it is published.

use std::collections::BTreeMap;
use std::path::PathBuf;

use prost::Message as _;
use proto::routing::v1::{
    AuthorityRecord, AuthorityRecorded, GetAuthorityRequest, GetRegionRequest,
    ListAuthoritiesRequest,
};
use proto::v1::AuthorityLevel;
use tonic::Code;

use super::support::town::directory;
use super::support::{CONSUMER, Town, by, refusal};

async fn authority(town: &Town, id: &str) -> AuthorityRecord {
    let request = GetAuthorityRequest {
        authority_id: id.to_owned(),
    };
    town.client()
        .get_authority(by(CONSUMER, request))
        .await
        .unwrap()
        .into_inner()
}

/// The newest record of every authority on the log, by id, and how many records there are.
async fn published(town: &Town) -> (BTreeMap<String, AuthorityRecord>, usize) {
    let query = "select value from chassis.events where type = 'odr.routing.v1.AuthorityRecorded' order by sequence";
    let values: Vec<Vec<u8>> = sqlx::query_scalar(query)
        .fetch_all(&town.pool)
        .await
        .unwrap();
    let records = values.iter().map(|value| {
        AuthorityRecorded::decode(value.as_slice())
            .unwrap()
            .authority
            .unwrap()
    });
    (
        records
            .map(|record| (record.authority_id.clone(), record))
            .collect(),
        values.len(),
    )
}

/// The American directory with another name for Alabama's authority.
fn renamed() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("routing-directory-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    for file in ["regions.csv", "authorities.csv", "units.csv"] {
        let text = std::fs::read_to_string(directory("us").join(file)).unwrap();
        std::fs::write(
            folder.join(file),
            text.replace("Consumer authority of Alabama", "Alabama's authority"),
        )
        .unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_are_published_once_and_again_when_they_change() {
    let town = Town::start().await;
    let (records, count) = published(&town).await;
    assert_eq!((records.len(), count), (52, 52));
    let alabama = authority(&town, "US-AL").await;
    assert_eq!(records["US-AL"], alabama);
    assert_eq!(
        (alabama.version, alabama.level(), alabama.parent.as_str()),
        (1, AuthorityLevel::Province, "US-FED")
    );
    assert_eq!(
        (alabama.coverage, alabama.ancestors),
        (vec!["AL".to_owned()], vec!["US-FED".to_owned()])
    );

    let town = town.again(&directory("us")).await;
    town.until("the outbox is empty", |status| status.quiet)
        .await;
    assert_eq!(published(&town).await.1, 52, "nothing changed");

    let folder = renamed();
    let town = town.again(&folder).await;
    let give_up_at = std::time::Instant::now() + super::support::town::BOUND;
    while published(&town).await.1 < 53 {
        assert!(
            std::time::Instant::now() < give_up_at,
            "the change is not published in time"
        );
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let (records, count) = published(&town).await;
    assert_eq!(count, 53, "only what changed");
    let changed = &records["US-AL"];
    assert_eq!(
        (changed.version, changed.name.as_str()),
        (2, "Alabama's authority")
    );
    assert_ne!(
        changed.directory_version,
        records["US-AK"].directory_version
    );
    assert_eq!(authority(&town, "US-AL").await, *changed);
    town.close().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_and_regions_are_read_from_the_directory() {
    let town = Town::start().await;
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListAuthoritiesRequest {
            parent: "US-FED".to_owned(),
            page_size: 20,
            page_token,
        };
        let page = town
            .client()
            .list_authorities(by(CONSUMER, request))
            .await
            .unwrap()
            .into_inner();
        found.extend(
            page.authorities
                .into_iter()
                .map(|authority| authority.authority_id),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found.len(), 51);
    assert!(found.is_sorted() && found.iter().all(|id| id != "US-FED"));
    let all = ListAuthoritiesRequest {
        page_size: 200,
        ..Default::default()
    };
    assert_eq!(
        town.client()
            .list_authorities(by(CONSUMER, all))
            .await
            .unwrap()
            .into_inner()
            .authorities
            .len(),
        52
    );

    for (code, parent, competent, holder) in [
        ("AL", "US", "US-AL", ""),
        ("US", "", "US-FED", ""),
        ("PR", "US", "", "US-FED"),
        ("GU", "US", "", "US-FED"),
    ] {
        let request = GetRegionRequest {
            region_code: code.to_owned(),
        };
        let region = town
            .client()
            .get_region(by(CONSUMER, request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (
                region.parent.as_str(),
                region.authority.as_str(),
                region.holder.as_str()
            ),
            (parent, competent, holder),
            "{code}"
        );
    }
    let region = GetRegionRequest {
        region_code: "ZZ".to_owned(),
    };
    assert_eq!(
        refusal(town.client().get_region(by(CONSUMER, region)).await).0,
        Code::NotFound
    );
    let unknown = GetAuthorityRequest {
        authority_id: "US-XX".to_owned(),
    };
    assert_eq!(
        refusal(town.client().get_authority(by(CONSUMER, unknown)).await).0,
        Code::NotFound
    );
    let below = ListAuthoritiesRequest {
        parent: "US-XX".to_owned(),
        ..Default::default()
    };
    assert_eq!(
        refusal(town.client().list_authorities(by(CONSUMER, below)).await).0,
        Code::NotFound
    );
    town.close().await;
}
