//! The operations service: what is left to do, what is parked, and who may change it.

use chassis::pb::ops_service_server::OpsService;
use chassis::pb::retry_parked_request::What;
use chassis::pb::{
    DropParkedRequest, GetPositionsRequest, ListParkedRequest, ParkedRecord, RetryParkedRequest,
    UnblockCaseRequest,
};
use tonic::{Code, Request};

use super::support::history::History;
use super::support::rig::scenario;
use super::support::service::{Service, operator};
use super::support::ticket::{Body, Command, LEFT};
use super::support::toy::Toy;

async fn list(service: &Service, page_size: i32) -> Vec<ParkedRecord> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = operator(ListParkedRequest {
            page_size,
            page_token,
        });
        let page = service.engine.ops.list_parked(request).await.unwrap();
        let page = page.into_inner();
        all.extend(page.records);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

async fn retry(service: &Service, what: What) -> (i64, i64) {
    let request = operator(RetryParkedRequest { what: Some(what) });
    let answer = service.engine.ops.retry_parked(request).await.unwrap();
    let answer = answer.into_inner();
    (answer.admitted, answer.still_parked)
}

#[test]
fn parked_records_are_listed_tried_again_and_dropped() {
    scenario(async |rig| {
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let mut history = History::new();
        let first = history.next(LEFT, Body::Opened { total: 0 });
        let later: Vec<_> = (0..5)
            .map(|_| history.next(LEFT, Body::Added { amount: 1 }))
            .collect();
        rig.publish(&first).await;
        for envelope in &later[1..] {
            rig.publish(envelope).await;
        }
        right.parked_reasons(4).await;
        let rows = list(&right, 0).await;
        assert_eq!(rows, list(&right, 1).await);
        assert!(rows.iter().all(|row| row.reason == "gap"));
        assert!(
            rows.iter()
                .all(|row| row.case_id == history.subject.to_string())
        );
        assert_eq!(retry(&right, What::All(true)).await, (0, 4));
        assert_eq!(retry(&right, What::Id(rows[0].id)).await, (0, 1));
        let status = right.status().await.unwrap();
        assert_eq!((status.parked, status.blocked), (4, 1));
        assert!(status.quiet, "what waits for others is not left to do");

        // A gap that nobody fills: dropped by hand, the case goes on where it stands.
        let ops = &right.engine.ops;
        for row in &rows {
            let drop = |id| ops.drop_parked(operator(DropParkedRequest { id }));
            drop(row.id).await.unwrap();
            assert_eq!(drop(row.id).await.unwrap_err().code(), Code::NotFound);
        }
        let unblock = || {
            ops.unblock_case(operator(UnblockCaseRequest {
                case_id: history.subject.to_string(),
            }))
        };
        assert!(unblock().await.unwrap().into_inner().was_blocked);
        assert!(!unblock().await.unwrap().into_inner().was_blocked);
        right.call(history.subject, Command::Wish).await.unwrap();
        rig.publish(&later[0]).await;
        right.reaches(history.subject, 2).await;
        let row = right.row(history.subject).await.unwrap();
        assert_eq!((row.blocked, row.waiting), (None, false));
    });
}

#[test]
fn only_operators_touch_what_is_parked() {
    scenario(async |rig| {
        let right = Service::ready(rig, Toy::right(), &rig.database("right").await).await;
        let ops = &right.engine.ops;
        let mut request = operator(ListParkedRequest::default());
        let principal = "consumer/-/c1"
            .parse::<chassis::principal::Principal>()
            .unwrap();
        request.extensions_mut().insert(principal);
        let refused = ops.list_parked(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        for (request, code) in [
            (DropParkedRequest { id: 1 }, Code::NotFound),
            (DropParkedRequest { id: -1 }, Code::NotFound),
        ] {
            let refused = ops.drop_parked(operator(request)).await.unwrap_err();
            assert_eq!(refused.code(), code);
        }
        let bad = operator(ListParkedRequest {
            page_size: 201,
            page_token: "x".into(),
        });
        let refused = ops.list_parked(bad).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let places = ops
            .get_positions(Request::new(GetPositionsRequest {}))
            .await
            .unwrap();
        assert_eq!(places.into_inner().positions.len(), 6);
    });
}
