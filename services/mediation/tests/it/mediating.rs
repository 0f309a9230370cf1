//! In mediation: sessions, the mediator's offer, and the ways to an agreement or an end. On a stepped clock.

use chrono::TimeDelta;
use proto::v1::{CaseStateKind, Document, EndingGround, OutcomeKind, Performed};
use proto::wire;
use uuid::Uuid;

use crate::support::people::{CITY, CONSUMER, COUNTY, RESPONDENT};
use crate::support::samples::{TUESDAY, instant, refund};
use crate::support::{Stage, ask, forbidden, give, precondition, reason};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreement_both_signed_is_sealed() {
    let stage = Stage::stepped().await;
    let case = agreed(&stage).await;
    let sign = |document: u8| {
        ask!(
            case,
            SignAgreementRequest {
                document: vec![document; 32]
            }
        )
    };
    let seal = |document: u8| {
        ask!(
            case,
            SealAgreementRequest {
                document: vec![document; 32]
            }
        )
    };
    let early = give!(stage, COUNTY, seal_agreement, seal(1));
    assert_eq!(reason(early), precondition("SIGNATURES_MISSING"));
    give!(stage, CONSUMER, sign_agreement, sign(1)).unwrap();
    let again = give!(stage, CONSUMER, sign_agreement, sign(1));
    assert_eq!(reason(again), precondition("ALREADY_SIGNED"));
    let other = give!(stage, RESPONDENT, sign_agreement, sign(2));
    assert_eq!(reason(other), precondition("DOCUMENT_DIFFERS"));
    give!(stage, RESPONDENT, sign_agreement, sign(1)).unwrap();
    let other = give!(stage, COUNTY, seal_agreement, seal(2));
    assert_eq!(reason(other), precondition("DOCUMENT_DIFFERS"));
    let elsewhere = give!(stage, CITY, seal_agreement, seal(1));
    assert_eq!(reason(elsewhere), forbidden("NOT_HOLDER"));
    give!(stage, COUNTY, seal_agreement, seal(1)).unwrap();
    assert_eq!(settled_by(&stage, case).await, Document::Agreement);

    // Not performed: what is left is suit or arbitration.
    stage.set_clock(instant("2026-03-10T01:00:00Z")).await;
    let breach = give!(
        stage,
        CONSUMER,
        report_breach,
        ask!(case, ReportBreachRequest)
    )
    .unwrap();
    assert_eq!(breach.state(), CaseStateKind::Closed);
    let (outcome, performed) = closed(&stage, case).await;
    assert_eq!((outcome, performed), (OutcomeKind::Mediated, Performed::No));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_paper_both_waive_or_the_authority_records() {
    let stage = Stage::stepped().await;
    let waived = agreed(&stage).await;
    let waive = || ask!(waived, WaiveAgreementRequest);
    let once = give!(stage, RESPONDENT, waive_agreement, waive()).unwrap();
    assert_eq!(once.state(), CaseStateKind::InMediation);
    let again = give!(stage, RESPONDENT, waive_agreement, waive());
    assert_eq!(reason(again), precondition("ALREADY_WAIVED"));
    give!(stage, CONSUMER, waive_agreement, waive()).unwrap();
    assert_eq!(settled_by(&stage, waived).await, Document::Waived);

    let recorded = agreed(&stage).await;
    let record = || {
        ask!(
            recorded,
            RecordMediationRequest {
                text: "paid at the session".to_owned()
            }
        )
    };
    let not_theirs = give!(stage, CONSUMER, record_mediation, record());
    assert_eq!(reason(not_theirs), forbidden("ACTOR_NOT_PERMITTED"));
    give!(stage, COUNTY, record_mediation, record()).unwrap();
    assert_eq!(settled_by(&stage, recorded).await, Document::Recorded);
    let confirm = ask!(
        recorded,
        ConfirmPerformanceRequest {
            performed: Performed::Partly.into(),
            recovered_fen: 5_000
        }
    );
    give!(stage, CONSUMER, confirm_performance, confirm).unwrap();
    let (outcome, performed) = closed(&stage, recorded).await;
    assert_eq!(
        (outcome, performed),
        (OutcomeKind::Mediated, Performed::Partly)
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mediators_offer_needs_both_sides_and_ends_the_bargaining() {
    let stage = Stage::stepped().await;
    let case = mediated(&stage).await;
    let session = ask!(
        case,
        ScheduleSessionRequest {
            at: Some(wire::timestamp(instant(TUESDAY) + TimeDelta::days(5))),
            online: true,
            place: "room 3".to_owned(),
            recusal_days: 2,
        }
    );
    give!(stage, COUNTY, schedule_session, session.clone()).unwrap();
    let past = proto::mediation::v1::ScheduleSessionRequest {
        request_id: crate::support::asking::fresh(),
        at: Some(wire::timestamp(instant(TUESDAY))),
        ..session
    };
    assert_eq!(
        reason(give!(stage, COUNTY, schedule_session, past)),
        precondition("DATE_NOT_POSSIBLE")
    );

    let offer = || {
        ask!(
            case,
            ProposeSettlementRequest {
                terms: Some(refund())
            }
        )
    };
    let suggested = give!(stage, COUNTY, propose_settlement, offer())
        .unwrap()
        .proposal_id;
    let accept = || {
        ask!(
            case,
            AcceptProposalRequest {
                proposal_id: suggested.clone()
            }
        )
    };
    let no_mediator = give!(stage, COUNTY, accept_proposal, accept());
    assert_eq!(reason(no_mediator), forbidden("ACTOR_NOT_PERMITTED"));
    give!(stage, CONSUMER, accept_proposal, accept()).unwrap();
    let again = give!(stage, CONSUMER, accept_proposal, accept());
    assert_eq!(reason(again), precondition("PROPOSAL_ALREADY_ACCEPTED"));
    let waive = give!(
        stage,
        CONSUMER,
        waive_agreement,
        ask!(case, WaiveAgreementRequest)
    );
    assert_eq!(reason(waive), precondition("TERMS_NOT_AGREED"));
    give!(stage, RESPONDENT, accept_proposal, accept()).unwrap();
    let more = give!(stage, RESPONDENT, propose_settlement, offer());
    assert_eq!(reason(more), precondition("TERMS_ALREADY_AGREED"));
    let (read, history) = stage.verified(case).await;
    assert_eq!(read.state(), CaseStateKind::InMediation);
    let kinds = [
        "SessionScheduled",
        "SettlementProposed",
        "ProposalAccepted",
        "TermsAgreed",
    ];
    assert_eq!(history.kinds()[3..], kinds);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mediation_ends_on_the_parties_word_or_the_officials() {
    let stage = Stage::stepped().await;
    let by_themselves = agreed(&stage).await;
    let settle = ask!(by_themselves, RecordSelfSettlementRequest);
    give!(stage, COUNTY, record_self_settlement, settle).unwrap();
    let case = mediated(&stage).await;
    let end = |ground: EndingGround| {
        ask!(
            case,
            EndMediationRequest {
                ground: ground.into(),
                text: "no way".to_owned()
            }
        )
    };
    let own_command = give!(
        stage,
        COUNTY,
        end_mediation,
        end(EndingGround::WithdrawnOrSelfSettled)
    );
    assert_eq!(reason(own_command), precondition("GROUND_NOT_FOR_COMMAND"));
    give!(
        stage,
        COUNTY,
        end_mediation,
        end(EndingGround::NoAgreementPossible)
    )
    .unwrap();
    for case in [by_themselves, case] {
        let (outcome, performed) = closed(&stage, case).await;
        assert_eq!(
            (outcome, performed),
            (OutcomeKind::MediationEnded, Performed::NotApplicable)
        );
    }
    stage.close().await;
}

/// In mediation at the county.
pub(crate) async fn mediated(stage: &Stage) -> Uuid {
    let case = stage.at_county().await;
    give!(
        stage,
        COUNTY,
        accept_complaint,
        ask!(case, AcceptComplaintRequest)
    )
    .unwrap();
    case
}

/// In mediation, a refund agreed: the respondent offered, the consumer accepted.
pub(crate) async fn agreed(stage: &Stage) -> Uuid {
    let case = mediated(stage).await;
    let offer = ask!(
        case,
        ProposeSettlementRequest {
            terms: Some(refund())
        }
    );
    let offered = give!(stage, RESPONDENT, propose_settlement, offer).unwrap();
    let accept = ask!(
        case,
        AcceptProposalRequest {
            proposal_id: offered.proposal_id
        }
    );
    let accepted = give!(stage, CONSUMER, accept_proposal, accept).unwrap();
    assert_eq!(accepted.state(), CaseStateKind::InMediation);
    case
}

/// How the settlement of a settled case is documented.
async fn settled_by(stage: &Stage, case: Uuid) -> Document {
    let (read, _) = stage.verified(case).await;
    match read.detail {
        Some(proto::v1::case::Detail::Settled(settled)) => settled.document(),
        other => panic!("not settled: {other:?}"),
    }
}

/// How a closed case ended.
async fn closed(stage: &Stage, case: Uuid) -> (OutcomeKind, Performed) {
    let (read, _) = stage.verified(case).await;
    match read.detail {
        Some(proto::v1::case::Detail::Closed(closed)) => {
            (closed.outcome.unwrap().kind(), closed.performed())
        }
        other => panic!("not closed: {other:?}"),
    }
}
