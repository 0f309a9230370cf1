//! GetComplaint: who may read what is personal.

use tonic::Code;

use crate::support::service::{STAFF, Service};
use crate::support::{forms, others, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_need_it_read_a_complaint() {
    let service = Service::start(&[]).await;
    let filed = service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let case_id = filed.case_id.as_str();
    let agent = service
        .get(STAFF, case_id, 0)
        .await
        .unwrap()
        .form
        .unwrap()
        .representatives[0]
        .party_ref
        .clone();
    let agent = format!("consumer/-/{agent}");
    let enterprise = format!("enterprise/{}/e-1", others::ENTERPRISE);
    let denied = |reason: &'static str| Err((Code::PermissionDenied, reason.to_owned()));
    let always = [
        ("consumer/-/c-1", Ok(())),
        (agent.as_str(), Ok(())),
        (STAFF, Ok(())),
        ("consumer/-/c-2", denied("NOT_PARTY_TO_CASE")),
        (enterprise.as_str(), denied("ACTOR_NOT_PERMITTED")),
        ("agency/hotline", denied("ACTOR_NOT_PERMITTED")),
        ("operator/-/me", denied("ACTOR_NOT_PERMITTED")),
        ("official/330108/o-1", denied("NOT_HOLDER")),
    ];
    let before = ["330106", "3301", "CN"].map(|authority| (authority, denied("NOT_HOLDER")));
    let after = ["330106", "3301", "CN"].map(|authority| (authority, Ok(())));
    for officials in [before, after] {
        for (by, expected) in &always {
            let read = service
                .get(by, case_id, 0)
                .await
                .map(drop)
                .map_err(|status| refusal(&status));
            assert_eq!(read, *expected, "{by}");
        }
        for (authority, expected) in officials {
            let by = format!("official/{authority}/o-1");
            let read = service
                .get(&by, case_id, 0)
                .await
                .map(drop)
                .map_err(|status| refusal(&status));
            assert_eq!(read, expected, "{by}");
        }
        if service.get(STAFF, case_id, 0).await.unwrap().version == 1 {
            assert_eq!(others::route(&service, case_id, false).await, 2);
        }
    }
    let unknown = service
        .get(STAFF, "0190b5a8-0000-7000-8000-00000000000f", 0)
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    service.stop().await;
}
