//! Values of closed lists, numbers, ids and hashes at and beyond their limits.

use proto::v1::Performed;
use uuid::Uuid;

use super::sent;
use crate::support::people::{CONSUMER, COUNTY, ENTERPRISE};
use crate::support::{Stage, ask};

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
