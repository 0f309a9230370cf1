//! A database put back to an older copy: the service reads its own words again before it acts, and forks no case.

use std::time::Duration;

use anyhow::{Result, ensure};
use devstack::databases;
use e2e::{
    Act, Clients, Ending, Filing, OPERATOR, Offer, Play, Scene, Stage, by, eventually, refused,
};
use proto::routing::v1::{EnterpriseStatus, GetEnterpriseRequest};
use proto::v1::{CaseRevision, CaseStateKind, Performed};
use tonic::{Code, Status};

const DRAIN: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(30);
const FEDERAL: &str = "US-FED";
const OLDER: &str = "the database is older than its words";

/// Ends all replicas of a service once everything is at rest.
async fn end_all(stage: &mut Stage, service: &str) -> Result<()> {
    stage.coordinator.wait_quiet().await?;
    for replica in 0..stage.stack.options().replicas {
        stage.stack.terminate(service, replica, DRAIN).await?;
    }
    Ok(())
}

/// Keeps a copy of a service's database as it is now.
pub(crate) async fn keep_copy(stage: &mut Stage, service: &str) -> Result<()> {
    end_all(stage, service).await?;
    let name = format!("{}_{service}", stage.stack.options().database_prefix);
    databases::copy(&stage.servers.database_url, &name, &format!("{name}_old")).await?;
    for replica in 0..stage.stack.options().replicas {
        stage.stack.restart(service, replica).await?;
    }
    Ok(())
}

/// Puts the copy in the database's place and starts the service; does not wait until it is ready.
pub(crate) async fn put_back(stage: &mut Stage, service: &str) -> Result<()> {
    end_all(stage, service).await?;
    let name = format!("{}_{service}", stage.stack.options().database_prefix);
    databases::rename(&stage.servers.database_url, &format!("{name}_old"), &name).await?;
    for replica in 0..stage.stack.options().replicas {
        stage.stack.start_again(service, replica)?;
    }
    Ok(())
}

/// What the act is answered as soon as the service takes calls again. It names no version: nothing but the service
/// itself keeps it from being taken on the old state.
async fn first_answer(play: &Play, who: &str, what: Act) -> Result<Result<CaseRevision, Status>> {
    let mut play = play.clone();
    play.version = 0;
    eventually("the service takes calls", PATIENCE, || {
        let (mut play, what) = (play.clone(), what.clone());
        async move {
            match play
                .act_again(who, what, format!("early-{}", play.case_id))
                .await
            {
                Err(status) if status.code() == Code::Unavailable => Ok(None),
                answer => Ok(Some(answer)),
            }
        }
    })
    .await
}

/// The service found that the log of case events holds more of its words than its database.
fn noticed(stage: &Stage, service: &str) -> Result<()> {
    let mut log = String::new();
    for replica in 0..stage.stack.options().replicas {
        log += &std::fs::read_to_string(stage.stack.log(service, replica))?;
    }
    let noticed = |line: &str| line.contains(OLDER) && line.contains(&stage.topic());
    ensure!(
        log.lines().any(noticed),
        "{service} did not notice that its database is older"
    );
    Ok(())
}

pub(crate) fn ending() -> Ending {
    Ending::clean()
        .allow(OLDER)
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
    noticed(&stage, "mediation")?;
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
    noticed(&stage, "routing")?;
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

#[tokio::test]
async fn no_replica_acts_before_all_partitions_are_caught_up() -> Result<()> {
    let mut stage = Scene::new("restored_replicas").replicas(2).open().await?;
    let shop = stage.enterprise(1).await?;
    let mut plays = Vec::new();
    for _ in 0..12 {
        let mut play = stage.file(Filing::against(&shop)).await?;
        play.reach(CaseStateKind::InNegotiation).await?;
        plays.push(play);
    }
    keep_copy(&mut stage, "mediation").await?;
    for play in &mut plays {
        play.enterprise(Act::Propose(Offer::refund(100))).await?;
        play.consumer(Act::Accept).await?;
    }
    put_back(&mut stage, "mediation").await?;

    // each case at a replica that may not read its partition
    let replicas = [
        Clients::new(&stage.stack, 0)?,
        Clients::new(&stage.stack, 1)?,
    ];
    let early = plays.iter().enumerate().map(|(place, play)| {
        let mut play = play.clone();
        play.speak_to(&replicas[place % 2]);
        async move { first_answer(&play, &play.enterprise, Act::Acknowledge).await }
    });
    for answer in futures::future::try_join_all(early).await? {
        refused(answer, "WRONG_STATE");
    }
    noticed(&stage, "mediation")?;
    for replica in 0..2 {
        stage.stack.wait_ready("mediation", replica).await?;
    }
    for play in &mut plays {
        play.consumer(Act::Confirm(Performed::Yes, 100)).await?;
        play.is_everywhere(CaseStateKind::Closed).await?;
    }
    stage.close(ending().allow("a batch is tried again")).await
}
