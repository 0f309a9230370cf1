//! What is well formed and still cannot be: unknown ids, wrong states, stale etags, used request ids, dates and amounts
//! that only the case can judge.

use chrono::TimeDelta;
use proto::mediation::v1::{AnswerNegotiationRequest, OfferedTerms};
use proto::v1::{Relief, ReliefKind};
use proto::wire;
use tonic::Code;
use uuid::Uuid;

use crate::support::people::{CONSUMER, COUNTY, ENTERPRISE, RESPONDENT};
use crate::support::samples::{TUESDAY, instant, refund};
use crate::support::{Stage, ask, forbidden, give, precondition, reason};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_ids_wrong_states_and_stale_etags_have_their_codes() {
    let stage = Stage::stepped().await;
    let nobody = Uuid::now_v7();
    let unknown = give!(
        stage,
        ENTERPRISE,
        acknowledge_negotiation,
        ask!(nobody, AcknowledgeNegotiationRequest)
    );
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);

    let case = stage.negotiating().await;
    let wrong_state = give!(
        stage,
        COUNTY,
        accept_complaint,
        ask!(case, AcceptComplaintRequest)
    );
    assert_eq!(reason(wrong_state), precondition("WRONG_STATE"));
    let proposal_id = Uuid::now_v7().to_string();
    let no_offer = give!(
        stage,
        CONSUMER,
        accept_proposal,
        ask!(
            case,
            AcceptProposalRequest {
                proposal_id: proposal_id
            }
        )
    );
    assert_eq!(reason(no_offer), precondition("PROPOSAL_NOT_OPEN"));
    let not_theirs = give!(
        stage,
        RESPONDENT,
        acknowledge_negotiation,
        ask!(case, AcknowledgeNegotiationRequest)
    );
    assert_eq!(reason(not_theirs), forbidden("NOT_PARTY_TO_CASE"));

    let seen = stage.case_at(case, 0).await.etag;
    let with = |etag: &str| {
        ask!(
            case,
            AnswerNegotiationRequest {
                text: "we see".to_owned(),
                etag: etag.to_owned()
            }
        )
    };
    let first = give!(stage, ENTERPRISE, answer_negotiation, with(&seen)).unwrap();
    let stale = give!(stage, ENTERPRISE, answer_negotiation, with(&seen));
    assert_eq!(
        reason(stale),
        (Code::Aborted, Some("ETAG_MISMATCH".to_owned()))
    );
    give!(stage, ENTERPRISE, answer_negotiation, with(&first.etag)).unwrap();
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_id_belongs_to_one_body_one_caller_and_one_method() {
    let stage = Stage::stepped().await;
    let case = stage.negotiating().await;
    let first = ask!(
        case,
        AnswerNegotiationRequest {
            text: "one".to_owned()
        }
    );
    give!(stage, ENTERPRISE, answer_negotiation, first.clone()).unwrap();
    let other = AnswerNegotiationRequest {
        text: "two".to_owned(),
        ..first.clone()
    };
    let reused = give!(stage, ENTERPRISE, answer_negotiation, other);
    assert_eq!(
        reason(reused),
        (Code::AlreadyExists, Some("REQUEST_ID_REUSED".to_owned()))
    );
    let colleague = "enterprise/91110000600037341L/clerk-7";
    let theirs = give!(stage, colleague, answer_negotiation, first.clone()).unwrap();
    assert_eq!(theirs.version, 4, "another caller's id is another id");
    let mut acknowledge = ask!(case, AcknowledgeNegotiationRequest);
    acknowledge.request_id = first.request_id;
    give!(stage, ENTERPRISE, acknowledge_negotiation, acknowledge).unwrap();
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dates_and_amounts_are_judged_by_the_case() {
    let stage = Stage::stepped().await;
    let case = stage.negotiating().await;
    let now = instant(TUESDAY);
    let reliefs = |amount_fen: i64| {
        vec![Relief {
            kind: ReliefKind::Refund.into(),
            amount_fen,
        }]
    };
    let by_day = |day: &str| OfferedTerms {
        perform_by: day.to_owned(),
        ..refund()
    };
    let rows = [
        (by_day("2026-03-02"), None, "DATE_NOT_POSSIBLE"),
        (by_day("2099-01-01"), None, "DATE_NOT_POSSIBLE"),
        (refund(), Some(now), "DATE_NOT_POSSIBLE"),
        (
            refund(),
            Some(now - TimeDelta::days(1)),
            "DATE_NOT_POSSIBLE",
        ),
        (
            OfferedTerms {
                reliefs: reliefs(i64::MAX),
                ..refund()
            },
            None,
            "AMOUNT_NOT_POSSIBLE",
        ),
    ];
    for (terms, valid_until, why) in rows {
        let valid_until = valid_until.map(wire::timestamp);
        let offer = ask!(
            case,
            ProposeSettlementRequest {
                terms: Some(terms),
                valid_until: valid_until
            }
        );
        let refused = give!(stage, ENTERPRISE, propose_settlement, offer);
        assert_eq!(reason(refused), precondition(why));
    }
    let text = || "x".to_owned();
    let report = |at| {
        ask!(
            case,
            ReportHandlingRequest {
                handled_at: Some(wire::timestamp(at)),
                course: text(),
                method: text(),
                result: text()
            }
        )
    };
    let ahead = give!(
        stage,
        ENTERPRISE,
        report_handling,
        report(now + TimeDelta::seconds(1))
    );
    assert_eq!(reason(ahead), precondition("DATE_NOT_POSSIBLE"));
    give!(stage, ENTERPRISE, report_handling, report(now)).unwrap();
    stage.verified(case).await;
    stage.close().await;
}
