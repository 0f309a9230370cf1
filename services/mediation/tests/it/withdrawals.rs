//! A withdrawal that intake passes on by notice, met in every state. On a stepped clock.

use case::EventKind;
use proto::v1::{CaseStateKind, DeclineReason, RefusalGround};
use uuid::Uuid;

use crate::mediating::{agreed, mediated};
use crate::support::people::{CONSUMER, COUNTY, ENTERPRISE};
use crate::support::samples::{filing, refund, to_hold};
use crate::support::{Stage, ask, give};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_of_the_state_answers_a_withdrawal() {
    let stage = Stage::stepped().await;
    let withdrawn = Some(EventKind::ComplaintWithdrawn);
    let ended = Some(EventKind::MediationEnded);
    let refused = Some(EventKind::WithdrawalRefused);
    let held = stage.filed(filing()).await;
    stage.routed(held, to_hold()).await;
    let rows = [
        (
            "filed: routing's",
            stage.filed(filing()).await,
            CaseStateKind::Filed,
            None,
        ),
        ("held: routing's", held, CaseStateKind::HeldForRouting, None),
        (
            "in negotiation",
            stage.negotiating().await,
            CaseStateKind::Closed,
            withdrawn,
        ),
        (
            "failed",
            failed(&stage).await,
            CaseStateKind::Closed,
            withdrawn,
        ),
        (
            "escalated: routing's",
            escalated(&stage).await,
            CaseStateKind::Escalated,
            None,
        ),
        (
            "at the authority",
            stage.at_county().await,
            CaseStateKind::Closed,
            withdrawn,
        ),
        (
            "in mediation",
            mediated(&stage).await,
            CaseStateKind::Closed,
            ended,
        ),
        (
            "terms agreed",
            agreed(&stage).await,
            CaseStateKind::Closed,
            ended,
        ),
        (
            "settled",
            settled(&stage).await,
            CaseStateKind::Settled,
            refused,
        ),
        ("closed", closed(&stage).await, CaseStateKind::Closed, None),
    ];
    for (name, case, state, answer) in rows {
        let before = stage.case_at(case, 0).await;
        stage.withdrawal_asked(case).await;
        let answered = before.version + u64::from(answer.is_some());
        stage.case_at(case, answered).await;
        let (read, history) = stage.verified(case).await;
        assert_eq!((read.version, read.state()), (answered, state), "{name}");
        assert_ne!(read.etag, before.etag, "{name}");
        let waits = answer.is_none() && state != CaseStateKind::Closed;
        assert_eq!(read.pending_withdrawals.len(), usize::from(waits), "{name}");
        if let Some(kind) = answer {
            let decided = history
                .events
                .iter()
                .filter(|event| event.sequence == answered);
            let kinds: Vec<EventKind> = decided.map(|event| event.event.event_kind()).collect();
            assert!(kinds.contains(&kind), "{name}: {kinds:?}");
        }
    }
    stage.close().await;
}

async fn failed(stage: &Stage) -> Uuid {
    let case = stage.negotiating().await;
    let reason = DeclineReason::Other.into();
    let decline = ask!(
        case,
        DeclineNegotiationRequest {
            reason: reason,
            text: "no".to_owned()
        }
    );
    give!(stage, ENTERPRISE, decline_negotiation, decline).unwrap();
    case
}

async fn escalated(stage: &Stage) -> Uuid {
    let case = failed(stage).await;
    give!(stage, CONSUMER, escalate, ask!(case, EscalateRequest)).unwrap();
    case
}

async fn settled(stage: &Stage) -> Uuid {
    let case = stage.negotiating().await;
    let offer = ask!(
        case,
        ProposeSettlementRequest {
            terms: Some(refund())
        }
    );
    let offered = give!(stage, ENTERPRISE, propose_settlement, offer).unwrap();
    let accept = ask!(
        case,
        AcceptProposalRequest {
            proposal_id: offered.proposal_id
        }
    );
    give!(stage, CONSUMER, accept_proposal, accept).unwrap();
    case
}

async fn closed(stage: &Stage) -> Uuid {
    let case = stage.at_county().await;
    let ground = RefusalGround::AlreadyHandled.into();
    let refuse = ask!(
        case,
        RefuseComplaintRequest {
            ground: ground,
            text: "decided before".to_owned()
        }
    );
    give!(stage, COUNTY, refuse_complaint, refuse).unwrap();
    case
}
