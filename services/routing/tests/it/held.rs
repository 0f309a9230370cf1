//! Cases that wait for a hand: listed, routed, refused, overdue, withdrawn.

use case::Body;
use case::state::WithdrawalReason;
use proto::routing::v1::{
    GetCaseRequest, HeldCase, ListHeldCasesRequest, ListHeldCasesResponse, RefuseHeldCaseRequest,
    RouteByHandRequest,
};
use proto::v1::{CaseStateKind, CommandKind, HoldReason, RefusalGround};
use tonic::{Code, Status};
use uuid::Uuid;

use super::support::asking::Client;
use super::support::log::consumer;
use super::support::samples::{filing, instant, uscc};
use super::support::{ALABAMA, CONSUMER, FEDERAL, OPERATOR, Town, by, fresh, refusal, twice};

async fn held(town: &Town, n: u32) -> Uuid {
    let case_id = town.filed(filing(n, "PR", false)).await;
    assert_eq!(
        town.case_at(case_id, 2).await.state(),
        CaseStateKind::HeldForRouting
    );
    case_id
}

fn to(case_id: Uuid, authority: &str) -> RouteByHandRequest {
    RouteByHandRequest {
        request_id: fresh(),
        case_id: case_id.to_string(),
        min_version: 0,
        etag: String::new(),
        authority: authority.to_owned(),
    }
}

fn refused(case_id: Uuid, ground: RefusalGround) -> RefuseHeldCaseRequest {
    RefuseHeldCaseRequest {
        request_id: fresh(),
        case_id: case_id.to_string(),
        min_version: 2,
        etag: String::new(),
        ground: ground.into(),
        text: "No authority of this directory is competent; a court is open to you.".to_owned(),
    }
}

async fn route(
    mut client: Client,
    request: tonic::Request<RouteByHandRequest>,
) -> Result<tonic::Response<proto::v1::CaseRevision>, Status> {
    client.route_by_hand(request).await
}

async fn refuse(
    mut client: Client,
    request: tonic::Request<RefuseHeldCaseRequest>,
) -> Result<tonic::Response<proto::v1::CaseRevision>, Status> {
    client.refuse_held_case(request).await
}

async fn listed(
    town: &Town,
    who: &str,
    holder: &str,
    page_size: i32,
    page_token: &str,
) -> Result<ListHeldCasesResponse, Status> {
    let request = ListHeldCasesRequest {
        holder: holder.to_owned(),
        page_size,
        page_token: page_token.to_owned(),
    };
    town.client()
        .list_held_cases(by(who, request))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_routes_a_held_case_to_itself_or_below() {
    let town = Town::start().await;
    let case_id = held(&town, 1).await;
    let rows = [
        (ALABAMA, "US-AL", Code::PermissionDenied, "NOT_HOLDER"),
        (
            CONSUMER,
            "US-AL",
            Code::PermissionDenied,
            "ACTOR_NOT_PERMITTED",
        ),
        (
            OPERATOR,
            "US-AL",
            Code::PermissionDenied,
            "ACTOR_NOT_PERMITTED",
        ),
        (
            FEDERAL,
            "US-XX",
            Code::FailedPrecondition,
            "AUTHORITY_UNKNOWN",
        ),
    ];
    for (who, authority, code, reason) in rows {
        let answer = twice(&town, who, to(case_id, authority), route).await;
        assert_eq!(
            refusal(answer),
            (code, reason.to_owned()),
            "{who} {authority}"
        );
    }
    let stale = RouteByHandRequest {
        etag: "1.0".to_owned(),
        ..to(case_id, "US-AL")
    };
    assert_eq!(
        refusal(twice(&town, FEDERAL, stale, route).await),
        (Code::Aborted, "ETAG_MISMATCH".to_owned())
    );

    let etag = town.case_at(case_id, 2).await.etag;
    let request = RouteByHandRequest {
        etag,
        ..to(case_id, "US-AL")
    };
    let routed = twice(&town, FEDERAL, request.clone(), route).await.unwrap();
    assert_eq!(
        (routed.version, routed.state()),
        (3, CaseStateKind::AtAuthority)
    );
    let reused = RouteByHandRequest {
        authority: "US-FED".to_owned(),
        ..request
    };
    assert_eq!(
        refusal(twice(&town, FEDERAL, reused, route).await),
        (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned())
    );
    let again = twice(&town, FEDERAL, to(case_id, "US-AL"), route).await;
    assert_eq!(
        refusal(again),
        (Code::FailedPrecondition, "NOT_OWNER".to_owned())
    );

    let itself = held(&town, 2).await;
    let routed = twice(&town, FEDERAL, to(itself, "US-FED"), route)
        .await
        .unwrap();
    assert_eq!(routed.state(), CaseStateKind::AtAuthority);
    let unknown = twice(&town, FEDERAL, to(Uuid::now_v7(), "US-FED"), route).await;
    assert_eq!(refusal(unknown).0, Code::NotFound);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_refuses_a_held_case_for_want_of_competence_only() {
    let town = Town::start().await;
    let case_id = held(&town, 1).await;
    let other = twice(
        &town,
        FEDERAL,
        refused(case_id, RefusalGround::NotDailyConsumption),
        refuse,
    )
    .await;
    assert_eq!(
        refusal(other),
        (
            Code::FailedPrecondition,
            "GROUND_NOT_FOR_COMMAND".to_owned()
        )
    );
    let stranger = twice(
        &town,
        ALABAMA,
        refused(case_id, RefusalGround::OutsideCompetence),
        refuse,
    )
    .await;
    assert_eq!(
        refusal(stranger),
        (Code::PermissionDenied, "NOT_HOLDER".to_owned())
    );
    let texts = "select count(*) from docket.texts";
    assert_eq!(
        town.count(texts).await,
        0,
        "texts of refused commands are not kept"
    );
    let closed = twice(
        &town,
        FEDERAL,
        refused(case_id, RefusalGround::OutsideCompetence),
        refuse,
    )
    .await
    .unwrap();
    assert_eq!((closed.version, closed.state()), (3, CaseStateKind::Closed));
    assert_eq!(town.count(texts).await, 1);
    assert!(
        listed(&town, FEDERAL, "", 0, "")
            .await
            .unwrap()
            .cases
            .is_empty()
    );
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_cases_are_listed_the_earliest_due_first_page_by_page() {
    let town = Town::start().await;
    let mut expected = Vec::new();
    for day in 3..6 {
        town.set_clock(instant(&format!("2026-03-0{day}T02:00:00Z")))
            .await;
        let (first, second) = (held(&town, day).await, held(&town, day + 10).await);
        expected.extend([first.min(second), first.max(second)]);
    }
    let expected: Vec<String> = expected.iter().map(Uuid::to_string).collect();
    for (who, holder) in [
        (FEDERAL, ""),
        (FEDERAL, "US-FED"),
        (OPERATOR, ""),
        (OPERATOR, "US-FED"),
    ] {
        let mut found = Vec::new();
        let mut page_token = String::new();
        loop {
            let page = listed(&town, who, holder, 4, &page_token).await.unwrap();
            assert!(page.cases.len() <= 4);
            found.extend(page.cases);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let ids: Vec<String> = found.iter().map(|case| case.case_id.clone()).collect();
        assert_eq!(ids, expected, "{who} {holder}");
    }
    let first: HeldCase = listed(&town, FEDERAL, "", 1, "")
        .await
        .unwrap()
        .cases
        .remove(0);
    assert_eq!(
        (first.reason(), first.version, first.holder.as_str()),
        (HoldReason::RegionNotCovered, 2, "US-FED")
    );
    assert_eq!(
        first.due.unwrap().last_day,
        "2026-03-06",
        "three working days from a Tuesday"
    );
    assert_eq!(
        listed(&town, FEDERAL, "US-AL", 0, "").await.unwrap().cases,
        []
    );
    for (who, holder) in [
        (ALABAMA, "US-FED"),
        (CONSUMER, ""),
        (CONSUMER, "US-FED"),
        ("staff", ""),
    ] {
        let answer = listed(&town, who, holder, 0, "").await;
        assert_eq!(
            refusal(answer),
            (Code::PermissionDenied, "ACTOR_NOT_PERMITTED".to_owned()),
            "{who} {holder}"
        );
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_case_that_waits_too_long_is_brought_up_and_stays() {
    let town = Town::start().await;
    let case_id = held(&town, 1).await;
    town.set_clock(instant("2026-03-06T16:00:00Z")).await;
    town.case_at(case_id, 3).await;
    let found = listed(&town, FEDERAL, "", 0, "")
        .await
        .unwrap()
        .cases
        .remove(0);
    assert_eq!((found.version, found.overdue_at.is_some()), (3, true));
    let routed = twice(&town, FEDERAL, to(case_id, "US-FED"), route)
        .await
        .unwrap();
    assert_eq!(routed.state(), CaseStateKind::AtAuthority);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_asked_for_ends_a_held_case() {
    let town = Town::start().await;
    let case_id = held(&town, 1).await;
    let body = Body::RequestWithdrawal {
        reason: WithdrawalReason::Mistake,
        text: None,
    };
    town.elsewhere(case_id, consumer(), body).await;
    assert_eq!(
        town.case_at(case_id, 3).await.state(),
        CaseStateKind::Closed
    );
    let late = twice(&town, FEDERAL, to(case_id, "US-FED"), route).await;
    assert_eq!(
        refusal(late),
        (Code::FailedPrecondition, "NOT_OWNER".to_owned())
    );
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_shown_to_whom_it_concerns_with_what_they_may_do() {
    let town = Town::start().await;
    let case_id = held(&town, 1).await;
    let get = |who: String, case_id: Uuid| {
        let mut client = town.client();
        let request = GetCaseRequest {
            case_id: case_id.to_string(),
            min_version: 0,
        };
        async move {
            client
                .get_case(by(&who, request))
                .await
                .map(tonic::Response::into_inner)
        }
    };
    let by_hand = [CommandKind::RouteByHand, CommandKind::RefuseComplaint];
    let rows: [(String, &[CommandKind]); 4] = [
        (FEDERAL.to_owned(), &by_hand),
        (
            CONSUMER.to_owned(),
            &[CommandKind::RequestWithdrawal, CommandKind::AddEvidence],
        ),
        (
            format!("enterprise/{}/clerk-1", uscc(1)),
            &[CommandKind::AddEvidence],
        ),
        (OPERATOR.to_owned(), &[]),
    ];
    for (who, allowed) in rows {
        let case = get(who.clone(), case_id).await.unwrap();
        let found: Vec<CommandKind> = case.allowed_commands().collect();
        assert_eq!(found, allowed, "{who}");
    }
    for who in [
        ALABAMA.to_owned(),
        "consumer/-/party-2".to_owned(),
        format!("enterprise/{}/clerk-1", uscc(2)),
        "agency/12345".to_owned(),
    ] {
        let answer = get(who.clone(), case_id).await;
        assert_eq!(
            refusal(answer),
            (Code::PermissionDenied, "NOT_PARTY_TO_CASE".to_owned()),
            "{who}"
        );
    }
    assert_eq!(
        refusal(get(OPERATOR.to_owned(), Uuid::now_v7()).await).0,
        Code::NotFound
    );
    town.close().await;
}
