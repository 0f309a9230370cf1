//! Automatic routing, from a filing on the log to the next holder.

use case::{Body, CaseId, Filing};
use proto::routing::v1::{
    AdmitEnterpriseRequest, RegisterEnterpriseRequest, SuspendEnterpriseRequest,
};
use proto::v1::case::Detail;
use proto::v1::{Case, CaseStateKind};
use uuid::Uuid;

use super::support::asking::Client;
use super::support::log::{consumer, official};
use super::support::samples::{application, filing, instant, uscc};
use super::support::town::directory;
use super::support::{FEDERAL, OPERATOR, Town, fresh, refusal, twice};

/// Registers an enterprise.
pub(crate) async fn applied(town: &Town, application: RegisterEnterpriseRequest) {
    let call =
        |mut client: Client, request| async move { client.register_enterprise(request).await };
    twice(town, OPERATOR, application, call).await.unwrap();
}

/// Admits an enterprise, or lifts its suspension.
pub(crate) async fn admitted(town: &Town, n: u32) {
    let request = AdmitEnterpriseRequest {
        request_id: fresh(),
        uscc: uscc(n),
        etag: String::new(),
    };
    let call = |mut client: Client, request| async move { client.admit_enterprise(request).await };
    twice(town, FEDERAL, request, call).await.unwrap();
}

/// Suspends an enterprise.
pub(crate) async fn suspended(town: &Town, n: u32) {
    let request = SuspendEnterpriseRequest {
        request_id: fresh(),
        uscc: uscc(n),
        etag: String::new(),
        reason: "slow answers".to_owned(),
    };
    let call =
        |mut client: Client, request| async move { client.suspend_enterprise(request).await };
    twice(town, FEDERAL, request, call).await.unwrap();
}

/// Who holds a case: credit code or authority.
fn holder(case: &Case) -> String {
    match case.detail.as_ref() {
        Some(Detail::InNegotiation(to)) => to.enterprise.clone(),
        Some(Detail::AtAuthority(at)) => at.receipt.as_ref().unwrap().authority.clone(),
        Some(Detail::Held(held)) => format!("held at {}", held.holder),
        other => panic!("{other:?}"),
    }
}

async fn holder_of(town: &Town, filing: Filing) -> String {
    let case_id = town.filed(filing).await;
    holder(&town.case_at(case_id, 2).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_a_case_follows_registry_consent_and_directory() {
    let town = Town::start().await;
    // 1 admitted, 2 applied, 3 suspended, 4 admitted again, 5 absent, 6 applied with delegate 1, 7 suspended with delegate 1.
    for n in [1, 2, 3, 4] {
        applied(&town, application(n)).await;
    }
    for n in [6, 7] {
        applied(
            &town,
            RegisterEnterpriseRequest {
                delegate_uscc: uscc(1),
                ..application(n)
            },
        )
        .await;
    }
    for n in [1, 3, 4, 7] {
        admitted(&town, n).await;
    }
    for n in [3, 4, 7] {
        suspended(&town, n).await;
    }
    admitted(&town, 4).await;
    let rows = [
        (1, "AL", true, uscc(1)),
        (1, "AL", false, "US-AL".to_owned()),
        (2, "AL", true, "US-AL".to_owned()),
        (3, "TX", true, "US-TX".to_owned()),
        (4, "TX", true, uscc(4)),
        (5, "TX", true, "US-TX".to_owned()),
        (6, "TX", true, uscc(1)),
        (6, "TX", false, "US-TX".to_owned()),
        (7, "TX", true, "US-TX".to_owned()),
        (5, "US", true, "US-FED".to_owned()),
        (5, "PR", true, "held at US-FED".to_owned()),
        (1, "PR", true, uscc(1)),
    ];
    for (n, region, odr, expected) in rows {
        assert_eq!(
            holder_of(&town, filing(n, region, odr)).await,
            expected,
            "{n} {region} {odr}"
        );
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_negotiates_on_behalf_of_the_respondent() {
    let town = Town::start().await;
    applied(&town, application(1)).await;
    applied(
        &town,
        RegisterEnterpriseRequest {
            delegate_uscc: uscc(1),
            ..application(2)
        },
    )
    .await;
    admitted(&town, 1).await;
    let case_id = town.filed(filing(2, "AL", true)).await;
    let case = town.case_at(case_id, 2).await;
    let Some(Detail::InNegotiation(to)) = &case.detail else {
        panic!("{case:?}")
    };
    assert_eq!(
        (to.enterprise.as_str(), to.on_behalf_of.as_deref()),
        (uscc(1).as_str(), Some(uscc(2).as_str()))
    );
    let due = case.due_dates[0].due.as_ref().unwrap();
    assert_eq!(
        due.last_day, "2026-03-17",
        "ten working days from a Tuesday"
    );
    let negotiation = case.milestones.unwrap().negotiation.unwrap();
    assert_eq!(
        negotiation.registry_version, 2,
        "the version of who negotiates"
    );
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_suspended_between_filing_and_routing_gets_nothing() {
    let town = Town::start().await;
    applied(&town, application(1)).await;
    admitted(&town, 1).await;
    let filed_at = town.now().await;
    town.set_clock(instant("2026-03-03T03:00:00Z")).await;
    suspended(&town, 1).await;
    let case_id = town.filed_at(filing(1, "AL", true), filed_at).await;
    let case = town.case_at(case_id, 2).await;
    assert_eq!(holder(&case), "US-AL");
    let receipt = case.last_receipt.unwrap();
    assert_eq!(
        (receipt.nth, receipt.unit.as_str(), receipt.ancestors),
        (1, "US-AL-00", vec!["US-FED".to_owned()])
    );
    town.close().await;
}

/// A case whose negotiation the consumer ended.
async fn failed(town: &Town, n: u32, prior: Option<Uuid>) -> Uuid {
    let case_id = town
        .filed(Filing {
            prior_case: prior.map(CaseId),
            ..filing(n, "AL", true)
        })
        .await;
    town.elsewhere(case_id, consumer(), Body::EndNegotiation)
        .await;
    case_id
}

#[tokio::test(flavor = "multi_thread")]
async fn odr_is_offered_once_in_a_dispute() {
    let town = Town::start().await;
    applied(&town, application(1)).await;
    admitted(&town, 1).await;
    let first = failed(&town, 1, None).await;
    let after = |prior| Filing {
        prior_case: Some(CaseId(prior)),
        ..filing(1, "AL", true)
    };
    let second = town.filed(after(first)).await;
    assert_eq!(
        holder(&town.case_at(second, 2).await),
        "US-AL",
        "the earlier case failed"
    );
    assert_eq!(
        holder_of(&town, after(second)).await,
        "US-AL",
        "and so does every later one"
    );
    let settled = town.filed(filing(1, "AL", true)).await;
    assert_eq!(
        holder_of(&town, after(settled)).await,
        uscc(1),
        "an earlier case in which nothing failed yet"
    );
    assert_eq!(
        holder_of(&town, after(Uuid::now_v7())).await,
        uscc(1),
        "an earlier case nobody knows"
    );

    town.elsewhere(first, consumer(), Body::Escalate).await;
    let escalated = town.case_at(first, 5).await;
    assert_eq!(
        holder(&escalated),
        "US-AL",
        "escalated: to the authority, whatever the registry says"
    );
    assert!(escalated.odr_failed);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_region_of_the_respondent_the_place_of_event_decides() {
    let town = Town::start().await;
    let mut filing = filing(9, "AL", false);
    filing.respondent.business = None;
    filing.place_of_event = "NY".parse().ok();
    assert_eq!(holder_of(&town, filing.clone()).await, "US-NY");
    filing.place_of_event = None;
    assert_eq!(holder_of(&town, filing).await, "held at US-FED");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_case_waits_at_the_superior_and_goes_down_not_sideways() {
    let town = Town::with_directory(directory("cn")).await;
    let case_id = town.filed(filing(9, "440606", false)).await;
    assert_eq!(holder(&town.case_at(case_id, 2).await), "440606");
    let reason = case::state::ReturnReason::NotCompetent;
    town.elsewhere(
        case_id,
        official("440606"),
        Body::ReturnCase { reason, text: None },
    )
    .await;
    assert_eq!(holder(&town.case_at(case_id, 3).await), "held at 4406");

    let to = |authority: &str| proto::routing::v1::RouteByHandRequest {
        request_id: fresh(),
        case_id: case_id.to_string(),
        min_version: 3,
        etag: String::new(),
        authority: authority.to_owned(),
    };
    let call = |mut client: Client, request| async move { client.route_by_hand(request).await };
    let city = "official/4406/official-9";
    for (authority, reason) in [
        ("44", "AUTHORITY_NOT_BELOW_HOLDER"),
        ("440305", "AUTHORITY_NOT_BELOW_HOLDER"),
        ("99", "AUTHORITY_UNKNOWN"),
    ] {
        let answer = twice(&town, city, to(authority), call).await;
        assert_eq!(
            refusal(answer),
            (tonic::Code::FailedPrecondition, reason.to_owned()),
            "{authority}"
        );
    }
    let routed = twice(&town, city, to("440605"), call).await.unwrap();
    assert_eq!(
        (routed.version, routed.state()),
        (4, CaseStateKind::AtAuthority)
    );
    let case = town.case_at(case_id, 4).await;
    let receipt = case.last_receipt.unwrap();
    assert_eq!((receipt.authority.as_str(), receipt.nth), ("440605", 2));
    assert_eq!(receipt.ancestors, ["4406", "44", "CN"]);
    town.close().await;
}
