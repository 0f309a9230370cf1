//! Events that come out of order: the case waits, and goes on by itself when the missing one comes.
//!
//! Intake and routing do not run here: a scribe speaks for them, so that their words can come in any order.

use std::time::Duration;

use anyhow::{Context, Result};
use case::state::{Service, WithdrawalReason};
use case::{Actor, ActorKind, Body, Command, Facts};
use e2e::{
    Ending, OPERATOR, Scene, Scribe, Stage, by, eventually, official, refused, synthetic_uscc,
    tables,
};
use proto::mediation::v1::{AcceptComplaintRequest, GetCaseRequest};
use proto::v1::{CaseRevision, CaseStateKind};
use tonic::Status;

const PATIENCE: Duration = Duration::from_secs(20);

/// An official of Virginia accepts a case.
async fn accept(stage: &Stage, scribe: &Scribe, min_version: u64) -> Result<CaseRevision, Status> {
    let request = AcceptComplaintRequest {
        request_id: format!("accept-{}-{min_version}", scribe.subject),
        case_id: scribe.subject.to_string(),
        min_version,
        ..Default::default()
    };
    let accepted = stage
        .clients
        .mediation
        .clone()
        .accept_complaint(by(&official("US-VA"), request))
        .await;
    accepted.map(tonic::Response::into_inner)
}

async fn everywhere_parked(stage: &Stage, count: usize) -> Result<()> {
    for service in stage.services() {
        let url = stage.database(&service);
        eventually(
            &format!("{service} has parked {count}"),
            PATIENCE,
            || async { Ok((tables::parked(&url).await? == vec!["gap"; count]).then_some(())) },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn missing_decision_heals_the_case_when_it_comes() -> Result<()> {
    let stage = Scene::new("heals")
        .only(&["mediation", "analytics"])
        .open()
        .await?;
    let (mut late, mut neighbour) = (Scribe::new(), Scribe::new());
    let (filed, routed) = (late.filed(&synthetic_uscc(1))?, late.routed()?);
    stage.publish(&routed).await?;
    everywhere_parked(&stage, 1).await?;
    refused(accept(&stage, &late, 0).await, "CASE_PARKED");

    stage.publish(&neighbour.filed(&synthetic_uscc(2))?).await?;
    stage.publish(&neighbour.routed()?).await?;
    accept(&stage, &neighbour, 2).await?;

    stage.publish(&filed).await?;
    everywhere_parked(&stage, 0).await?;
    accept(&stage, &late, 2).await?;
    // for those who read the log in its order: the second event again, behind the first
    stage.coordinator.wait_quiet().await?;
    stage
        .close(Ending::clean().faults(2).out_of_order(late.subject))
        .await
}

#[tokio::test]
async fn missing_notice_heals_the_case_when_it_comes() -> Result<()> {
    let stage = Scene::new("notices")
        .only(&["mediation", "analytics"])
        .open()
        .await?;
    let mut scribe = Scribe::new();
    stage.publish(&scribe.filed(&synthetic_uscc(1))?).await?;
    stage.publish(&scribe.routed()?).await?;
    let consumer = Actor {
        kind: ActorKind::Consumer,
        org: None,
        subject: Some("c1".into()),
    };
    let evidence = Body::AddEvidence {
        evidence: uuid::Uuid::now_v7(),
        hash: [3; 32],
        media_type: "image/png".into(),
        size_bytes: 5,
    };
    let withdrawal = Body::RequestWithdrawal {
        reason: WithdrawalReason::Mistake,
        text: None,
    };
    let first = scribe.append(
        Service::Intake,
        Command {
            by: consumer.clone(),
            body: evidence,
        },
        &Facts::None,
    )?;
    let second = scribe.append(
        Service::Intake,
        Command {
            by: consumer,
            body: withdrawal,
        },
        &Facts::None,
    )?;
    stage.publish(&second).await?;
    everywhere_parked(&stage, 1).await?;
    refused(accept(&stage, &scribe, 2).await, "CASE_PARKED");

    stage.publish(&first).await?;
    everywhere_parked(&stage, 0).await?;
    // the request that waited is answered now
    let get = GetCaseRequest {
        case_id: scribe.subject.to_string(),
        min_version: 3,
    };
    let case = stage
        .clients
        .mediation
        .clone()
        .get_case(by(OPERATOR, get))
        .await
        .context("GetCase")?
        .into_inner();
    anyhow::ensure!(
        case.state() == CaseStateKind::Closed && case.evidence_count == 1,
        "{case:?}"
    );
    stage.coordinator.wait_quiet().await?;
    stage
        .close(Ending::clean().faults(2).out_of_order(scribe.subject))
        .await
}
