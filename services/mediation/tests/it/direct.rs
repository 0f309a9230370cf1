//! The direct way: negotiation, offers, settlement, performance, rating. On real time.

use chassis::clock;
use docket::text::salted_hash;
use proto::mediation::v1::GetTextRequest;
use proto::v1::{CaseStateKind, OutcomeKind, Performed};
use proto::wire;
use tonic::Code;
use uuid::Uuid;

use crate::support::asking::by;
use crate::support::people::{
    CONSUMER, ENTERPRISE, OTHER_ENTERPRISE, REPRESENTATIVE, RESPONDENT, STRANGER,
};
use crate::support::samples::refund;
use crate::support::{Stage, ask, give, precondition, reason};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_settled_directly_is_performed_and_rated() {
    let stage = Stage::start(&[]).await;
    let case = stage.negotiating().await;

    let seen = give!(
        stage,
        ENTERPRISE,
        acknowledge_negotiation,
        ask!(case, AcknowledgeNegotiationRequest)
    );
    let seen = seen.unwrap();
    assert_eq!(
        (seen.version, seen.state()),
        (3, CaseStateKind::InNegotiation)
    );
    let again = ask!(case, AcknowledgeNegotiationRequest);
    let refused = give!(stage, ENTERPRISE, acknowledge_negotiation, again);
    assert_eq!(reason(refused), precondition("ALREADY_ACKNOWLEDGED"));

    let answer = ask!(
        case,
        AnswerNegotiationRequest {
            text: "we look into it".to_owned(),
            machine: true
        }
    );
    let answered = give!(stage, ENTERPRISE, answer_negotiation, answer).unwrap();
    assert_eq!(answered.version, 4);

    let first = propose(&stage, case, ENTERPRISE).await;
    let reject = ask!(
        case,
        RejectProposalRequest {
            proposal_id: first,
            text: "too little".to_owned()
        }
    );
    give!(stage, CONSUMER, reject_proposal, reject).unwrap();
    let own = propose(&stage, case, CONSUMER).await;
    let accept_own = ask!(case, AcceptProposalRequest { proposal_id: own });
    let refused = give!(stage, CONSUMER, accept_proposal, accept_own);
    assert_eq!(reason(refused), precondition("OWN_PROPOSAL"));
    let second = propose(&stage, case, ENTERPRISE).await;
    let accept = ask!(
        case,
        AcceptProposalRequest {
            proposal_id: second
        }
    );
    let settled = give!(stage, CONSUMER, accept_proposal, accept).unwrap();
    assert_eq!(settled.state(), CaseStateKind::Settled);

    let declare = ask!(
        case,
        DeclarePerformanceRequest {
            evidence_id: Uuid::now_v7().to_string()
        }
    );
    give!(stage, ENTERPRISE, declare_performance, declare).unwrap();
    let too_much = ask!(
        case,
        ConfirmPerformanceRequest {
            performed: Performed::Yes.into(),
            recovered_fen: 10_001
        }
    );
    let refused = give!(stage, CONSUMER, confirm_performance, too_much);
    assert_eq!(reason(refused), precondition("AMOUNT_NOT_POSSIBLE"));
    let confirm = ask!(
        case,
        ConfirmPerformanceRequest {
            performed: Performed::Yes.into(),
            recovered_fen: 10_000
        }
    );
    let closed = give!(stage, REPRESENTATIVE, confirm_performance, confirm).unwrap();
    assert_eq!(closed.state(), CaseStateKind::Closed);

    let report = ask!(
        case,
        ReportHandlingRequest {
            handled_at: Some(wire::timestamp(clock::wall())),
            course: "called".to_owned(),
            method: "refund".to_owned(),
            result: "paid".to_owned(),
        }
    );
    let reported = give!(stage, ENTERPRISE, report_handling, report).unwrap();
    assert_eq!(
        reported.version, closed.version,
        "a handling report is a notice"
    );
    assert_ne!(reported.etag, closed.etag);
    let rate = ask!(case, RateHandlingRequest { stars: 5 });
    give!(stage, CONSUMER, rate_handling, rate).unwrap();
    let again = give!(
        stage,
        CONSUMER,
        rate_handling,
        ask!(case, RateHandlingRequest { stars: 1 })
    );
    assert_eq!(reason(again), precondition("ALREADY_RATED"));

    let (read, history) = stage.verified(case).await;
    assert_eq!(
        history.kinds(),
        [
            "ComplaintFiled",
            "RoutedToEnterprise",
            "NegotiationAcknowledged",
            "NegotiationAnswered",
            "SettlementProposed",
            "ProposalRejected",
            "SettlementProposed",
            "SettlementProposed",
            "SettlementReached",
            "PerformanceDeclared",
            "AgreementPerformed",
            "HandlingReported",
            "HandlingRated",
        ]
    );
    let Some(proto::v1::case::Detail::Closed(closed)) = &read.detail else {
        panic!("the case is closed");
    };
    assert_eq!(closed.outcome.unwrap().kind(), OutcomeKind::SettledDirectly);
    assert_eq!(closed.performed(), Performed::Yes);
    assert_eq!(read.recovered_fen, 10_000);
    assert_eq!(read.rating.unwrap().stars, 5);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_read_the_case_can_verify_its_texts() {
    let stage = Stage::start(&[]).await;
    let case = stage.negotiating().await;
    let words = "we have looked into it";
    let answer = ask!(
        case,
        AnswerNegotiationRequest {
            text: words.to_owned()
        }
    );
    give!(stage, ENTERPRISE, answer_negotiation, answer).unwrap();
    let history = stage.history(case).await;
    let case::Event::NegotiationAnswered { text, .. } = history.events[2].event else {
        panic!("the third event is the answer");
    };
    let get = |text_id: Uuid| GetTextRequest {
        text_id: text_id.to_string(),
    };
    for who in [CONSUMER, REPRESENTATIVE, ENTERPRISE, RESPONDENT] {
        let kept = stage
            .client()
            .get_text(by(who, get(text.id)))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (kept.text.as_str(), kept.case_id),
            (words, case.to_string()),
            "{who}"
        );
        assert_eq!(kept.hash, text.hash, "{who}");
        assert_eq!(salted_hash(&kept.salt, &kept.text), text.hash, "{who}");
    }
    for who in [STRANGER, OTHER_ENTERPRISE] {
        let refused = stage
            .client()
            .get_text(by(who, get(text.id)))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{who}");
    }
    let unknown = stage
        .client()
        .get_text(by(CONSUMER, get(Uuid::now_v7())))
        .await;
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);

    // A refused command leaves no text behind.
    let texts =
        || sqlx::query_scalar::<_, i64>("select count(*) from docket.texts").fetch_one(&stage.pool);
    let before = texts().await.unwrap();
    let late = ask!(
        case,
        AnswerNegotiationRequest {
            text: "who am I".to_owned()
        }
    );
    let refused = give!(stage, OTHER_ENTERPRISE, answer_negotiation, late);
    assert_eq!(reason(refused).0, Code::PermissionDenied);
    assert_eq!(texts().await.unwrap(), before);
    stage.close().await;
}

/// Offers a refund; gives the proposal's id.
async fn propose(stage: &Stage, case: Uuid, who: &str) -> String {
    let offer = ask!(
        case,
        ProposeSettlementRequest {
            terms: Some(refund())
        }
    );
    let offered = give!(stage, who, propose_settlement, offer).unwrap();
    let open = stage.case_at(case, 0).await.offers;
    let offer = open
        .iter()
        .find(|offer| offer.proposal_id == offered.proposal_id);
    let perform_by = &offer
        .expect("the offer is open")
        .terms
        .as_ref()
        .unwrap()
        .perform_by;
    let week = law::Law::default().policy.performance;
    assert_eq!(week, law::Period::CalendarDays(7));
    assert!(
        wire::day(perform_by).unwrap() >= law::day::day_of(clock::wall()) + chrono::Days::new(7)
    );
    offered.proposal_id
}
