//! RequestWithdrawal and AddEvidence: notices to whoever owns the case.

use case::Body;
use law::grounds::RefusalGround;
use proto::intake::v1::{AddEvidenceRequest, AddEvidenceResponse, RequestWithdrawalRequest};
use proto::v1::{CaseRevision, CaseStateKind, Side, WithdrawalReason};
use tonic::{Code, Status};

use crate::support::service::{STAFF, Service, as_caller};
use crate::support::{forms, others, refusal};

const UNKNOWN: &str = "0190b5a8-0000-7000-8000-00000000000f";

async fn withdraw(
    service: &Service,
    by: &str,
    id: &str,
    case_id: &str,
    etag: &str,
) -> Result<CaseRevision, Status> {
    let request = RequestWithdrawalRequest {
        request_id: id.into(),
        case_id: case_id.into(),
        etag: etag.into(),
        reason: WithdrawalReason::Other.into(),
        text: "withdrawal Secret".into(),
        min_version: 0,
    };
    let mut client = service.client.clone();
    client
        .request_withdrawal(as_caller(by, request))
        .await
        .map(tonic::Response::into_inner)
}

async fn add(
    service: &Service,
    by: &str,
    id: &str,
    case_id: &str,
) -> Result<AddEvidenceResponse, Status> {
    let request = AddEvidenceRequest {
        request_id: id.into(),
        case_id: case_id.into(),
        hash: vec![9; 32],
        media_type: "image/png".into(),
        size_bytes: 4_096,
        ..AddEvidenceRequest::default()
    };
    let mut client = service.client.clone();
    client
        .add_evidence(as_caller(by, request))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_is_asked_once_and_waits_for_its_answer() {
    let service = Service::start(&[]).await;
    let filed = service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let case_id = filed.case_id.as_str();
    let stale = withdraw(&service, "consumer/-/c-1", "w", case_id, "1.7")
        .await
        .unwrap_err();
    assert_eq!(refusal(&stale), (Code::Aborted, "ETAG_MISMATCH".into()));
    let first = withdraw(&service, "consumer/-/c-1", "w", case_id, &filed.etag)
        .await
        .unwrap();
    let again = withdraw(&service, "consumer/-/c-1", "w", case_id, &filed.etag)
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(
        (first.version, first.etag.as_str(), first.state),
        (1, "1.1", CaseStateKind::Filed.into())
    );
    let rows = [
        (
            "consumer/-/c-1",
            case_id,
            Code::FailedPrecondition,
            "WITHDRAWAL_PENDING",
        ),
        (
            "consumer/-/c-2",
            case_id,
            Code::PermissionDenied,
            "NOT_PARTY_TO_CASE",
        ),
        (
            STAFF,
            case_id,
            Code::PermissionDenied,
            "ACTOR_NOT_PERMITTED",
        ),
        (
            "enterprise/91110000600037341L/e-1",
            case_id,
            Code::PermissionDenied,
            "ACTOR_NOT_PERMITTED",
        ),
        ("consumer/-/c-1", UNKNOWN, Code::NotFound, ""),
    ];
    for (by, case_id, code, reason) in rows {
        let status = withdraw(&service, by, "w-2", case_id, "")
            .await
            .unwrap_err();
        assert_eq!(refusal(&status), (code, reason.to_owned()), "{by}");
    }
    let found = service.get("consumer/-/c-1", case_id, 1).await.unwrap();
    assert_eq!(
        found
            .texts
            .iter()
            .filter(|text| text.text == "withdrawal Secret")
            .count(),
        1
    );
    assert_eq!(
        service
            .count("chassis.events where stream = 'intake'")
            .await,
        1
    );
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn either_party_adds_evidence_until_the_case_is_closed() {
    let service = Service::start(&[]).await;
    let filed = service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let case_id = filed.case_id.as_str();
    let enterprise = format!("enterprise/{}/e-1", others::ENTERPRISE);
    let mut ids = Vec::new();
    for by in ["consumer/-/c-1", &enterprise] {
        let first = add(&service, by, "e", case_id).await.unwrap();
        assert_eq!(
            add(&service, by, "e", case_id).await.unwrap(),
            first,
            "{by}"
        );
        ids.push(first.evidence_id);
    }
    let found = service.get(STAFF, case_id, 1).await.unwrap();
    assert_eq!(found.etag, "1.2");
    let kept: Vec<(String, i32)> = found
        .evidence
        .iter()
        .map(|piece| (piece.evidence_id.clone(), piece.by))
        .collect();
    assert_eq!(
        kept,
        [
            (ids[0].clone(), Side::Consumer.into()),
            (ids[1].clone(), Side::Enterprise.into())
        ]
    );
    assert_eq!(
        (found.evidence[0].hash.clone(), found.evidence[0].size_bytes),
        (vec![9; 32], 4_096)
    );

    others::route(&service, case_id, false).await;
    let refuse = Body::RefuseComplaint {
        ground: RefusalGround::NotDailyConsumption,
        text: others::text(),
    };
    assert_eq!(others::official(&service, case_id, refuse).await, 3);
    let rows = [
        (
            "consumer/-/c-1",
            case_id,
            Code::FailedPrecondition,
            "CASE_CLOSED",
        ),
        ("consumer/-/c-1", UNKNOWN, Code::NotFound, ""),
    ];
    for (by, case_id, code, reason) in rows {
        let status = add(&service, by, "e-2", case_id).await.unwrap_err();
        assert_eq!(refusal(&status), (code, reason.to_owned()));
        let status = withdraw(&service, by, "w", case_id, "").await.unwrap_err();
        assert_eq!(refusal(&status), (code, reason.to_owned()));
    }
    let stranger = add(&service, "official/330106/o-1", "e", case_id)
        .await
        .unwrap_err();
    assert_eq!(
        stranger.code(),
        Code::FailedPrecondition,
        "the state comes first"
    );
    assert_eq!(service.count("intake.evidence").await, 2);
    service.stop().await;
}
