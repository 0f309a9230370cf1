//! Bad input: every limit of the contract has a row, and the answer names the field.

mod registry;

use chassis::violations;
use proto::routing::v1::{
    GetAuthorityRequest, GetCaseRequest, GetRegionRequest, ListAuthoritiesRequest,
    ListEnterprisesRequest, ListHeldCasesRequest, RefuseHeldCaseRequest, RouteByHandRequest,
};
use proto::v1::RefusalGround;
use tonic::{Code, Status};

use super::support::{FEDERAL, OPERATOR, Town, by, fresh};

const CASE: &str = "0192f0c0-0000-7000-8000-000000000001";

/// The fields an INVALID_ARGUMENT names.
fn fields<A: std::fmt::Debug>(answer: Result<A, Status>) -> Vec<String> {
    let status = answer.expect_err("bad input");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    violations::of(&status)
        .into_iter()
        .map(|(field, _)| field)
        .collect()
}

fn long(count: usize) -> String {
    "a".repeat(count)
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_on_held_cases_answer_for_each_field() {
    let town = Town::start().await;
    let client = || town.client();
    let good = RouteByHandRequest {
        request_id: fresh(),
        case_id: CASE.to_owned(),
        min_version: 0,
        etag: "1.0".to_owned(),
        authority: "US-AL".to_owned(),
    };
    let rows = [
        (
            RouteByHandRequest {
                request_id: "ü".to_owned(),
                ..good.clone()
            },
            "request_id",
        ),
        (
            RouteByHandRequest {
                case_id: String::new(),
                ..good.clone()
            },
            "case_id",
        ),
        (
            RouteByHandRequest {
                case_id: CASE.replace('-', ""),
                ..good.clone()
            },
            "case_id",
        ),
        (
            RouteByHandRequest {
                case_id: long(10_000),
                ..good.clone()
            },
            "case_id",
        ),
        (
            RouteByHandRequest {
                etag: "7-2".to_owned(),
                ..good.clone()
            },
            "etag",
        ),
        (
            RouteByHandRequest {
                authority: String::new(),
                ..good.clone()
            },
            "authority",
        ),
        (
            RouteByHandRequest {
                authority: "US_AL".to_owned(),
                ..good.clone()
            },
            "authority",
        ),
        (
            RouteByHandRequest {
                authority: long(33),
                ..good
            },
            "authority",
        ),
    ];
    for (request, field) in rows {
        assert_eq!(
            fields(client().route_by_hand(by(FEDERAL, request)).await),
            [field]
        );
    }
    let good = RefuseHeldCaseRequest {
        request_id: fresh(),
        case_id: CASE.to_owned(),
        min_version: 0,
        etag: String::new(),
        ground: RefusalGround::OutsideCompetence.into(),
        text: "Go to court.".to_owned(),
    };
    let rows = [
        (
            RefuseHeldCaseRequest {
                ground: 0,
                ..good.clone()
            },
            "ground",
        ),
        (
            RefuseHeldCaseRequest {
                ground: 99,
                ..good.clone()
            },
            "ground",
        ),
        (
            RefuseHeldCaseRequest {
                ground: -1,
                ..good.clone()
            },
            "ground",
        ),
        (
            RefuseHeldCaseRequest {
                text: String::new(),
                ..good.clone()
            },
            "text",
        ),
        (
            RefuseHeldCaseRequest {
                text: long(4001),
                ..good.clone()
            },
            "text",
        ),
        (
            RefuseHeldCaseRequest {
                text: "\0".to_owned(),
                ..good
            },
            "text",
        ),
    ];
    for (request, field) in rows {
        assert_eq!(
            fields(client().refuse_held_case(by(FEDERAL, request)).await),
            [field]
        );
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_answer_for_each_field() {
    let town = Town::start().await;
    let client = || town.client();
    let held = |holder: &str, page_size, page_token: &str| {
        by(
            OPERATOR,
            ListHeldCasesRequest {
                holder: holder.to_owned(),
                page_size,
                page_token: page_token.to_owned(),
            },
        )
    };
    assert_eq!(
        fields(client().list_held_cases(held("a b", 0, "")).await),
        ["holder"]
    );
    assert_eq!(
        fields(client().list_held_cases(held("", -1, "")).await),
        ["page_size"]
    );
    assert_eq!(
        fields(client().list_held_cases(held("", 201, "x")).await),
        ["page_size", "page_token"]
    );
    let names = |name_prefix: String, status, page_token: &str| {
        by(
            OPERATOR,
            ListEnterprisesRequest {
                name_prefix,
                status,
                page_size: 0,
                page_token: page_token.to_owned(),
            },
        )
    };
    assert_eq!(
        fields(client().list_enterprises(names(long(201), 0, "")).await),
        ["name_prefix"]
    );
    assert_eq!(
        fields(
            client()
                .list_enterprises(names("\0".to_owned(), 0, ""))
                .await
        ),
        ["name_prefix"]
    );
    assert_eq!(
        fields(
            client()
                .list_enterprises(names(String::new(), 5, &long(10_000)))
                .await
        ),
        ["status", "page_token"]
    );
    let below = |parent: &str, page_size, page_token: &str| {
        by(
            OPERATOR,
            ListAuthoritiesRequest {
                parent: parent.to_owned(),
                page_size,
                page_token: page_token.to_owned(),
            },
        )
    };
    assert_eq!(
        fields(client().list_authorities(below("a b", 201, "zz")).await),
        ["parent", "page_size", "page_token"]
    );
    let first = client()
        .list_authorities(below("", 1, ""))
        .await
        .unwrap()
        .into_inner();
    let other = below("US-FED", 1, &first.next_page_token);
    assert_eq!(
        fields(client().list_authorities(other).await),
        ["page_token"],
        "a token of another list"
    );
    let id = |text: &str| {
        by(
            OPERATOR,
            GetAuthorityRequest {
                authority_id: text.to_owned(),
            },
        )
    };
    assert_eq!(
        fields(client().get_authority(id("")).await),
        ["authority_id"]
    );
    assert_eq!(
        fields(client().get_authority(id(&long(33))).await),
        ["authority_id"]
    );
    let region = |text: &str| {
        by(
            OPERATOR,
            GetRegionRequest {
                region_code: text.to_owned(),
            },
        )
    };
    assert_eq!(
        fields(client().get_region(region("A")).await),
        ["region_code"]
    );
    assert_eq!(
        fields(client().get_region(region("ÄÖ")).await),
        ["region_code"]
    );
    let case = by(
        OPERATOR,
        GetCaseRequest {
            case_id: "nobody".to_owned(),
            min_version: 0,
        },
    );
    assert_eq!(fields(client().get_case(case).await), ["case_id"]);
    town.close().await;
}
