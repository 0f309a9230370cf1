//! At an authority: accept, refuse, return, too late. On a stepped clock.

use case::Event;
use chrono::TimeDelta;
use proto::v1::{CaseStateKind, EndingGround, OutcomeKind, RefusalGround, ReturnReason};

use crate::support::elsewhere::due;
use crate::support::people::{CITY, CONSUMER, COUNTY, OTHER_COUNTY, RESPONDENT, STATE};
use crate::support::samples::{filing, to_authority};
use crate::support::{Stage, ask, forbidden, give, precondition, reason};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_authority_that_holds_a_case_accepts_or_refuses_it() {
    let stage = Stage::stepped().await;
    let case = stage.at_county().await;
    for (who, why) in [
        (CITY, "NOT_HOLDER"),
        (STATE, "NOT_HOLDER"),
        (OTHER_COUNTY, "NOT_HOLDER"),
        (CONSUMER, "ACTOR_NOT_PERMITTED"),
        (RESPONDENT, "ACTOR_NOT_PERMITTED"),
    ] {
        let refused = give!(
            stage,
            who,
            accept_complaint,
            ask!(case, AcceptComplaintRequest)
        );
        assert_eq!(reason(refused), forbidden(why), "{who}");
    }
    let accepted = give!(
        stage,
        COUNTY,
        accept_complaint,
        ask!(case, AcceptComplaintRequest)
    )
    .unwrap();
    assert_eq!(accepted.state(), CaseStateKind::InMediation);

    let case = stage.at_county().await;
    let refuse = |ground: RefusalGround| {
        ask!(
            case,
            RefuseComplaintRequest {
                ground: ground.into(),
                text: "goods for a business".to_owned()
            }
        )
    };
    let later_rules = give!(
        stage,
        COUNTY,
        refuse_complaint,
        refuse(RefusalGround::IdentityMisused)
    );
    assert_eq!(reason(later_rules), precondition("GROUND_NOT_IN_RULE_SET"));
    let refused = give!(
        stage,
        COUNTY,
        refuse_complaint,
        refuse(RefusalGround::NotDailyConsumption)
    )
    .unwrap();
    assert_eq!(refused.state(), CaseStateKind::Closed);
    let (read, _) = stage.verified(case).await;
    let Some(proto::v1::case::Detail::Closed(closed)) = read.detail else {
        panic!("the case is closed");
    };
    let outcome = closed.outcome.unwrap();
    assert_eq!(outcome.kind(), OutcomeKind::Refused);
    assert_eq!(outcome.refusal_ground(), RefusalGround::NotDailyConsumption);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_returned_case_waits_for_routing_at_the_superior() {
    let stage = Stage::stepped().await;
    let case = stage.at_county().await;
    let back = |case: uuid::Uuid, reason: ReturnReason| {
        ask!(
            case,
            ReturnCaseRequest {
                reason: reason.into()
            }
        )
    };
    let returned = give!(
        stage,
        COUNTY,
        return_case,
        back(case, ReturnReason::AddressUnclear)
    )
    .unwrap();
    assert_eq!(returned.state(), CaseStateKind::HeldForRouting);
    let (read, _) = stage.verified(case).await;
    assert_eq!(read.authority.as_deref(), Some("city-1"));
    let gone = give!(
        stage,
        COUNTY,
        accept_complaint,
        ask!(case, AcceptComplaintRequest)
    );
    assert_eq!(reason(gone), precondition("NOT_OWNER"));
    // A held case is routing's: its holder refuses it there.
    let refuse = ask!(
        case,
        RefuseComplaintRequest {
            ground: RefusalGround::OutsideCompetence.into(),
            text: "not ours".to_owned(),
        }
    );
    let elsewhere = give!(stage, CITY, refuse_complaint, refuse);
    assert_eq!(reason(elsewhere), precondition("NOT_OWNER"));
    stage.routed_by_hand(case, "city-1", "county-3").await;
    let (read, history) = stage.verified(case).await;
    assert_eq!(
        (read.authority.as_deref(), read.return_count),
        (Some("county-3"), 1)
    );
    assert_eq!(history.kinds()[2..], ["CaseReturned", "RoutedToAuthority"]);

    let top = stage.filed(filing()).await;
    stage.routed(top, to_authority("state-1")).await;
    let nobody = give!(
        stage,
        STATE,
        return_case,
        back(top, ReturnReason::NotCompetent)
    );
    assert_eq!(reason(nobody), precondition("NO_SUPERIOR"));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lateness_is_recorded_and_stops_nobody() {
    let stage = Stage::stepped().await;
    let case = stage.at_county().await;
    let decide_by = due(&stage.case_at(case, 2).await);
    stage.set_clock(decide_by).await;
    let late = stage.case_at(case, 3).await;
    assert!(late.due_dates[0].overdue_at.is_some());
    stage.set_clock(decide_by + TimeDelta::days(2)).await;
    give!(
        stage,
        COUNTY,
        accept_complaint,
        ask!(case, AcceptComplaintRequest)
    )
    .unwrap();
    let history = stage.history(case).await;
    let Event::ComplaintAccepted { stopped, .. } = &history.events[3].event else {
        panic!("accepted after all: {:?}", history.kinds());
    };
    assert_eq!(stopped.late_days, 3);

    let ends = due(&stage.case_at(case, 4).await);
    let end = || {
        ask!(
            case,
            EndMediationRequest {
                ground: EndingGround::TimeExpired.into(),
                text: "sixty days".to_owned()
            }
        )
    };
    let early = give!(stage, COUNTY, end_mediation, end());
    assert_eq!(reason(early), precondition("NOT_DUE"));
    stage.set_clock(ends).await;
    let overdue = stage.case_at(case, 5).await;
    assert_eq!(
        overdue.state(),
        CaseStateKind::InMediation,
        "never ended by the system alone"
    );
    let ended = give!(stage, COUNTY, end_mediation, end()).unwrap();
    assert_eq!(ended.state(), CaseStateKind::Closed);
    let (_, history) = stage.verified(case).await;
    let kinds = history.kinds();
    assert_eq!(
        kinds[2..],
        [
            "AcceptanceOverdue",
            "ComplaintAccepted",
            "MediationOverdue",
            "MediationEnded"
        ]
    );
    stage.close().await;
}
