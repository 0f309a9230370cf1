//! ListComplaints: own ones, a region's, page by page.

use proto::intake::v1::{ListComplaintsRequest, ListComplaintsResponse};
use proto::v1::CaseStateKind;
use tonic::{Code, Status};

use crate::support::service::{STAFF, Service, as_caller};
use crate::support::{fields, forms, others, refusal};

async fn list(
    service: &Service,
    by: &str,
    request: ListComplaintsRequest,
) -> Result<ListComplaintsResponse, Status> {
    service
        .client
        .clone()
        .list_complaints(as_caller(by, request))
        .await
        .map(tonic::Response::into_inner)
}

/// All pages of two, put together.
async fn pages(service: &Service, by: &str, request: &ListComplaintsRequest) -> Vec<String> {
    let mut ids = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = ListComplaintsRequest {
            page_size: 2,
            page_token,
            ..request.clone()
        };
        let found = list(service, by, page).await.unwrap();
        assert!(found.complaints.len() <= 2);
        assert!(found.next_page_token.is_empty() || found.complaints.len() == 2);
        ids.extend(found.complaints.into_iter().map(|summary| summary.case_id));
        if found.next_page_token.is_empty() {
            return ids;
        }
        page_token = found.next_page_token;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_filtered_and_ones_own() {
    let service = Service::start(&[]).await;
    let mut filed = Vec::new();
    for number in 0..7 {
        let by = if number % 3 == 0 {
            "consumer/-/c-2"
        } else {
            "consumer/-/c-1"
        };
        let mut form = forms::full();
        if number >= 5 {
            form.consumer_region = "110102".into();
        }
        let answer = service
            .file(by, forms::filing(&format!("r-{number}"), form))
            .await
            .unwrap();
        filed.push(answer.case_id);
    }
    let newest_first =
        |wanted: &[usize]| -> Vec<String> { wanted.iter().map(|at| filed[*at].clone()).collect() };
    others::route(&service, &filed[4], false).await;
    let at_authority = vec![
        CaseStateKind::AtAuthority.into(),
        CaseStateKind::Closed.into(),
    ];
    let in_region = |region: &str| ListComplaintsRequest {
        region: region.into(),
        ..ListComplaintsRequest::default()
    };
    let in_states = ListComplaintsRequest {
        states: at_authority,
        ..ListComplaintsRequest::default()
    };
    let rows = [
        (
            "consumer/-/c-1",
            ListComplaintsRequest::default(),
            newest_first(&[5, 4, 2, 1]),
        ),
        (
            "consumer/-/c-2",
            ListComplaintsRequest::default(),
            newest_first(&[6, 3, 0]),
        ),
        ("consumer/-/c-3", ListComplaintsRequest::default(), vec![]),
        ("consumer/-/c-1", in_states.clone(), newest_first(&[4])),
        ("consumer/-/c-2", in_states.clone(), vec![]),
        (
            STAFF,
            ListComplaintsRequest::default(),
            newest_first(&[6, 5, 4, 3, 2, 1, 0]),
        ),
        (STAFF, in_region("110101"), newest_first(&[4, 3, 2, 1, 0])),
        (STAFF, in_region("110102"), newest_first(&[6, 5])),
        (STAFF, in_region("CN"), vec![]),
        (STAFF, in_states, newest_first(&[4])),
    ];
    for (by, request, expected) in rows {
        assert_eq!(
            pages(&service, by, &request).await,
            expected,
            "{by} {request:?}"
        );
        let whole = list(&service, by, request).await.unwrap();
        assert_eq!(whole.complaints.len(), expected.len());
        assert_eq!(whole.next_page_token, "");
    }

    let first = ListComplaintsRequest {
        page_size: 1,
        ..ListComplaintsRequest::default()
    };
    let found = list(&service, "consumer/-/c-1", first).await.unwrap();
    let summary = &found.complaints[0];
    assert_eq!(
        (summary.respondent_name.as_str(), summary.problem.as_str()),
        ("Shop Secret", "quality.defect")
    );
    assert_eq!(
        (summary.version, summary.state),
        (1, CaseStateKind::Filed.into())
    );
    let foreign = ListComplaintsRequest {
        page_token: found.next_page_token,
        ..ListComplaintsRequest::default()
    };
    let status = list(&service, "consumer/-/c-2", foreign).await.unwrap_err();
    assert_eq!(
        fields(&status),
        (Code::InvalidArgument, vec!["page_token".to_owned()])
    );

    let mut elsewhere = as_caller(STAFF, ListComplaintsRequest::default());
    elsewhere
        .metadata_mut()
        .insert("odr-space", "tenant-1".parse().unwrap());
    let other_space = service
        .client
        .clone()
        .list_complaints(elsewhere)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(other_space.complaints, []);
    for by in [
        "official/330106/o-1",
        "enterprise/91110000600037341L/e-1",
        "agency/hotline",
        "operator",
    ] {
        let status = list(&service, by, ListComplaintsRequest::default())
            .await
            .unwrap_err();
        assert_eq!(
            refusal(&status),
            (Code::PermissionDenied, "ACTOR_NOT_PERMITTED".to_owned()),
            "{by}"
        );
    }
    service.stop().await;
}

/// Complaints looked at for one page of rare states.
const MOST_READ: usize = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_rare_states_ends_after_so_many_complaints_and_the_next_goes_on() {
    let service = Service::start(&[]).await;
    let by = "consumer/-/c-1";
    let file = |number: usize| forms::filing(&format!("r-{number}"), forms::full());
    let oldest = service.file(by, file(0)).await.unwrap().case_id;
    others::route(&service, &oldest, false).await;
    for many in 0..MOST_READ / 50 {
        let mut filing = tokio::task::JoinSet::new();
        for number in 0..50 {
            let request = as_caller(by, file(1 + 50 * many + number));
            let mut client = service.client.clone();
            filing.spawn(async move { client.file_complaint(request).await });
        }
        for answer in filing.join_all().await {
            answer.unwrap();
        }
    }
    let first = ListComplaintsRequest {
        states: vec![CaseStateKind::AtAuthority.into()],
        ..ListComplaintsRequest::default()
    };
    let short = list(&service, by, first.clone()).await.unwrap();
    assert_eq!(short.complaints, []);
    assert_ne!(short.next_page_token, "");
    let second = ListComplaintsRequest {
        page_token: short.next_page_token,
        ..first
    };
    let rest = list(&service, by, second).await.unwrap();
    let found: Vec<&str> = rest.complaints.iter().map(|c| c.case_id.as_str()).collect();
    assert_eq!(found, [oldest.as_str()]);
    assert_eq!(rest.next_page_token, "");
}
