//! Texts at and beyond their limits.

use proto::mediation::v1::OfferedTerms;
use proto::v1::ReturnReason;
use uuid::Uuid;

use super::{NOTHING, sent};
use crate::support::people::{CONSUMER, COUNTY, ENTERPRISE};
use crate::support::samples::refund;
use crate::support::{Stage, ask};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_have_1_to_4000_characters() {
    let stage = Stage::stepped().await;
    let case = Uuid::now_v7();
    let rows = [
        ("字".repeat(4000), true),
        ("字".repeat(4001), false),
        ("x".repeat(10_000), false),
        ("a\0b".to_owned(), false),
        ("x".to_owned(), true),
    ];
    for (text, fits) in rows {
        let expected: Vec<&str> = if fits { Vec::new() } else { vec!["text"] };
        let name = text.chars().count();
        let answer = ask!(case, AnswerNegotiationRequest { text: text.clone() });
        assert_eq!(
            sent!(stage, ENTERPRISE, answer_negotiation, answer),
            expected,
            "{name}"
        );
        let decline = ask!(
            case,
            DeclineNegotiationRequest {
                reason: 1,
                text: text.clone()
            }
        );
        assert_eq!(
            sent!(stage, ENTERPRISE, decline_negotiation, decline),
            expected,
            "{name}"
        );
        let proposal_id = case.to_string();
        let reject = ask!(
            case,
            RejectProposalRequest {
                proposal_id: proposal_id,
                text: text.clone()
            }
        );
        assert_eq!(
            sent!(stage, CONSUMER, reject_proposal, reject),
            expected,
            "{name}"
        );
        let refuse = ask!(
            case,
            RefuseComplaintRequest {
                ground: 1,
                text: text.clone()
            }
        );
        assert_eq!(
            sent!(stage, COUNTY, refuse_complaint, refuse),
            expected,
            "{name}"
        );
        let back = ask!(
            case,
            ReturnCaseRequest {
                reason: 1,
                text: text.clone()
            }
        );
        assert_eq!(sent!(stage, COUNTY, return_case, back), expected, "{name}");
        let end = ask!(
            case,
            EndMediationRequest {
                ground: 2,
                text: text.clone()
            }
        );
        assert_eq!(sent!(stage, COUNTY, end_mediation, end), expected, "{name}");
        let record = ask!(case, RecordMediationRequest { text: text.clone() });
        assert_eq!(
            sent!(stage, COUNTY, record_mediation, record),
            expected,
            "{name}"
        );
        let breach = ask!(case, ReportBreachRequest { text: text.clone() });
        assert_eq!(
            sent!(stage, CONSUMER, report_breach, breach),
            expected,
            "{name}"
        );
        let offer = ask!(
            case,
            ProposeSettlementRequest {
                terms: Some(OfferedTerms {
                    text: text.clone(),
                    ..refund()
                })
            }
        );
        let expected: Vec<&str> = if fits { Vec::new() } else { vec!["terms.text"] };
        assert_eq!(
            sent!(stage, CONSUMER, propose_settlement, offer),
            expected,
            "{name}"
        );
    }
    // Texts that may be left out, and one that may not.
    let none = String::new;
    assert_eq!(
        sent!(
            stage,
            ENTERPRISE,
            answer_negotiation,
            ask!(case, AnswerNegotiationRequest { text: none() })
        ),
        ["text"]
    );
    assert_eq!(
        sent!(
            stage,
            CONSUMER,
            report_breach,
            ask!(case, ReportBreachRequest)
        ),
        NOTHING
    );
    assert_eq!(
        sent!(
            stage,
            COUNTY,
            return_case,
            ask!(case, ReturnCaseRequest { reason: 1 })
        ),
        NOTHING
    );
    let other = ReturnReason::Other.into();
    assert_eq!(
        sent!(
            stage,
            COUNTY,
            return_case,
            ask!(case, ReturnCaseRequest { reason: other })
        ),
        ["text"]
    );
    stage.close().await;
}
