//! GetProgress: where a case stands, for whoever holds its code.

use std::time::Duration;

use case::Body;
use chassis::status;
use law::grounds::RefusalGround;
use proto::intake::v1::{GetProgressRequest, NextStep, Progress};
use proto::v1::{CaseStateKind, Side};
use tonic::{Code, Status};

use crate::support::service::{Service, as_caller};
use crate::support::{forms, others};

async fn look(
    service: &Service,
    by: &str,
    code: &str,
    min_version: u64,
) -> Result<Progress, Status> {
    let request = GetProgressRequest {
        progress_code: code.into(),
        min_version,
    };
    service
        .client
        .clone()
        .get_progress(as_caller(by, request))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_tells_where_its_case_stands_from_filing_to_end() {
    let service = Service::start(&[]).await;
    let filed = service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let code = filed.progress_code.to_lowercase().replace('-', " ");
    let found = look(&service, "agency/anyone", &code, 1).await.unwrap();
    assert_eq!(found.case_number, filed.case_number);
    assert_eq!(
        (found.state(), found.next_step()),
        (CaseStateKind::Filed, NextStep::WaitForRouting)
    );
    assert_eq!(
        (found.due_on.as_str(), found.turn(), found.closed_at),
        ("", Side::Unspecified, None)
    );

    others::route(&service, &filed.case_id, true).await;
    let found = look(&service, "agency/anyone", &code, 2).await.unwrap();
    assert_eq!(
        (found.state(), found.next_step()),
        (CaseStateKind::InNegotiation, NextStep::WaitForEnterprise)
    );
    assert_eq!((found.due_on.len(), found.turn()), (10, Side::Enterprise));

    let second = service
        .file("consumer/-/c-1", forms::filing("r-2", forms::full()))
        .await
        .unwrap();
    others::route(&service, &second.case_id, false).await;
    let found = look(&service, "agency/anyone", &second.progress_code, 2)
        .await
        .unwrap();
    assert_eq!(
        (found.state(), found.next_step()),
        (CaseStateKind::AtAuthority, NextStep::WaitForAcceptance)
    );
    let refuse = Body::RefuseComplaint {
        ground: RefusalGround::NotDailyConsumption,
        text: others::text(),
    };
    others::official(&service, &second.case_id, refuse).await;
    let found = look(&service, "agency/anyone", &second.progress_code, 3)
        .await
        .unwrap();
    assert_eq!(
        (found.state(), found.next_step()),
        (CaseStateKind::Closed, NextStep::Rate)
    );
    assert!(found.closed_at.is_some() && found.outcome.is_some() && found.due_on.is_empty());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_tried_at_will() {
    let service = Service::start(&["--progress-burst=3", "--progress-per-minute=1"]).await;
    let filed = service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let wrong = "0000-0000-0000-0000-0000";
    for _ in 0..3 {
        let status = look(&service, "consumer/-/c-9", wrong, 0)
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        assert!(
            !status.message().contains("0000-"),
            "the code is not repeated"
        );
    }
    let status = look(&service, "consumer/-/c-9", &filed.progress_code, 0)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    let wait = status::retry_after(&status).unwrap();
    assert!(
        wait > Duration::from_secs(1) && wait <= Duration::from_secs(60),
        "{wait:?}"
    );
    look(&service, "consumer/-/c-1", &filed.progress_code, 0)
        .await
        .unwrap();
    service.stop().await;
}
