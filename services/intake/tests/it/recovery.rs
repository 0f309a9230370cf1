//! A database that is lost: what the log holds comes back, and no serial is given out twice.

use std::collections::BTreeSet;

use proto::intake::v1::{AddEvidenceRequest, GetProgressRequest, ListComplaintsRequest};
use tonic::Code;

use crate::support::service::{STAFF, Service, as_caller};
use crate::support::{forms, others};

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_its_database_reads_its_own_words_again() {
    let service = Service::start(&[]).await;
    let mut filed = Vec::new();
    for number in 0..3 {
        let answer = service
            .file(
                "consumer/-/c-1",
                forms::filing(&format!("r-{number}"), forms::full()),
            )
            .await;
        filed.push(answer.unwrap());
    }
    let evidence = AddEvidenceRequest {
        request_id: "e".into(),
        case_id: filed[0].case_id.clone(),
        hash: vec![3; 32],
        media_type: "image/png".into(),
        size_bytes: 1,
        ..AddEvidenceRequest::default()
    };
    service
        .client
        .clone()
        .add_evidence(as_caller("consumer/-/c-1", evidence))
        .await
        .unwrap();
    others::route(&service, &filed[0].case_id, false).await;
    service.published().await;

    let service = service.rebuilt().await;
    let found = service.get(STAFF, &filed[0].case_id, 2).await.unwrap();
    assert_eq!(
        (found.case_number.as_str(), found.evidence.len()),
        (filed[0].case_number.as_str(), 1)
    );
    let form = found.form.unwrap();
    assert_eq!(form.problem, "quality.defect");
    assert_eq!(
        form.complainant.unwrap().name,
        "",
        "what only the database held is gone"
    );
    let request = GetProgressRequest {
        progress_code: filed[1].progress_code.clone(),
        min_version: 0,
    };
    let progress = service
        .client
        .clone()
        .get_progress(as_caller(STAFF, request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(progress.case_number, filed[1].case_number);
    let all = as_caller("consumer/-/c-1", ListComplaintsRequest::default());
    let listed = service
        .client
        .clone()
        .list_complaints(all)
        .await
        .unwrap()
        .into_inner()
        .complaints;
    assert_eq!(listed.len(), 3);

    let mut numbers: BTreeSet<String> = filed
        .into_iter()
        .map(|answer| serial(&answer.case_number))
        .collect();
    for number in 0..600 {
        let request = forms::filing(&format!("again-{number}"), forms::least());
        let answer = service.file("consumer/-/c-1", request).await.unwrap();
        assert!(
            numbers.insert(serial(&answer.case_number)),
            "{} is new",
            answer.case_number
        );
    }
    let status = service
        .get("consumer/-/c-2", &listed[0].case_id, 0)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    service.stop().await;
}

/// The number without type, region, day and check character.
fn serial(case_number: &str) -> String {
    case_number.split('-').nth(3).unwrap().to_owned()
}
