//! Bad input to the registry.

use proto::routing::v1::{
    AdmitEnterpriseRequest, GetEnterpriseRequest, RegisterEnterpriseRequest,
    RemoveEnterpriseRequest, SuspendEnterpriseRequest,
};

use super::{fields, long};
use crate::support::samples::{application, uscc};
use crate::support::{FEDERAL, OPERATOR, Town, by, fresh};

#[tokio::test(flavor = "multi_thread")]
async fn an_application_answers_for_each_field() {
    let town = Town::start().await;
    type Spoil = Box<dyn Fn(&mut RegisterEnterpriseRequest)>;
    let text = |value: &str, set: fn(&mut RegisterEnterpriseRequest, String)| -> Spoil {
        let value = value.to_owned();
        Box::new(move |request| set(request, value.clone()))
    };
    let wrong_check = format!("{}0", &uscc(1)[..17]);
    let wrong_check = if wrong_check == uscc(1) {
        format!("{}1", &uscc(1)[..17])
    } else {
        wrong_check
    };
    let rows: Vec<(&str, Spoil)> = vec![
        ("request_id", text("", |r, v| r.request_id = v)),
        ("request_id", text(&long(65), |r, v| r.request_id = v)),
        ("request_id", text("a b", |r, v| r.request_id = v)),
        ("uscc", text("", |r, v| r.uscc = v)),
        ("uscc", text(&wrong_check, |r, v| r.uscc = v)),
        ("uscc", text(&long(10_000), |r, v| r.uscc = v)),
        ("name", text("", |r, v| r.name = v)),
        ("name", text("   ", |r, v| r.name = v)),
        ("name", text("a\0b", |r, v| r.name = v)),
        ("name", text("a\nb", |r, v| r.name = v)),
        ("name", text(&long(10_000), |r, v| r.name = v)),
        ("region", text("", |r, v| r.region = v)),
        ("region", text("ZZ", |r, v| r.region = v)),
        ("region", text("A L", |r, v| r.region = v)),
        ("region", text(&long(13), |r, v| r.region = v)),
        ("industry", text("", |r, v| r.industry = v)),
        ("industry", text("零售", |r, v| r.industry = v)),
        ("industry", text(&long(65), |r, v| r.industry = v)),
        ("delegate_uscc", text("1", |r, v| r.delegate_uscc = v)),
        (
            "delegate_uscc",
            text(&wrong_check, |r, v| r.delegate_uscc = v),
        ),
        ("delegate_uscc", text(&uscc(1), |r, v| r.delegate_uscc = v)),
    ];
    for (field, spoil) in rows {
        let mut request = application(1);
        spoil(&mut request);
        let shown = format!(
            "{field}: {:?}",
            (
                request.uscc.len(),
                request.name.len(),
                &request.region,
                request.industry.len()
            )
        );
        assert_eq!(
            fields(
                town.client()
                    .register_enterprise(by(OPERATOR, request))
                    .await
            ),
            [field],
            "{shown}"
        );
    }
    let everything = fields(
        town.client()
            .register_enterprise(by(OPERATOR, RegisterEnterpriseRequest::default()))
            .await,
    );
    assert_eq!(
        everything,
        ["request_id", "uscc", "name", "region", "industry"]
    );
    let longest = RegisterEnterpriseRequest {
        name: "字".repeat(200),
        industry: long(64),
        ..application(1)
    };
    town.client()
        .register_enterprise(by(OPERATOR, longest))
        .await
        .unwrap();
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_on_enterprises_answer_for_each_field() {
    let town = Town::start().await;
    let client = || town.client();
    let (id, code, etag, reason) = (fresh(), uscc(1), "1".to_owned(), "why".to_owned());
    let good = SuspendEnterpriseRequest {
        request_id: id.clone(),
        uscc: code.clone(),
        etag: etag.clone(),
        reason: reason.clone(),
    };
    let rows = [
        (
            SuspendEnterpriseRequest {
                request_id: String::new(),
                ..good.clone()
            },
            "request_id",
        ),
        (
            SuspendEnterpriseRequest {
                uscc: "9".repeat(18),
                ..good.clone()
            },
            "uscc",
        ),
        (
            SuspendEnterpriseRequest {
                etag: "x".to_owned(),
                ..good.clone()
            },
            "etag",
        ),
        (
            SuspendEnterpriseRequest {
                etag: "1".repeat(65),
                ..good.clone()
            },
            "etag",
        ),
        (
            SuspendEnterpriseRequest {
                reason: String::new(),
                ..good.clone()
            },
            "reason",
        ),
        (
            SuspendEnterpriseRequest {
                reason: "字".repeat(4001),
                ..good.clone()
            },
            "reason",
        ),
        (
            SuspendEnterpriseRequest {
                reason: "a\0b".to_owned(),
                ..good
            },
            "reason",
        ),
    ];
    for (request, field) in rows {
        let (request_id, uscc, etag, reason) = (
            request.request_id.clone(),
            request.uscc.clone(),
            request.etag.clone(),
            request.reason.clone(),
        );
        let remove = RemoveEnterpriseRequest {
            request_id: request_id.clone(),
            uscc: uscc.clone(),
            etag: etag.clone(),
            reason,
        };
        assert_eq!(
            fields(client().suspend_enterprise(by(FEDERAL, request)).await),
            [field]
        );
        assert_eq!(
            fields(client().remove_enterprise(by(FEDERAL, remove)).await),
            [field]
        );
        if field != "reason" {
            let admit = AdmitEnterpriseRequest {
                request_id,
                uscc,
                etag,
            };
            assert_eq!(
                fields(client().admit_enterprise(by(FEDERAL, admit)).await),
                [field]
            );
        }
    }
    assert_eq!(
        fields(
            client()
                .get_enterprise(by(
                    FEDERAL,
                    GetEnterpriseRequest {
                        uscc: "x".to_owned()
                    }
                ))
                .await
        ),
        ["uscc"]
    );
    town.close().await;
}
