//! What reads ask for.

use chassis::violations;
use prost_types::Timestamp;
use proto::mediation::v1::{
    GetCaseRequest, GetTextRequest, ListCaseEventsRequest, ListCasesRequest,
};
use tonic::Code;
use uuid::Uuid;

use crate::support::Stage;
use crate::support::asking::by;
use crate::support::people::OPERATOR;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_name_the_fields_that_break_a_rule() {
    let stage = Stage::stepped().await;
    let cases = ListCasesRequest::default;
    let rows: Vec<(&str, ListCasesRequest)> = vec![
        (
            "enterprise",
            ListCasesRequest {
                enterprise: "91110000600037341M".to_owned(),
                ..cases()
            },
        ),
        (
            "enterprise",
            ListCasesRequest {
                enterprise: "9".repeat(10_000),
                ..cases()
            },
        ),
        (
            "authority",
            ListCasesRequest {
                authority: "x".repeat(33),
                ..cases()
            },
        ),
        (
            "authority",
            ListCasesRequest {
                authority: "city 1".to_owned(),
                ..cases()
            },
        ),
        (
            "authority",
            ListCasesRequest {
                authority: "city-1/county-1".to_owned(),
                ..cases()
            },
        ),
        (
            "states[1]",
            ListCasesRequest {
                states: vec![1, 0],
                ..cases()
            },
        ),
        (
            "states[0]",
            ListCasesRequest {
                states: vec![99],
                ..cases()
            },
        ),
        (
            "states",
            ListCasesRequest {
                states: vec![1; 10],
                ..cases()
            },
        ),
        (
            "due_before",
            ListCasesRequest {
                due_before: Some(Timestamp {
                    seconds: 0,
                    nanos: 0,
                }),
                ..cases()
            },
        ),
        (
            "due_before",
            ListCasesRequest {
                due_before: Some(Timestamp {
                    seconds: 1_772_500_000,
                    nanos: -1,
                }),
                ..cases()
            },
        ),
        (
            "page_size",
            ListCasesRequest {
                page_size: -1,
                ..cases()
            },
        ),
        (
            "page_size",
            ListCasesRequest {
                page_size: 201,
                ..cases()
            },
        ),
        (
            "page_token",
            ListCasesRequest {
                page_token: "next".to_owned(),
                ..cases()
            },
        ),
        (
            "page_token",
            ListCasesRequest {
                page_token: "ab".repeat(5_000),
                ..cases()
            },
        ),
    ];
    for (field, request) in rows {
        let status = stage
            .client()
            .list_cases(by(OPERATOR, request.clone()))
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        let named: Vec<String> = violations::of(&status)
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        assert_eq!(named, [field]);
    }
    for (field, case_id, page_size, page_token) in [
        ("case_id", "7", 0, ""),
        ("page_size", "", -1, ""),
        ("page_size", "", 201, ""),
        ("page_token", "", 0, "-1"),
        ("page_token", "", 0, "0"),
        ("page_token", "", 0, "next"),
        ("page_token", "", 0, "9999999999"),
    ] {
        let case_id = if case_id.is_empty() {
            Uuid::now_v7().to_string()
        } else {
            case_id.to_owned()
        };
        let page_token = page_token.to_owned();
        let request = ListCaseEventsRequest {
            case_id,
            page_size,
            page_token,
            min_version: 0,
        };
        let status = stage
            .client()
            .list_case_events(by(OPERATOR, request))
            .await
            .unwrap_err();
        let named: Vec<String> = violations::of(&status)
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        assert_eq!(
            (status.code(), named),
            (Code::InvalidArgument, vec![field.to_owned()])
        );
    }
    let case_id = "x".to_owned();
    let status = stage
        .client()
        .get_case(by(
            OPERATOR,
            GetCaseRequest {
                case_id,
                min_version: 0,
            },
        ))
        .await
        .unwrap_err();
    assert_eq!(violations::of(&status)[0].0, "case_id");
    let text_id = String::new();
    let status = stage
        .client()
        .get_text(by(OPERATOR, GetTextRequest { text_id }))
        .await
        .unwrap_err();
    assert_eq!(violations::of(&status)[0].0, "text_id");
    stage.close().await;
}
