//! Bad requests: every limit the contract documents, each answered by the path of its field.

use chrono::{TimeDelta, Utc};
use proto::intake::v1::{
    AddEvidenceRequest, ComplaintForm, FileComplaintRequest, GetComplaintRequest,
    GetProgressRequest, ListComplaintsRequest, Party, RequestWithdrawalRequest,
    RespondentDescription,
};
use tonic::Code;

use crate::support::service::{STAFF, Service, as_caller};
use crate::support::{fields, forms, others};

type Spoil = fn(&mut ComplaintForm);

fn complainant(form: &mut ComplaintForm) -> &mut Party {
    form.complainant.as_mut().unwrap()
}

fn respondent(form: &mut ComplaintForm) -> &mut RespondentDescription {
    form.respondent.as_mut().unwrap()
}

const FORMS: &[(&str, Spoil)] = &[
    ("form.complainant", |form| form.complainant = None),
    ("form.complainant.party_ref", |form| {
        complainant(form).party_ref = "p-1".into()
    }),
    ("form.complainant.name", |form| {
        complainant(form).name.clear()
    }),
    ("form.complainant.name", |form| {
        complainant(form).name = "名".repeat(101)
    }),
    ("form.complainant.name", |form| {
        complainant(form).name = "x".repeat(10_000)
    }),
    ("form.complainant.name", |form| {
        complainant(form).name = "a\0b".into()
    }),
    ("form.complainant.phone", |form| {
        complainant(form).phone.clear()
    }),
    ("form.complainant.phone", |form| {
        complainant(form).phone = "1234".into()
    }),
    ("form.complainant.phone", |form| {
        complainant(form).phone = "1".repeat(31)
    }),
    ("form.complainant.phone", |form| {
        complainant(form).phone = "12345x".into()
    }),
    ("form.complainant.address", |form| {
        complainant(form).address = "路".repeat(301)
    }),
    ("form.complainant.identity_document", |form| {
        complainant(form).identity_document = 99
    }),
    ("form.complainant.identity_number", |form| {
        complainant(form).identity_number = "9".repeat(41)
    }),
    ("form.complainant.identity_number", |form| {
        complainant(form).identity_document = 0
    }),
    ("form.representatives", |form| {
        form.representatives = vec![form.representatives[0].clone(); 3]
    }),
    ("form.representatives[0].name", |form| {
        form.representatives[0].name.clear()
    }),
    ("form.representatives[1].phone", |form| {
        form.representatives.push(Party {
            name: "乙".into(),
            phone: "?".into(),
            ..Party::default()
        });
    }),
    ("form.respondent", |form| form.respondent = None),
    ("form.respondent.name", |form| respondent(form).name.clear()),
    ("form.respondent.name", |form| {
        respondent(form).name = "x".repeat(10_000)
    }),
    ("form.respondent.name", |form| {
        respondent(form).name = "店".repeat(201)
    }),
    ("form.respondent.phone", |form| {
        respondent(form).phone = "none".into()
    }),
    ("form.respondent.address", |form| {
        respondent(form).address = "x".repeat(301)
    }),
    ("form.respondent.uscc", |form| {
        respondent(form).uscc = "91110000600037341M".into()
    }),
    ("form.respondent.uscc", |form| {
        respondent(form).uscc = "91110000600037341".into()
    }),
    ("form.respondent.role", |form| respondent(form).role = 0),
    ("form.respondent.role", |form| respondent(form).role = -1),
    ("form.respondent.business_region", |form| {
        respondent(form).business_region = "999999".into()
    }),
    ("form.respondent.business_region", |form| {
        respondent(form).business_region = "not a code".into()
    }),
    ("form.respondent.domicile_region", |form| {
        respondent(form).domicile_region = "999999".into()
    }),
    ("form.respondent.address_shown", |form| {
        respondent(form).address_shown = 99
    }),
    ("form.respondent.shown_region", |form| {
        respondent(form).shown_region.clear()
    }),
    ("form.respondent.shown_region", |form| {
        respondent(form).shown_region = "999999".into()
    }),
    ("form.respondent.shown_region", |form| {
        respondent(form).address_shown = 3
    }),
    ("form.respondent.platform_uscc", |form| {
        respondent(form).platform_uscc = "91350100M000100Y44".into()
    }),
    ("form.respondent.platform_domicile_region", |form| {
        respondent(form).platform_domicile_region = "999999".into();
    }),
    ("form.consumer_region", |form| {
        form.consumer_region = "999999".into()
    }),
    ("form.consumer_region", |form| {
        form.consumer_region = "3".repeat(10_000)
    }),
    ("form.identity", |form| form.identity = 99),
    ("form.problem", |form| form.problem.clear()),
    ("form.problem", |form| form.problem = "x".repeat(65)),
    ("form.problem", |form| form.problem = "two words".into()),
    ("form.category", |form| form.category = "类".into()),
    ("form.tree_version", |form| form.tree_version = 0),
    ("form.claims", |form| form.claims.clear()),
    ("form.claims", |form| {
        form.claims = vec![1, 2, 3, 4, 5, 6, 7, 8, 1]
    }),
    ("form.claims[0]", |form| form.claims = vec![0]),
    ("form.claims[1]", |form| form.claims = vec![1, 1]),
    ("form.claims[1]", |form| form.claims = vec![1, 99]),
    ("form.paid_fen", |form| form.paid_fen = -1),
    ("form.paid_fen", |form| form.paid_fen = 1_000_000_000_001),
    ("form.claimed_fen", |form| form.claimed_fen = i64::MIN),
    ("form.disputed_on", |form| {
        form.disputed_on = "1989-12-31".into()
    }),
    ("form.disputed_on", |form| {
        form.disputed_on = "2016-02-30".into()
    }),
    ("form.disputed_on", |form| {
        form.disputed_on = "2016-2-3".into()
    }),
    ("form.disputed_on", |form| {
        form.disputed_on = "2016-02-03T00:00".into()
    }),
    ("form.disputed_on", |form| {
        form.disputed_on = others::legal_day(Utc::now() + TimeDelta::days(1))
    }),
    ("form.knew_on", |form| form.knew_on = "9999-12-31".into()),
    ("form.sales_mode", |form| form.sales_mode = 99),
    ("form.place_of_event_region", |form| {
        form.place_of_event_region = "XX".into()
    }),
    ("form.channel", |form| form.channel = 0),
    ("form.channel", |form| form.channel = 99),
    ("form.sub_channel", |form| form.sub_channel = "x".repeat(33)),
    ("form.source_system", |form| {
        form.source_system = "x".repeat(65)
    }),
    ("form.source_number", |form| {
        form.source_number = "a\nb".into()
    }),
    ("form.prior_case_id", |form| {
        form.prior_case_id = "0190b5a8".into()
    }),
    ("form.pledge", |form| form.pledge = "a pledge".into()),
    ("form.facts", |form| form.facts.clear()),
    ("form.facts", |form| form.facts = "字".repeat(4001)),
    ("form.facts", |form| form.facts = "a\0b".into()),
    ("form.claims_text", |form| {
        form.claims_text = "x".repeat(4001)
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_of_the_form_names_its_field() {
    let service = Service::start(&[]).await;
    for (path, spoil) in FORMS {
        let mut form = forms::full();
        spoil(&mut form);
        let status = service
            .file("consumer/-/c-1", forms::filing("r", form))
            .await
            .unwrap_err();
        assert_eq!(
            fields(&status),
            (Code::InvalidArgument, vec![(*path).to_owned()])
        );
    }
    for request_id in ["", " ", "a b", "字", &"r".repeat(65)] {
        let status = service
            .file("consumer/-/c-1", forms::filing(request_id, forms::full()))
            .await
            .unwrap_err();
        assert_eq!(
            fields(&status),
            (Code::InvalidArgument, vec!["request_id".to_owned()]),
            "{request_id}"
        );
    }
    let nothing = FileComplaintRequest::default();
    let status = service.file("consumer/-/c-1", nothing).await.unwrap_err();
    assert_eq!(fields(&status).1, ["request_id", "form"]);
    let empty = forms::filing("r", ComplaintForm::default());
    let status = service.file("consumer/-/c-1", empty).await.unwrap_err();
    let found = fields(&status).1;
    for path in [
        "form.complainant",
        "form.respondent",
        "form.claims",
        "form.problem",
        "form.channel",
        "form.facts",
    ] {
        assert!(
            found.iter().any(|field| field == path),
            "{path} in {found:?}"
        );
    }
    let limits = ComplaintForm {
        facts: "字".repeat(4000),
        claims_text: "x".repeat(4000),
        problem: "x".repeat(64),
        disputed_on: others::legal_day(Utc::now()),
        ..forms::full()
    };
    service
        .file("consumer/-/c-1", forms::filing(&"r".repeat(64), limits))
        .await
        .unwrap();
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_of_the_other_requests_names_its_field() {
    let service = Service::start(&[]).await;
    let filed = service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let mut client = service.client.clone();
    let case_id = filed.case_id;

    let withdrawal = || RequestWithdrawalRequest {
        request_id: "w".into(),
        case_id: case_id.clone(),
        reason: 1,
        ..RequestWithdrawalRequest::default()
    };
    type SpoilWithdrawal = fn(&mut RequestWithdrawalRequest);
    let rows: [(&str, SpoilWithdrawal); 9] = [
        ("request_id", |request| request.request_id.clear()),
        ("case_id", |request| request.case_id = "7".into()),
        ("case_id", |request| {
            request.case_id = "00000000-0000-0000-0000-000000000000".into()
        }),
        ("etag", |request| request.etag = "\"x\"".into()),
        ("reason", |request| request.reason = 0),
        ("reason", |request| request.reason = 99),
        ("text", |request| request.reason = 4),
        ("text", |request| request.text = "x".repeat(4001)),
        ("text", |request| request.text = "\0".into()),
    ];
    for (path, spoil) in rows {
        let mut request = withdrawal();
        spoil(&mut request);
        let status = client
            .request_withdrawal(as_caller("consumer/-/c-1", request))
            .await
            .unwrap_err();
        assert_eq!(
            fields(&status),
            (Code::InvalidArgument, vec![path.to_owned()])
        );
    }

    type SpoilEvidence = fn(&mut AddEvidenceRequest);
    let rows: [(&str, SpoilEvidence); 10] = [
        ("request_id", |request| request.request_id = "x".repeat(65)),
        ("case_id", |request| request.case_id.clear()),
        ("etag", |request| request.etag = "9".repeat(49)),
        ("hash", |request| request.hash.clear()),
        ("hash", |request| request.hash = vec![1; 33]),
        ("media_type", |request| request.media_type.clear()),
        ("media_type", |request| request.media_type = "image".into()),
        ("media_type", |request| {
            request.media_type = format!("image/{}", "x".repeat(10_000))
        }),
        ("size_bytes", |request| request.size_bytes = 0),
        ("size_bytes", |request| request.size_bytes = 1_073_741_825),
    ];
    for (path, spoil) in rows {
        let mut request = AddEvidenceRequest {
            request_id: "e".into(),
            case_id: case_id.clone(),
            hash: vec![1; 32],
            media_type: "image/png".into(),
            size_bytes: 1,
            ..AddEvidenceRequest::default()
        };
        spoil(&mut request);
        let status = client
            .add_evidence(as_caller("consumer/-/c-1", request))
            .await
            .unwrap_err();
        assert_eq!(
            fields(&status),
            (Code::InvalidArgument, vec![path.to_owned()])
        );
    }

    type SpoilList = fn(&mut ListComplaintsRequest);
    let rows: [(&str, &str, SpoilList); 7] = [
        (STAFF, "page_size", |request| request.page_size = -1),
        (STAFF, "page_size", |request| request.page_size = 201),
        (STAFF, "page_token", |request| {
            request.page_token = "x".into()
        }),
        (STAFF, "states", |request| request.states = vec![1; 10]),
        (STAFF, "states[1]", |request| request.states = vec![1, 0]),
        (STAFF, "region", |request| request.region = "999999".into()),
        ("consumer/-/c-1", "region", |request| {
            request.region = "110101".into()
        }),
    ];
    for (by, path, spoil) in rows {
        let mut request = ListComplaintsRequest::default();
        spoil(&mut request);
        let status = client
            .list_complaints(as_caller(by, request))
            .await
            .unwrap_err();
        assert_eq!(
            fields(&status),
            (Code::InvalidArgument, vec![path.to_owned()])
        );
    }

    for case_id in ["", "x", "0190b5a8000070008000000000000001"] {
        let request = GetComplaintRequest {
            case_id: case_id.into(),
            min_version: 0,
        };
        let status = client
            .get_complaint(as_caller(STAFF, request))
            .await
            .unwrap_err();
        assert_eq!(
            fields(&status),
            (Code::InvalidArgument, vec!["case_id".to_owned()]),
            "{case_id}"
        );
    }
    for progress_code in ["", "7K2M", "7K2M-0Q4X-ZT9A-B3CD-EFGU", &"7".repeat(10_000)] {
        let request = GetProgressRequest {
            progress_code: progress_code.into(),
            min_version: 0,
        };
        let status = client
            .get_progress(as_caller(STAFF, request))
            .await
            .unwrap_err();
        assert_eq!(
            fields(&status),
            (Code::InvalidArgument, vec!["progress_code".to_owned()])
        );
    }
    service.stop().await;
}
