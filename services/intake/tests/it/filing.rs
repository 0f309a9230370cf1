//! FileComplaint: what comes of a filing, once and twice.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use prost::Message;
use proto::intake::v1::{ComplaintForm, FileComplaintRequest, Party};
use proto::v1::{AddressShown, CaseStateKind, IdentityLevel, SalesMode};
use tonic::Code;

use crate::support::service::{STAFF, Service, as_caller};
use crate::support::{fields, forms, others, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_comes_back_whole_and_twice_is_once() {
    let service = Service::start(&[]).await;
    for (by, is_consumer) in [
        ("consumer/-/c-1", true),
        (STAFF, false),
        ("agency/hotline", false),
    ] {
        for (name, form) in [("full", forms::full()), ("least", forms::least())] {
            let request = forms::filing(name, form.clone());
            let first = service.file(by, request.clone()).await.unwrap();
            let again = service.file(by, request).await.unwrap();
            assert_eq!(first, again);
            let kept = again.encode_to_vec();
            assert_eq!(kept, first.encode_to_vec(), "the progress code too");
            assert_eq!((first.version, first.etag.as_str()), (1, "1.0"));
            let today = others::legal_day(Utc::now()).replace('-', "");
            let region = if name == "full" { "330106" } else { "000000" };
            let start = format!("C-{region}-{today}-");
            assert!(
                first.case_number.starts_with(&start),
                "{} {start}",
                first.case_number
            );
            assert_eq!(first.progress_code.len(), 24);

            let found = service.get(STAFF, &first.case_id, 1).await.unwrap();
            assert_eq!(
                (found.case_number, found.etag),
                (first.case_number, first.etag)
            );
            assert_eq!(found.state, i32::from(CaseStateKind::Filed));
            let party_ref = found
                .form
                .as_ref()
                .unwrap()
                .complainant
                .as_ref()
                .unwrap()
                .party_ref
                .clone();
            assert_eq!(party_ref == "c-1", is_consumer);
            assert_eq!(found.form.map(without_references), Some(as_answered(form)));
            let consents = found.consents.unwrap();
            assert_eq!(consents.odr_at.is_some(), name == "full");
            assert_eq!(consents.publication_at, None);
            assert_eq!(found.texts.len(), if name == "full" { 2 } else { 1 });
            for text in found.texts {
                assert_eq!(
                    docket::text::salted_hash(&text.salt, &text.text).to_vec(),
                    text.hash
                );
            }
        }
    }
    for (table, rows) in [
        ("chassis.events", 6),
        ("chassis.requests", 6),
        ("intake.complaints", 6),
        ("intake.parties", 6),
        ("docket.texts", 9),
    ] {
        assert_eq!(service.count(table).await, rows, "{table}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_and_no_code_leaves_its_table() {
    let service = Service::start(&[]).await;
    let filed = service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let mut secrets: Vec<String> = forms::SECRETS.map(str::to_owned).to_vec();
    secrets.push(filed.progress_code.clone());
    secrets.push(filed.progress_code.replace('-', ""));
    for table in [
        "chassis.events",
        "chassis.subjects",
        "chassis.requests",
        "chassis.outbox",
        "intake.complaints",
    ] {
        for secret in &secrets {
            let statement = sqlx::AssertSqlSafe(format!(
                "select count(*) from {table} t where position($1::text in t::text) > 0
                     or position(encode(convert_to($1, 'utf8'), 'hex') in t::text) > 0"
            ));
            let rows: i64 = sqlx::query_scalar(statement)
                .bind(secret)
                .fetch_one(&service.pool)
                .await
                .unwrap();
            assert_eq!(rows, 0, "{table}");
        }
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_file_and_what_is_not_taken_yet_is_refused_by_name() {
    let service = Service::start(&[]).await;
    let with = |change: fn(&mut ComplaintForm)| {
        let mut form = forms::full();
        change(&mut form);
        form
    };
    let rows = [
        (
            "enterprise/91110000600037341L/e-1",
            forms::full(),
            Code::PermissionDenied,
            "ACTOR_NOT_PERMITTED",
        ),
        (
            "official/330106/o-1",
            forms::full(),
            Code::PermissionDenied,
            "ACTOR_NOT_PERMITTED",
        ),
        (
            "operator",
            forms::full(),
            Code::PermissionDenied,
            "ACTOR_NOT_PERMITTED",
        ),
        (
            "consumer/-/c-1",
            with(|form| form.contains_report = true),
            Code::FailedPrecondition,
            "REPORT_NOT_SUPPORTED",
        ),
        (
            "consumer/-/c-1",
            with(|form| form.joint = true),
            Code::FailedPrecondition,
            "JOINT_NOT_SUPPORTED",
        ),
        (
            "consumer/-/c-1",
            with(|form| form.by_agent = true),
            Code::FailedPrecondition,
            "AGENT_NOT_SUPPORTED",
        ),
    ];
    for (by, form, code, reason) in rows {
        for _ in 0..2 {
            let status = service
                .file(by, forms::filing("r", form.clone()))
                .await
                .unwrap_err();
            assert_eq!(refusal(&status), (code, reason.to_owned()), "{by}");
        }
    }
    service
        .file("consumer/-/c-1", forms::filing("r", forms::full()))
        .await
        .unwrap();
    let status = service
        .file("consumer/-/c-1", forms::filing("r", forms::least()))
        .await
        .unwrap_err();
    assert_eq!(
        refusal(&status),
        (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned())
    );
    // Another caller's id is another request.
    service
        .file("consumer/-/c-2", forms::filing("r", forms::least()))
        .await
        .unwrap();
    assert_eq!(service.count("intake.complaints").await, 2);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_filings_at_once_get_a_number_and_a_code_each() {
    let service = Service::start(&[]).await;
    let mut filings = Vec::new();
    for number in 0..700 {
        let mut client = service.client.clone();
        let by = format!("consumer/-/c-{number}");
        filings.push(tokio::spawn(async move {
            loop {
                let request = forms::filing("r", forms::least());
                match client.file_complaint(as_caller(&by, request)).await {
                    Ok(answer) => return answer.into_inner(),
                    // More come at once than may wait for a serial: they are told when to come again.
                    Err(status) => {
                        let again = chassis::status::retry_after(&status);
                        tokio::time::sleep(again.expect("refused for good")).await;
                    }
                }
            }
        }));
    }
    let (mut numbers, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for filing in filings {
        let filed = filing.await.unwrap();
        numbers.insert(filed.case_number);
        codes.insert(filed.progress_code);
    }
    assert_eq!((numbers.len(), codes.len()), (700, 700));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_has_its_own_clock_and_day() {
    let service = Service::start(&["--clock=stepped"]).await;
    // 2016-02-28 16:30 UTC is the 29th at +08:00.
    let now: DateTime<Utc> = "2016-02-28T16:30:00Z".parse().unwrap();
    sqlx::query("insert into chassis.clocks values ('tenant-1', $1)")
        .bind(now)
        .execute(&service.pool)
        .await
        .unwrap();
    let file = async |space: &str, id: &str, disputed_on: &str| {
        let mut form = forms::least();
        form.disputed_on = disputed_on.into();
        let mut request = as_caller("consumer/-/c-1", forms::filing(id, form));
        request
            .metadata_mut()
            .insert("odr-space", space.parse().unwrap());
        service.client.clone().file_complaint(request).await
    };
    let filed = file("tenant-1", "r-1", "2016-02-29")
        .await
        .unwrap()
        .into_inner();
    assert!(
        filed.case_number.starts_with("C-000000-20160229-"),
        "{}",
        filed.case_number
    );
    let found = service.get(STAFF, &filed.case_id, 1).await.unwrap();
    assert_eq!(found.filed_at.unwrap().seconds, now.timestamp());
    let late = file("tenant-1", "r-2", "2016-03-01").await.unwrap_err();
    assert_eq!(
        fields(&late),
        (Code::InvalidArgument, vec!["form.disputed_on".to_owned()])
    );
    // A space without a clock of its own goes by the wall.
    file("main", "r-3", "2016-03-01").await.unwrap();
    let bad = file("a b", "r-4", "").await.unwrap_err();
    assert_eq!(
        fields(&bad),
        (Code::InvalidArgument, vec!["odr-space".to_owned()])
    );
    service.stop().await;
}

/// What a form is answered as: what was left unsaid has its documented meaning.
fn as_answered(mut form: ComplaintForm) -> ComplaintForm {
    let or = |number: &mut i32, meaning: i32| {
        if *number == 0 {
            *number = meaning;
        }
    };
    or(&mut form.identity, IdentityLevel::Stated.into());
    or(&mut form.sales_mode, SalesMode::Other.into());
    form.consents.get_or_insert_default();
    let respondent = form.respondent.as_mut().unwrap();
    or(&mut respondent.address_shown, AddressShown::Unstated.into());
    form
}

fn without_references(mut form: ComplaintForm) -> ComplaintForm {
    let clear = |party: &mut Party| {
        assert!(!party.party_ref.is_empty());
        party.party_ref.clear();
    };
    form.complainant.iter_mut().for_each(clear);
    form.representatives.iter_mut().for_each(clear);
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_at_once_are_one_filing() {
    let service = Service::start(&[]).await;
    let request: FileComplaintRequest = forms::filing("r", forms::full());
    let (one, other, third) = tokio::join!(
        service.file("consumer/-/c-1", request.clone()),
        service.file("consumer/-/c-1", request.clone()),
        service.file("consumer/-/c-1", request)
    );
    let one = one.unwrap();
    assert_eq!((&one, &one), (&other.unwrap(), &third.unwrap()));
    assert_eq!(
        (
            service.count("intake.complaints").await,
            service.count("intake.parties").await
        ),
        (1, 1)
    );
    service.stop().await;
}
