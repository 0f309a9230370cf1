//! A database put back to an older copy: the service reads its own words again before it acts, and forks no case.

use std::time::Duration;

use anyhow::{Result, ensure};
use devstack::databases;
use e2e::{Act, Ending, Filing, OPERATOR, Offer, Play, Scene, Stage, by, eventually, refused};
use proto::routing::v1::{EnterpriseStatus, GetEnterpriseRequest};
use proto::v1::{CaseRevision, CaseStateKind, Performed};
use tonic::{Code, Status};

const DRAIN: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(30);
const FEDERAL: &str = "US-FED";

/// Keeps a copy of a service's database as it is now.
async fn keep_copy(stage: &mut Stage, service: &str) -> Result<()> {
    stage.coordinator.wait_quiet().await?;
    stage.stack.terminate(service, 0, DRAIN).await?;
    let name = format!("{}_{service}", stage.stack.options().database_prefix);
    databases::copy(&stage.servers.database_url, &name, &format!("{name}_old")).await?;
    stage.stack.restart(service, 0).await
}

/// Puts the copy in the database's place and starts the service; does not wait until it is ready.
async fn put_back(stage: &mut Stage, service: &str) -> Result<()> {
    stage.coordinator.wait_quiet().await?;
    stage.stack.terminate(service, 0, DRAIN).await?;
    let name = format!("{}_{service}", stage.stack.options().database_prefix);
    databases::rename(&stage.servers.database_url, &format!("{name}_old"), &name).await?;
    stage.stack.start_again(service, 0)
}

/// What the act is answered as soon as the service takes calls again. It names no version: nothing but the service
/// itself keeps it from being taken on the old state.
async fn first_answer(play: &Play, who: &str, what: Act) -> Result<Result<CaseRevision, Status>> {
    let mut play = play.clone();
    play.version = 0;
    eventually("the service takes calls", PATIENCE, || {
        let (mut play, what) = (play.clone(), what.clone());
        async move {
            match play.act_again(who, what, "early".into()).await {
                Err(status) if status.code() == Code::Unavailable => Ok(None),
                answer => Ok(Some(answer)),
            }
        }
    })
    .await
}

fn ending() -> Ending {
    Ending::clean()
        .allow("the database is older than its words")
        .allow("an own event was not in the database")
}

#[tokio::test]
async fn mediation_catches_up_before_it_acts() -> Result<()> {
    let mut stage = Scene::new("restored_mediation").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut old = stage.file(Filing::against(&shop)).await?;
    old.reach(CaseStateKind::InNegotiation).await?;
    keep_copy(&mut stage, "mediation").await?;

    old.enterprise(Act::Propose(Offer::refund(100))).await?;
    old.consumer(Act::Accept).await?;
    let mut new = stage.file(Filing::against(&shop)).await?;
    new.reach(CaseStateKind::InNegotiation).await?;
    new.enterprise(Act::Propose(Offer::refund(100))).await?;
    put_back(&mut stage, "mediation").await?;

    let enterprise = old.enterprise.clone();
    refused(
        first_answer(&old, &enterprise, Act::Acknowledge).await?,
        "WRONG_STATE",
    );
    stage.stack.wait_ready("mediation", 0).await?;
    old.is_everywhere(CaseStateKind::Settled).await?;
    old.consumer(Act::Confirm(Performed::Yes, 100)).await?;
    new.consumer(Act::Accept).await?;
    new.is_everywhere(CaseStateKind::Settled).await?;
    stage.close(ending()).await
}

#[tokio::test]
async fn routing_catches_up_before_it_acts() -> Result<()> {
    let mut stage = Scene::new("restored_routing").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut held = stage
        .file(Filing::against(&shop).without_odr().in_region("PR"))
        .await?;
    held.reach(CaseStateKind::HeldForRouting).await?;
    keep_copy(&mut stage, "routing").await?;

    held.official(FEDERAL, Act::RouteByHand(FEDERAL.into()))
        .await?;
    held.reach(CaseStateKind::AtAuthority).await?;
    let newcomer = stage.enterprise(2).await?;
    let mut new = stage.file(Filing::against(&newcomer)).await?;
    new.reach(CaseStateKind::InNegotiation).await?;
    put_back(&mut stage, "routing").await?;

    let answer = first_answer(
        &held,
        &e2e::official(FEDERAL),
        Act::RouteByHand("US-VA".into()),
    )
    .await?;
    refused(answer, "NOT_OWNER");
    stage.stack.wait_ready("routing", 0).await?;
    held.is_everywhere(CaseStateKind::AtAuthority).await?;
    new.is_everywhere(CaseStateKind::InNegotiation).await?;

    // the enterprise that was admitted in between is still one
    let get = GetEnterpriseRequest {
        uscc: newcomer.clone(),
    };
    let enterprise = stage
        .clients
        .routing
        .clone()
        .get_enterprise(by(OPERATOR, get))
        .await?
        .into_inner();
    ensure!(
        enterprise.status() == EnterpriseStatus::Admitted,
        "{enterprise:?}"
    );
    let mut later = stage.file(Filing::against(&newcomer)).await?;
    later.reach(CaseStateKind::InNegotiation).await?;
    stage.close(ending()).await
}
