//! The shortest way: filed, routed to the enterprise, settled directly, performed, rated.

use anyhow::{Result, ensure};
use e2e::{Act, Ending, Filing, OPERATOR, Offer, Scene, by, refused};
use proto::analytics::v1::GetTotalsRequest;
use proto::intake::v1::{GetProgressRequest, NextStep};
use proto::mediation::v1::{ListCaseEventsRequest, ListCasesRequest};
use proto::v1::{CaseStateKind, Outcome, OutcomeKind, Performed};

#[tokio::test]
async fn directly_settled_complaint_is_the_same_everywhere() -> Result<()> {
    let stage = Scene::new("direct").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    play.is_everywhere(CaseStateKind::InNegotiation).await?;

    play.consumer(Act::AddEvidence).await?;
    play.enterprise(Act::Acknowledge).await?;
    play.enterprise(Act::Answer).await?;
    play.enterprise(Act::Propose(Offer::explanation())).await?;
    play.consumer(Act::Reject).await?;
    refused(play.consumer(Act::Accept).await, "PROPOSAL_NOT_OPEN");
    play.enterprise(Act::Propose(Offer::refund(9_900))).await?;
    refused(play.enterprise(Act::Accept).await, "OWN_PROPOSAL");
    play.consumer(Act::Accept).await?;
    play.is_everywhere(CaseStateKind::Settled).await?;
    play.enterprise(Act::Declare).await?;
    refused(
        play.consumer(Act::Confirm(Performed::Yes, 9_901)).await,
        "AMOUNT_NOT_POSSIBLE",
    );
    play.consumer(Act::Confirm(Performed::Yes, 9_900)).await?;
    play.consumer(Act::Rate(5)).await?;
    refused(play.consumer(Act::Rate(4)).await, "ALREADY_RATED");
    play.is_everywhere(CaseStateKind::Closed).await?;

    let progress = GetProgressRequest {
        progress_code: play.filed.progress_code.clone(),
        min_version: play.version,
    };
    let progress = stage
        .clients
        .intake
        .clone()
        .get_progress(by("consumer/-/somebody", progress))
        .await?
        .into_inner();
    ensure!(
        progress.case_number == play.filed.case_number && progress.state() == CaseStateKind::Closed,
        "{progress:?}"
    );
    ensure!(
        progress.next_step() == NextStep::Unspecified,
        "{progress:?}"
    );
    let settled = Outcome {
        kind: OutcomeKind::SettledDirectly.into(),
        ..Default::default()
    };
    ensure!(progress.outcome == Some(settled), "{progress:?}");

    stage.coordinator.wait_quiet().await?;
    let totals = stage
        .clients
        .analytics
        .clone()
        .get_totals(by(OPERATOR, GetTotalsRequest::default()))
        .await?
        .into_inner();
    let counted = (
        totals.filed,
        totals.open,
        totals.settled_directly,
        totals.settled_directly_monetary,
    );
    ensure!(counted == (1, 0, 1, 1), "{totals:?}");
    let rated = (
        totals.performed_yes,
        totals.rated,
        totals.star_sum,
        totals.recovered_fen,
    );
    ensure!(rated == (1, 1, 5, 9_900), "{totals:?}");

    // ten decisions and the notice of the evidence
    let archive = ListCaseEventsRequest {
        case_id: play.case_id.clone(),
        min_version: play.version,
        ..Default::default()
    };
    let archive = stage
        .clients
        .mediation
        .clone()
        .list_case_events(by(OPERATOR, archive))
        .await?
        .into_inner();
    ensure!(
        i64::try_from(archive.events.len())? == totals.event_count,
        "{} events",
        archive.events.len()
    );
    ensure!(
        play.version + 1 == archive.events.len() as u64,
        "version {}",
        play.version
    );
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn lists_show_the_cases_of_each_party() -> Result<()> {
    let stage = Scene::new("lists").open().await?;
    let (shop, other) = (stage.enterprise(1).await?, stage.enterprise(2).await?);
    let mut play = stage.file(Filing::against(&shop)).await?;
    let mut neighbour = stage.file(Filing::against(&other)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    neighbour.reach(CaseStateKind::InNegotiation).await?;
    let list = ListCasesRequest {
        enterprise: shop.clone(),
        ..Default::default()
    };
    let mut mediation = stage.clients.mediation.clone();
    let listed = mediation
        .list_cases(by(&play.enterprise, list.clone()))
        .await?
        .into_inner();
    let ids: Vec<&str> = listed
        .cases
        .iter()
        .map(|case| case.case_id.as_str())
        .collect();
    ensure!(ids == [play.case_id.as_str()], "{ids:?}");
    let stranger = mediation.list_cases(by(&neighbour.enterprise, list)).await;
    ensure!(
        stranger.is_err_and(|status| status.code() == tonic::Code::PermissionDenied),
        "a stranger sees a list"
    );
    refused(
        neighbour.act(&play.consumer, Act::EndNegotiation).await,
        "NOT_PARTY_TO_CASE",
    );
    stage.close(Ending::clean()).await
}
