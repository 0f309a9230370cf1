//! Who may read what, what a request may not say, and how a reader waits.

use std::time::Duration;

use chassis::violations;
use proto::analytics::v1::{ListEnterpriseStatsRequest, Selection};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::bodies;
use crate::support::people::{COUNTY, DELEGATE, RESPONDENT, to, to_authority};
use crate::support::rig;
use crate::support::service::{OPERATOR, Service};
use crate::support::story::Story;

fn filed_with(enterprise: &str) -> Story {
    let story = Story::at("2026-05-06T02:00:00Z");
    let filing = bodies::filing(true, story.now);
    story.file(filing).step(&to(enterprise, COUNTY))
}

fn code<T>(answer: Result<T, Status>) -> Code {
    answer.err().map_or(Code::Ok, |status| status.code())
}

#[test]
fn everybody_reads_what_is_theirs_and_nothing_else() {
    rig::test(async |rig| {
        let world = rig.world().await;
        let service = Service::start(&world, &[]).await;
        let story = filed_with(DELEGATE);
        world.publish(&story.log).await;
        let id = story.id.to_string();
        service.has_taken_in(&[story]).await;

        let delegate = format!("enterprise/{DELEGATE}/u-1");
        let respondent = format!("enterprise/{RESPONDENT}/u-1");
        let denied = Code::PermissionDenied;
        let rows = [
            // who, totals of all, totals of the delegate, list, the delegate's case
            (OPERATOR, Code::Ok, Code::Ok, Code::Ok, Code::Ok),
            (
                "official/county-1/o-1",
                Code::Ok,
                Code::Ok,
                Code::Ok,
                Code::Ok,
            ),
            ("staff", Code::Ok, Code::Ok, Code::Ok, Code::Ok),
            ("agency/12345", Code::Ok, Code::Ok, Code::Ok, Code::Ok),
            (&delegate, denied, Code::Ok, denied, Code::Ok),
            (&respondent, denied, denied, denied, denied),
            ("consumer/-/party-1", denied, denied, denied, denied),
        ];
        for (by, all, own, list, fact) in rows {
            let of_delegate = Selection {
                enterprise: DELEGATE.into(),
                ..Selection::default()
            };
            let any = Selection::default();
            assert_eq!(code(service.totals(by, any.clone()).await), all, "{by}");
            assert_eq!(code(service.indicators(by, any).await), all, "{by}");
            let totals = service.totals(by, of_delegate.clone()).await;
            assert_eq!(code(totals), own, "{by}");
            assert_eq!(code(service.indicators(by, of_delegate).await), own, "{by}");
            let request = ListEnterpriseStatsRequest::default();
            assert_eq!(code(service.enterprises(by, request).await), list, "{by}");
            assert_eq!(code(service.fact(by, &id, 0).await), fact, "{by}");
        }
        let unknown = Uuid::now_v7().to_string();
        let stranger = service.fact("consumer/-/party-1", &unknown, 0).await;
        assert_eq!(
            code(stranger),
            denied,
            "a consumer learns nothing by asking"
        );
        service.stop().await;
    });
}

#[test]
fn bad_fields_are_named_one_by_one() {
    rig::test(async |rig| {
        let world = rig.world().await;
        let service = Service::start(&world, &[]).await;
        let long = "x".repeat(10_000);
        type Change<'a> = Box<dyn Fn(&mut Selection) + 'a>;
        let rows: Vec<(&str, Change<'_>)> = vec![
            ("from_day", Box::new(|s| s.from_day = "2026-5-6".into())),
            ("from_day", Box::new(|s| s.from_day = "2026-02-30".into())),
            ("from_day", Box::new(|s| s.from_day = long.clone())),
            ("to_day", Box::new(|s| s.to_day = "tomorrow".into())),
            (
                "to_day",
                Box::new(|s| {
                    s.from_day = "2026-05-06".into();
                    s.to_day = "2026-05-05".into();
                }),
            ),
            ("enterprise", Box::new(|s| s.enterprise = "9111".into())),
            (
                "enterprise",
                Box::new(|s| s.enterprise = "91110000600037341M".into()),
            ),
            ("enterprise", Box::new(|s| s.enterprise = long.clone())),
            ("authority", Box::new(|s| s.authority = "county 1".into())),
            ("authority", Box::new(|s| s.authority = "a".repeat(33))),
            ("category", Box::new(|s| s.category = "x".repeat(65))),
            ("category", Box::new(|s| s.category = long.clone())),
            ("category", Box::new(|s| s.category = "a\0b".into())),
        ];
        for (row, (field, change)) in rows.iter().enumerate() {
            let mut selection = Selection::default();
            change(&mut selection);
            let path = format!("selection.{field}");
            let totals = service.totals(OPERATOR, selection.clone()).await;
            breaks(totals.unwrap_err(), &[&path], row);
            let indicators = service.indicators(OPERATOR, selection).await;
            breaks(indicators.unwrap_err(), &[&path], row);
        }
        let everything = Selection {
            from_day: "x".into(),
            to_day: "x".into(),
            enterprise: "x".into(),
            authority: "!".into(),
            category: long.clone(),
        };
        let all = ["from_day", "to_day", "enterprise", "authority", "category"]
            .map(|field| format!("selection.{field}"));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let totals = service.totals(OPERATOR, everything).await;
        breaks(totals.unwrap_err(), &all, 100);
        bad_lists(&service).await;
        bad_cases(&service).await;
        service.stop().await;
    });
}

async fn bad_lists(service: &Service) {
    type Change = fn(&mut ListEnterpriseStatsRequest);
    let rows: [(&str, Change); 7] = [
        ("page_size", |r| r.page_size = -1),
        ("page_size", |r| r.page_size = 201),
        ("page_token", |r| r.page_token = "ff".into()),
        ("page_token", |r| r.page_token = "z".repeat(10_000)),
        ("from_day", |r| r.from_day = "0".into()),
        ("to_day", |r| r.to_day = "2026-13-01".into()),
        ("to_day", |r| {
            r.from_day = "2026-05-06".into();
            r.to_day = "1990-01-01".into();
        }),
    ];
    for (row, (field, change)) in rows.into_iter().enumerate() {
        let mut request = ListEnterpriseStatsRequest::default();
        change(&mut request);
        let answer = service.enterprises(OPERATOR, request).await;
        breaks(answer.unwrap_err(), &[field], row);
    }
}

async fn bad_cases(service: &Service) {
    let nil = Uuid::nil().to_string();
    let braced = format!("{{{}}}", Uuid::now_v7());
    for (row, id) in ["", "7", &nil, &braced, &"a".repeat(10_000)]
        .into_iter()
        .enumerate()
    {
        let answer = service.fact(OPERATOR, id, 0).await;
        breaks(answer.unwrap_err(), &["case_id"], row);
    }
}

#[track_caller]
fn breaks(status: Status, fields: &[&str], row: usize) {
    assert_eq!(
        status.code(),
        Code::InvalidArgument,
        "row {row}: {status:?}"
    );
    let found = violations::of(&status);
    let found: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(found, fields, "row {row}");
}

#[test]
fn a_reader_waits_for_a_version_as_long_as_it_likes() {
    rig::test(async |rig| {
        let world = rig.world().await;
        let service = Service::start(&world, &[]).await;
        let story = filed_with(DELEGATE);
        let id = story.id.to_string();
        assert_eq!(code(service.fact(OPERATOR, &id, 0).await), Code::NotFound);
        let short = Duration::from_millis(600);
        let early = service.fact_within(OPERATOR, &id, 1, short).await;
        assert_eq!(code(early), Code::Unavailable);
        // Asked before it is published, answered once it is there.
        let asked = service.fact(OPERATOR, &id, 2);
        let published = world.publish(&story.log);
        let (fact, ()) = tokio::join!(asked, published);
        assert_eq!(fact.unwrap().version, 2);
        let never = service.fact_within(OPERATOR, &id, u64::MAX, short).await;
        assert_eq!(code(never), Code::Unavailable);
        service.stop().await;
    });
}

#[test]
fn pages_of_enterprises_meet_each_once_the_busiest_first() {
    rig::test(async |rig| {
        let world = rig.world().await;
        let service = Service::start(&world, &[]).await;
        let busy = [
            "91110000600037341L",
            "91350100M000100Y43",
            "91330106673959654P",
        ];
        let mut stories = Vec::new();
        for (enterprise, count) in busy.into_iter().zip([1, 3, 1]) {
            stories.extend((0..count).map(|_| filed_with(enterprise)));
        }
        // Without an enterprise there is nobody to list.
        let start = Story::at("2026-05-06T02:00:00Z");
        let mut filing = bodies::filing(false, start.now);
        filing.respondent.uscc = None;
        stories.push(start.file(filing).step(&to_authority(COUNTY)));
        for story in &stories {
            world.publish(&story.log).await;
        }
        service.has_taken_in(&stories).await;

        let mut request = ListEnterpriseStatsRequest {
            page_size: 1,
            ..ListEnterpriseStatsRequest::default()
        };
        let mut met = Vec::new();
        loop {
            let page = service
                .enterprises(OPERATOR, request.clone())
                .await
                .unwrap();
            met.extend(page.enterprises.into_iter().map(|stats| {
                let totals = stats.totals.unwrap();
                assert_eq!(totals.filed, totals.open);
                (totals.filed, stats.enterprise)
            }));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
            let mut other = request.clone();
            other.from_day = "2026-05-01".into();
            let other = service.enterprises(OPERATOR, other).await;
            breaks(other.unwrap_err(), &["page_token"], 0);
        }
        let expected = [(3, busy[1]), (1, busy[0]), (1, busy[2])];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(filed, enterprise)| (filed, enterprise.to_owned()))
            .collect();
        assert_eq!(met, expected);
        let none = ListEnterpriseStatsRequest {
            from_day: "2026-05-07".into(),
            ..ListEnterpriseStatsRequest::default()
        };
        let page = service.enterprises(OPERATOR, none).await.unwrap();
        assert_eq!(page.enterprises, []);
        service.stop().await;
    });
}
