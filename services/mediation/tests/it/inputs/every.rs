//! The fields all commands have, on every one of them.

use std::future::Future;
use std::pin::Pin;

use chassis::violations;
use proto::mediation::v1::*;
use tonic::{Code, Response, Status};
use uuid::Uuid;

use crate::support::Stage;
use crate::support::asking::{Client, by, fresh};
use crate::support::people::{CONSUMER, COUNTY, ENTERPRISE};

/// The common fields to send.
#[derive(Clone, Default)]
pub(super) struct Common {
    pub(super) request_id: String,
    pub(super) case_id: String,
    pub(super) etag: String,
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<(), Status>> + Send + 'a>>;
type Call = fn(Client, &str, Common) -> Answer<'_>;

macro_rules! every {
    ($($method:ident $request:ident $who:ident)+) => {
        &[$((stringify!($method), $who, |mut client: Client, who: &str, common: Common| {
            let request = $request {
                request_id: common.request_id,
                case_id: common.case_id,
                etag: common.etag,
                ..Default::default()
            };
            let request = by(who, request);
            Box::pin(async move { client.$method(request).await.map(Response::into_inner).map(drop) })
        })),+]
    };
}

/// Every command with nothing in it, and who may give it.
const EVERY: &[(&str, &str, Call)] = every! {
    acknowledge_negotiation AcknowledgeNegotiationRequest ENTERPRISE
    answer_negotiation AnswerNegotiationRequest ENTERPRISE
    propose_settlement ProposeSettlementRequest CONSUMER
    accept_proposal AcceptProposalRequest CONSUMER
    reject_proposal RejectProposalRequest CONSUMER
    report_handling ReportHandlingRequest ENTERPRISE
    decline_negotiation DeclineNegotiationRequest ENTERPRISE
    end_negotiation EndNegotiationRequest CONSUMER
    escalate EscalateRequest CONSUMER
    accept_complaint AcceptComplaintRequest COUNTY
    refuse_complaint RefuseComplaintRequest COUNTY
    return_case ReturnCaseRequest COUNTY
    schedule_session ScheduleSessionRequest COUNTY
    end_mediation EndMediationRequest COUNTY
    record_self_settlement RecordSelfSettlementRequest COUNTY
    sign_agreement SignAgreementRequest CONSUMER
    seal_agreement SealAgreementRequest COUNTY
    waive_agreement WaiveAgreementRequest CONSUMER
    record_mediation RecordMediationRequest COUNTY
    declare_performance DeclarePerformanceRequest ENTERPRISE
    confirm_performance ConfirmPerformanceRequest CONSUMER
    report_breach ReportBreachRequest CONSUMER
    rate_handling RateHandlingRequest CONSUMER
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_checks_the_fields_all_of_them_have() {
    let stage = Stage::stepped().await;
    let good = || Common {
        request_id: fresh(),
        case_id: Uuid::now_v7().to_string(),
        etag: String::new(),
    };
    let long = "x".repeat(65);
    let rows: &[(&str, Common)] = &[
        (
            "request_id",
            Common {
                request_id: String::new(),
                ..good()
            },
        ),
        (
            "request_id",
            Common {
                request_id: long,
                ..good()
            },
        ),
        (
            "request_id",
            Common {
                request_id: "two words".to_owned(),
                ..good()
            },
        ),
        (
            "request_id",
            Common {
                request_id: "号".to_owned(),
                ..good()
            },
        ),
        (
            "case_id",
            Common {
                case_id: String::new(),
                ..good()
            },
        ),
        (
            "case_id",
            Common {
                case_id: "7".to_owned(),
                ..good()
            },
        ),
        (
            "case_id",
            Common {
                case_id: Uuid::nil().to_string(),
                ..good()
            },
        ),
        (
            "case_id",
            Common {
                case_id: Uuid::now_v7().simple().to_string(),
                ..good()
            },
        ),
        (
            "etag",
            Common {
                etag: "x".to_owned(),
                ..good()
            },
        ),
        (
            "etag",
            Common {
                etag: "1".repeat(49),
                ..good()
            },
        ),
    ];
    assert_eq!(EVERY.len(), 23);
    for (method, who, call) in EVERY {
        for (field, common) in rows {
            let status = call(stage.client(), who, common.clone()).await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{method} {field}");
            let named = violations::of(&status);
            assert!(
                named.iter().any(|(path, _)| path == field),
                "{method} {field}: {named:?}"
            );
            let mut paths: Vec<&String> = named.iter().map(|(path, _)| path).collect();
            paths.sort_unstable();
            paths.dedup();
            assert_eq!(paths.len(), named.len(), "{method}: one violation a field");
        }
    }
    assert_eq!(stage.events_kept().await, 0);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_without_content_is_refused_by_field_or_finds_no_case() {
    let stage = Stage::stepped().await;
    for (method, who, call) in EVERY {
        let common = Common {
            request_id: fresh(),
            case_id: Uuid::now_v7().to_string(),
            etag: String::new(),
        };
        let status = call(stage.client(), who, common).await.unwrap_err();
        let expected = [Code::InvalidArgument, Code::NotFound];
        assert!(expected.contains(&status.code()), "{method}: {status:?}");
    }
    stage.close().await;
}
