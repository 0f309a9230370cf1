//! The fields of each command, at and beyond their limits. The case does not exist: what passes the checks is NOT_FOUND.

use chassis::violations;
use prost_types::Timestamp;
use proto::mediation::v1::*;
use proto::v1::{Payer, Performed, Relief, ReliefKind, ReturnReason};
use tonic::{Code, Response, Status};
use uuid::Uuid;

use crate::support::asking::by;
use crate::support::people::{CONSUMER, COUNTY, ENTERPRISE};
use crate::support::samples::refund;
use crate::support::{Stage, ask};

/// Sends a request; gives the violated fields, or nothing when only the case was not found.
macro_rules! sent {
    ($stage:expr, $who:expr, $method:ident, $request:expr) => {
        fields($stage.client().$method(by($who, $request)).await)
    };
}

fn fields<A: std::fmt::Debug>(answer: Result<Response<A>, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    if status.code() == Code::NotFound {
        return Vec::new();
    }
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    violations::of(&status)
        .into_iter()
        .map(|(field, _)| field)
        .collect()
}

const NOTHING: [&str; 0] = [];

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_lists_take_their_values_only() {
    let stage = Stage::stepped().await;
    let case = Uuid::now_v7();
    let text = || "because".to_owned();
    for number in [0, -1, 99, i32::MAX] {
        let decline = ask!(
            case,
            DeclineNegotiationRequest {
                reason: number,
                text: text()
            }
        );
        assert_eq!(
            sent!(stage, ENTERPRISE, decline_negotiation, decline),
            ["reason"],
            "{number}"
        );
        let refuse = ask!(
            case,
            RefuseComplaintRequest {
                ground: number,
                text: text()
            }
        );
        assert_eq!(
            sent!(stage, COUNTY, refuse_complaint, refuse),
            ["ground"],
            "{number}"
        );
        let back = ask!(
            case,
            ReturnCaseRequest {
                reason: number,
                text: text()
            }
        );
        assert_eq!(
            sent!(stage, COUNTY, return_case, back),
            ["reason"],
            "{number}"
        );
        let end = ask!(
            case,
            EndMediationRequest {
                ground: number,
                text: text()
            }
        );
        assert_eq!(
            sent!(stage, COUNTY, end_mediation, end),
            ["ground"],
            "{number}"
        );
        let confirm = ask!(case, ConfirmPerformanceRequest { performed: number });
        assert_eq!(
            sent!(stage, CONSUMER, confirm_performance, confirm),
            ["performed"],
            "{number}"
        );
    }
    for performed in [Performed::No, Performed::Unknown, Performed::NotApplicable] {
        let confirm = ask!(
            case,
            ConfirmPerformanceRequest {
                performed: performed.into()
            }
        );
        assert_eq!(
            sent!(stage, CONSUMER, confirm_performance, confirm),
            ["performed"],
            "{performed:?}"
        );
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_ids_and_hashes_have_their_ranges() {
    let stage = Stage::stepped().await;
    let case = Uuid::now_v7();
    for (stars, fits) in [
        (0, false),
        (1, true),
        (5, true),
        (6, false),
        (261, false),
        (u32::MAX, false),
    ] {
        let rate = ask!(case, RateHandlingRequest { stars: stars });
        assert_eq!(
            sent!(stage, CONSUMER, rate_handling, rate).is_empty(),
            fits,
            "{stars}"
        );
    }
    for (recovered_fen, fits) in [(-1, false), (i64::MIN, false), (0, true), (i64::MAX, true)] {
        let performed = Performed::Yes.into();
        let confirm = ask!(
            case,
            ConfirmPerformanceRequest {
                performed: performed,
                recovered_fen: recovered_fen
            }
        );
        let named = sent!(stage, CONSUMER, confirm_performance, confirm);
        assert_eq!(named.is_empty(), fits, "{recovered_fen}: {named:?}");
    }
    for (length, fits) in [(0, false), (31, false), (32, true), (33, false)] {
        let document = vec![7; length];
        let sign = ask!(
            case,
            SignAgreementRequest {
                document: document.clone()
            }
        );
        assert_eq!(
            sent!(stage, CONSUMER, sign_agreement, sign).is_empty(),
            fits,
            "{length}"
        );
        let seal = ask!(case, SealAgreementRequest { document: document });
        assert_eq!(
            sent!(stage, COUNTY, seal_agreement, seal).is_empty(),
            fits,
            "{length}"
        );
    }
    for (id, fits) in [
        ("", false),
        ("x", false),
        ("00000000-0000-0000-0000-000000000000", false),
    ] {
        let accept = ask!(
            case,
            AcceptProposalRequest {
                proposal_id: id.to_owned()
            }
        );
        assert_eq!(
            sent!(stage, CONSUMER, accept_proposal, accept).is_empty(),
            fits,
            "{id}"
        );
        let reject = ask!(
            case,
            RejectProposalRequest {
                proposal_id: id.to_owned()
            }
        );
        assert_eq!(
            sent!(stage, CONSUMER, reject_proposal, reject).is_empty(),
            fits,
            "{id}"
        );
        let declare = ask!(
            case,
            DeclarePerformanceRequest {
                evidence_id: id.to_owned()
            }
        );
        let left_out = id.is_empty();
        assert_eq!(
            sent!(stage, ENTERPRISE, declare_performance, declare).is_empty(),
            left_out,
            "{id}"
        );
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instants_lie_between_1990_and_9999() {
    let stage = Stage::stepped().await;
    let case = Uuid::now_v7();
    let at = |seconds: i64, nanos: i32| Some(Timestamp { seconds, nanos });
    let rows = [
        (None, false),
        (at(631_151_999, 0), false),
        (at(631_152_000, 0), true),
        (at(1_772_500_000, 999_999_999), true),
        (at(1_772_500_000, 1_000_000_000), false),
        (at(1_772_500_000, -1), false),
        (at(253_402_300_799, 0), true),
        (at(253_402_300_800, 0), false),
        (at(i64::MAX, 0), false),
        (at(i64::MIN, 0), false),
    ];
    for (at, fits) in rows {
        let text = || "x".to_owned();
        let report = ask!(
            case,
            ReportHandlingRequest {
                handled_at: at,
                course: text(),
                method: text(),
                result: text()
            }
        );
        let expected: Vec<&str> = if fits { Vec::new() } else { vec!["handled_at"] };
        assert_eq!(
            sent!(stage, ENTERPRISE, report_handling, report),
            expected,
            "{at:?}"
        );
        let session = ask!(
            case,
            ScheduleSessionRequest {
                at: at,
                place: text()
            }
        );
        let expected: Vec<&str> = if fits { Vec::new() } else { vec!["at"] };
        assert_eq!(
            sent!(stage, COUNTY, schedule_session, session),
            expected,
            "{at:?}"
        );
        let offer = ask!(
            case,
            ProposeSettlementRequest {
                terms: Some(refund()),
                valid_until: at
            }
        );
        let expected: Vec<&str> = if fits || at.is_none() {
            Vec::new()
        } else {
            vec!["valid_until"]
        };
        assert_eq!(
            sent!(stage, CONSUMER, propose_settlement, offer),
            expected,
            "{at:?}"
        );
    }
    let later = ask!(
        case,
        ScheduleSessionRequest {
            at: at(1_772_500_000, 0),
            place: "x".to_owned(),
            recusal_days: 61
        }
    );
    assert_eq!(
        sent!(stage, COUNTY, schedule_session, later),
        ["recusal_days"]
    );
    let report = ask!(case, ReportHandlingRequest);
    let all = ["handled_at", "course", "method", "result"];
    assert_eq!(
        sent!(stage, ENTERPRISE, report_handling, report),
        all,
        "all at once"
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terms_are_checked_field_by_field() {
    let stage = Stage::stepped().await;
    let case = Uuid::now_v7();
    let relief = |kind: ReliefKind, amount_fen: i64| Relief {
        kind: kind.into(),
        amount_fen,
    };
    let with = |reliefs: Vec<Relief>| {
        Some(OfferedTerms {
            reliefs,
            ..refund()
        })
    };
    let by_day = |day: &str| {
        Some(OfferedTerms {
            perform_by: day.to_owned(),
            ..refund()
        })
    };
    let refunds = |count: usize| with(vec![relief(ReliefKind::Refund, 1); count]);
    let rows: Vec<(Option<OfferedTerms>, &[&str])> = vec![
        (None, &["terms"]),
        (refunds(0), &["terms.reliefs"]),
        (refunds(8), &[]),
        (refunds(9), &["terms.reliefs"]),
        (
            with(vec![relief(ReliefKind::Unspecified, 0)]),
            &["terms.reliefs[0].kind"],
        ),
        (
            with(vec![
                relief(ReliefKind::Refund, 1),
                Relief {
                    kind: 99,
                    amount_fen: -1,
                },
            ]),
            &["terms.reliefs[1].kind", "terms.reliefs[1].amount_fen"],
        ),
        (
            with(vec![relief(ReliefKind::Refund, -1)]),
            &["terms.reliefs[0].amount_fen"],
        ),
        (
            with(vec![
                relief(ReliefKind::Refund, 0),
                relief(ReliefKind::Apology, 1),
            ]),
            &["terms.reliefs[1].amount_fen"],
        ),
        (with(vec![relief(ReliefKind::Apology, 0)]), &[]),
        (
            Some(OfferedTerms {
                payer: 99,
                ..refund()
            }),
            &["terms.payer"],
        ),
        (
            Some(OfferedTerms {
                payer: Payer::Platform.into(),
                ..refund()
            }),
            &[],
        ),
        (by_day("2026-03-10"), &[]),
        (by_day("1989-12-31"), &["terms.perform_by"]),
        (by_day("2026-02-30"), &["terms.perform_by"]),
        (by_day("2026-3-1"), &["terms.perform_by"]),
        (by_day("tomorrow"), &["terms.perform_by"]),
    ];
    for (terms, expected) in rows {
        let shown = format!("{:?}", terms.as_ref().map(|terms| &terms.reliefs));
        let offer = ask!(case, ProposeSettlementRequest { terms: terms });
        assert_eq!(
            sent!(stage, CONSUMER, propose_settlement, offer),
            expected,
            "{shown}"
        );
    }
    stage.close().await;
}
