//! Negotiations that fail: silence, refusal, time; the ways on from there. On a stepped clock.

use case::state::FailedWhy;
use case::{CaseState, Event, Filing};
use chrono::{DateTime, TimeDelta, Utc};
use proto::v1::{CaseStateKind, DeclineReason, Performed};
use proto::wire;
use uuid::Uuid;

use crate::support::archive::History;
use crate::support::elsewhere::due;
use crate::support::people::{CONSUMER, ENTERPRISE, ENTERPRISE_CODE};
use crate::support::samples::{TUESDAY, filing, instant, refund, to_authority, to_enterprise};
use crate::support::{Stage, ask, forbidden, give, precondition, reason};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_expires_and_a_consumer_who_does_nothing_lets_it_rest() {
    let stage = Stage::stepped().await;
    let case = stage.negotiating().await;
    let acknowledge = ask!(case, AcknowledgeNegotiationRequest);
    give!(stage, ENTERPRISE, acknowledge_negotiation, acknowledge).unwrap();
    let ends = due(&stage.case_at(case, 3).await);
    assert_eq!(
        ends,
        instant("2026-03-17T16:00:00Z"),
        "ten working days, to the end of the day"
    );

    stage.set_clock(ends - TimeDelta::seconds(1)).await;
    let last_moment = ask!(
        case,
        AcceptProposalRequest {
            proposal_id: Uuid::now_v7().to_string()
        }
    );
    let refused = give!(stage, CONSUMER, accept_proposal, last_moment);
    assert_eq!(reason(refused), precondition("PROPOSAL_NOT_OPEN"));

    stage.set_clock(ends).await;
    let failed = stage.case_at(case, 4).await;
    assert_eq!(failed.state(), CaseStateKind::NegotiationFailed);
    let window = due(&failed);
    stage.set_clock(window).await;
    assert_eq!(stage.case_at(case, 5).await.state(), CaseStateKind::Closed);
    let late = give!(stage, CONSUMER, escalate, ask!(case, EscalateRequest));
    assert_eq!(reason(late), precondition("CASE_CLOSED"));

    let (_, history) = stage.verified(case).await;
    assert_eq!(why(&history), Some(FailedWhy::EnterpriseSilent));
    assert_eq!(
        history.kinds()[3..],
        ["NegotiationExpired", "ClosedUnescalated"]
    );
    let times: Vec<DateTime<Utc>> = history
        .events
        .iter()
        .map(|event| event.meta.occurred_at)
        .collect();
    assert_eq!(
        times[3..],
        [ends, window],
        "deadlines happen when they are due"
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_at_the_due_instant_is_late_and_the_deadline_comes_first() {
    let stage = Stage::stepped().await;
    let case = stage.negotiating().await;
    stage.set_clock(due(&stage.case_at(case, 2).await)).await;
    let answer = ask!(
        case,
        AnswerNegotiationRequest {
            text: "too late".to_owned()
        }
    );
    let refused = give!(stage, ENTERPRISE, answer_negotiation, answer);
    assert_eq!(reason(refused), precondition("WRONG_STATE"));
    let (_, history) = stage.verified(case).await;
    assert_eq!(history.kinds()[2..], ["NegotiationExpired"]);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_agreed_beforehand_is_escalated_when_the_enterprise_was_silent() {
    let stage = Stage::stepped().await;
    let mut agreed: Filing = filing();
    agreed.consents.auto_escalation = Some(instant(TUESDAY));
    let case = stage.filed(agreed).await;
    stage.routed(case, to_enterprise(ENTERPRISE_CODE)).await;
    stage.set_clock(due(&stage.case_at(case, 2).await)).await;
    assert_eq!(
        stage.case_at(case, 4).await.state(),
        CaseStateKind::Escalated
    );
    stage.routed(case, to_authority("county-1")).await;
    let (read, history) = stage.verified(case).await;
    assert_eq!(read.state(), CaseStateKind::AtAuthority);
    let escalated = &history.events[3].event;
    assert_eq!(*escalated, Event::ComplaintEscalated { automatic: true });
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_negotiation_goes_on_to_the_authority() {
    let stage = Stage::stepped().await;
    for (told, meant) in [
        (DeclineReason::WrongRespondent, FailedWhy::WrongRespondent),
        (DeclineReason::ClaimDisputed, FailedWhy::Declined),
    ] {
        let case = stage.negotiating().await;
        let decline = ask!(
            case,
            DeclineNegotiationRequest {
                reason: told.into(),
                text: "not ours".to_owned()
            }
        );
        let declined = give!(stage, ENTERPRISE, decline_negotiation, decline).unwrap();
        assert_eq!(declined.state(), CaseStateKind::NegotiationFailed);
        assert_eq!(why(&stage.history(case).await), Some(meant));
        let not_theirs = give!(stage, ENTERPRISE, escalate, ask!(case, EscalateRequest));
        assert_eq!(reason(not_theirs), forbidden("ACTOR_NOT_PERMITTED"));
        let escalated = give!(stage, CONSUMER, escalate, ask!(case, EscalateRequest)).unwrap();
        assert_eq!(escalated.state(), CaseStateKind::Escalated);
        stage.routed(case, to_authority("county-1")).await;
        let (read, _) = stage.verified(case).await;
        assert_eq!(
            (read.state(), read.odr_failed),
            (CaseStateKind::AtAuthority, true)
        );
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_outlives_the_negotiation_until_its_own_time_has_passed() {
    let stage = Stage::stepped().await;
    let start = instant(TUESDAY);
    let (left, kept) = (stage.negotiating().await, stage.negotiating().await);
    let mut offers = Vec::new();
    for case in [left, kept] {
        let valid_until = Some(wire::timestamp(start + TimeDelta::days(3)));
        let offer = ask!(
            case,
            ProposeSettlementRequest {
                terms: Some(refund()),
                valid_until: valid_until
            }
        );
        offers.push(
            give!(stage, ENTERPRISE, propose_settlement, offer)
                .unwrap()
                .proposal_id,
        );
        let ended = give!(
            stage,
            CONSUMER,
            end_negotiation,
            ask!(case, EndNegotiationRequest)
        );
        assert_eq!(ended.unwrap().state(), CaseStateKind::NegotiationFailed);
    }
    assert_eq!(
        why(&stage.history(left).await),
        Some(FailedWhy::ConsumerUnsatisfied)
    );
    let accept = |case: Uuid, offer: &String| {
        ask!(
            case,
            AcceptProposalRequest {
                proposal_id: offer.clone()
            }
        )
    };
    let settled = give!(stage, CONSUMER, accept_proposal, accept(kept, &offers[1])).unwrap();
    assert_eq!(settled.state(), CaseStateKind::Settled);

    stage.set_clock(start + TimeDelta::days(3)).await;
    let late = give!(stage, CONSUMER, accept_proposal, accept(left, &offers[0]));
    assert_eq!(reason(late), precondition("PROPOSAL_NOT_OPEN"));
    let (read, history) = stage.verified(left).await;
    assert!(read.offers.is_empty());
    assert_eq!(
        history.kinds()[2..],
        ["SettlementProposed", "NegotiationEnded", "ProposalExpired"]
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settlement_can_be_broken_from_its_day_on_or_lapses() {
    let stage = Stage::stepped().await;
    let (broken, lapsed) = (settled(&stage).await, settled(&stage).await);
    let breach = || {
        ask!(
            broken,
            ReportBreachRequest {
                text: "nothing came".to_owned()
            }
        )
    };
    let early = give!(stage, CONSUMER, report_breach, breach());
    assert_eq!(reason(early), precondition("PERFORMANCE_NOT_DUE"));
    stage.set_clock(instant("2026-03-10T01:00:00Z")).await;
    let reported = give!(stage, CONSUMER, report_breach, breach()).unwrap();
    assert_eq!(reported.state(), CaseStateKind::NegotiationFailed);
    let (_, history) = stage.verified(broken).await;
    assert_eq!(why(&history), Some(FailedWhy::Broken));
    let escalated = give!(stage, CONSUMER, escalate, ask!(broken, EscalateRequest)).unwrap();
    assert_eq!(escalated.state(), CaseStateKind::Escalated);

    let lapse = due(&stage.case_at(lapsed, 0).await);
    stage.set_clock(lapse).await;
    let closed = stage.case_at(lapsed, 5).await;
    let Some(proto::v1::case::Detail::Closed(detail)) = closed.detail else {
        panic!("the case is closed");
    };
    assert_eq!(detail.performed(), Performed::Unknown);
    stage.verified(lapsed).await;
    stage.close().await;
}

/// Settled directly, to be performed within a week.
async fn settled(stage: &Stage) -> Uuid {
    let case = stage.negotiating().await;
    let offer = ask!(
        case,
        ProposeSettlementRequest {
            terms: Some(refund())
        }
    );
    let offered = give!(stage, CONSUMER, propose_settlement, offer).unwrap();
    let accept = ask!(
        case,
        AcceptProposalRequest {
            proposal_id: offered.proposal_id
        }
    );
    give!(stage, ENTERPRISE, accept_proposal, accept).unwrap();
    case
}

/// Why the negotiation failed.
fn why(history: &History) -> Option<FailedWhy> {
    match history.case().state {
        CaseState::NegotiationFailed { why, .. } => Some(why),
        _ => history.case().milestones.negotiation.as_ref()?.failed,
    }
}
