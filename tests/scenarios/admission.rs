//! What does not belong on the log, and comes there nevertheless: parked where it is seen, while neighbours go on.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use case::state::Service;
use case::{Actor, ActorKind, Body, Command, Facts};
use chassis::envelope::Envelope;
use chassis::pb::{DropParkedRequest, ListParkedRequest, UnblockCaseRequest};
use e2e::{
    Act, Ending, Filing, OPERATOR, Offer, Play, Scene, Scribe, Stage, by, eventually, log, refused,
    tables,
};
use proto::v1::{CaseStateKind, Performed};

const PATIENCE: Duration = Duration::from_secs(20);
const WARNED: &str = "a record was parked";

/// A case with an enterprise, and a neighbour in the same state.
async fn two_negotiations(stage: &Stage) -> Result<(Play, Play)> {
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    let mut neighbour = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    neighbour.reach(CaseStateKind::InNegotiation).await?;
    Ok((play, neighbour))
}

/// The rest of a case's way. A service that had blocked it goes on when it reads what follows, not before.
async fn settles(stage: &Stage, play: &mut Play) -> Result<()> {
    play.enterprise(Act::Propose(Offer::refund(100))).await?;
    play.consumer(Act::Accept).await?;
    play.consumer(Act::Confirm(Performed::Yes, 100)).await?;
    stage.coordinator.wait_quiet().await?;
    play.is_everywhere(CaseStateKind::Closed).await
}

async fn everywhere_parked(stage: &Stage, reasons: &[&str]) -> Result<()> {
    for service in stage.services() {
        let url = stage.database(&service);
        eventually(
            &format!("{service} has parked {reasons:?}"),
            PATIENCE,
            || async { Ok((tables::parked(&url).await? == reasons).then_some(())) },
        )
        .await?;
    }
    Ok(())
}

/// The history of a case as the log has it, for words that were never said.
async fn scribe(stage: &Stage, play: &Play, events: usize) -> Result<Scribe> {
    let of_case = log::of_case(&stage.records().await?, play.id());
    Scribe::after(of_case.get(..events).context("so many events")?)
}

/// The enterprise acknowledges, in the name of this service.
fn acknowledged(scribe: &mut Scribe, play: &Play, source: Service) -> Result<Envelope> {
    let uscc = play.enterprise.split('/').nth(1).map(str::to_owned);
    let by = Actor {
        kind: ActorKind::Enterprise,
        org: uscc,
        subject: Some("e1".into()),
    };
    scribe.append(
        source,
        Command {
            by,
            body: Body::AcknowledgeNegotiation,
        },
        &Facts::None,
    )
}

/// Operators throw a service's parked records away.
async fn drop_parked(stage: &Stage, service: &str) -> Result<()> {
    let mut ops = stage.clients.ops(service);
    let listed = ops
        .list_parked(by(OPERATOR, ListParkedRequest::default()))
        .await?
        .into_inner();
    for record in listed.records {
        ops.drop_parked(by(OPERATOR, DropParkedRequest { id: record.id }))
            .await?;
    }
    Ok(())
}

/// Operators throw the parked records away and let the case go on, in these services.
async fn operators_clear(stage: &Stage, play: &Play, services: &[String]) -> Result<()> {
    for service in services {
        drop_parked(stage, service).await?;
        let unblock = UnblockCaseRequest {
            case_id: play.case_id.clone(),
        };
        let unblocked = stage
            .clients
            .ops(service)
            .unblock_case(by(OPERATOR, unblock))
            .await?;
        ensure!(
            unblocked.into_inner().was_blocked,
            "{service} had not blocked it"
        );
    }
    Ok(())
}

#[tokio::test]
async fn garbage_is_parked_and_nobody_waits_for_it() -> Result<()> {
    let stage = Scene::new("garbage").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    // on the same partition as the case
    let (kafka, topic) = (&stage.servers.kafka, stage.topic());
    log::publish_bytes(kafka, &topic, play.case_id.as_bytes(), b"\0no envelope").await?;
    everywhere_parked(&stage, &["garbage"]).await?;
    settles(&stage, &mut play).await?;
    settles(&stage, &mut neighbour).await?;
    stage
        .close(Ending::clean().parked("garbage").faults(1).allow(WARNED))
        .await
}

#[tokio::test]
async fn bytes_that_are_no_event_are_parked_in_the_place_of_one() -> Result<()> {
    let stage = Scene::new("no_event").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    let scribe = scribe(&stage, &play, 2).await?;
    let mut spoilt = acknowledged(&mut scribe.clone(), &play, Service::Mediation)?;
    spoilt.value = bytes::Bytes::from_static(b"\xff\xff\xff");
    scribe.chain(&mut spoilt);
    stage.publish(&spoilt).await?;
    everywhere_parked(&stage, &["garbage"]).await?;
    settles(&stage, &mut play).await?;
    settles(&stage, &mut neighbour).await?;
    stage
        .close(Ending::clean().parked("garbage").faults(1).allow(WARNED))
        .await
}

#[tokio::test]
async fn decision_of_a_service_that_does_not_own_the_state_is_parked() -> Result<()> {
    let stage = Scene::new("wrong_source").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    let mut scribe = scribe(&stage, &play, 2).await?;
    let forged = acknowledged(&mut scribe, &play, Service::Routing)?;
    stage.publish(&forged).await?;
    everywhere_parked(&stage, &["wrong_source"]).await?;
    settles(&stage, &mut play).await?;
    settles(&stage, &mut neighbour).await?;
    stage
        .close(
            Ending::clean()
                .parked("wrong_source")
                .faults(1)
                .allow(WARNED),
        )
        .await
}

#[tokio::test]
async fn whole_log_published_twice_changes_nothing() -> Result<()> {
    let stage = Scene::new("twice").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    play.consumer(Act::AddEvidence).await?;
    settles(&stage, &mut play).await?;
    stage.coordinator.wait_quiet().await?;
    let before = stage.records().await?;
    for record in &before {
        log::publish_again(&stage.servers.kafka, &stage.topic(), record).await?;
    }
    stage.coordinator.wait_quiet().await?;
    let after = stage.records().await?;
    ensure!(after.len() == 2 * before.len(), "{} records", after.len());
    ensure!(
        log::copies(&after).values().all(|copies| *copies == 2),
        "each event stands twice"
    );
    settles(&stage, &mut neighbour).await?;
    let totals = stage.clients.analytics.clone();
    let totals = totals
        .clone()
        .get_totals(by(OPERATOR, Default::default()))
        .await?
        .into_inner();
    ensure!(
        (totals.filed, totals.settled_directly, totals.recovered_fen) == (2, 2, 200),
        "{totals:?}"
    );
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn another_event_at_the_head_is_parked() -> Result<()> {
    let stage = Scene::new("conflict").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    // routing once more, otherwise: the same version under another id
    let other = scribe(&stage, &play, 1).await?.routed()?;
    ensure!(other.sequence == play.version, "{other:?}");
    stage.publish(&other).await?;
    everywhere_parked(&stage, &["conflict"]).await?;
    settles(&stage, &mut play).await?;
    settles(&stage, &mut neighbour).await?;
    stage
        .close(
            Ending::clean()
                .parked("conflict")
                .faults(1)
                .broken()
                .allow(WARNED),
        )
        .await
}

#[tokio::test]
async fn gap_that_does_not_heal_blocks_its_case_only() -> Result<()> {
    let stage = Scene::new("gap").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    let mut scribe = scribe(&stage, &play, 2).await?;
    acknowledged(&mut scribe, &play, Service::Mediation)?;
    let uscc = play.enterprise.split('/').nth(1).map(str::to_owned);
    let by = Actor {
        kind: ActorKind::Enterprise,
        org: uscc,
        subject: Some("e1".into()),
    };
    let text = case::TextRef {
        id: uuid::Uuid::now_v7(),
        hash: [7; 32],
    };
    let body = Body::AnswerNegotiation {
        text,
        machine: false,
    };
    let far = scribe.append(Service::Mediation, Command { by, body }, &Facts::None)?;
    stage.publish(&far).await?;
    everywhere_parked(&stage, &["gap"]).await?;

    play.version = 0;
    refused(play.enterprise(Act::Acknowledge).await, "CASE_PARKED");
    refused(
        play.consumer(Act::AskWithdrawal(proto::v1::WithdrawalReason::Mistake))
            .await,
        "CASE_PARKED",
    );
    refused(play.case().await, "CASE_PARKED");
    refused(play.in_routing().await, "CASE_PARKED");
    settles(&stage, &mut neighbour).await?;
    stage
        .close(Ending::clean().parked("gap").blocked(play.id()).faults(1))
        .await
}

#[tokio::test]
async fn broken_chain_blocks_until_operators_let_its_owner_go_on() -> Result<()> {
    let stage = Scene::new("broken").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    let mut forged = acknowledged(
        &mut scribe(&stage, &play, 2).await?,
        &play,
        Service::Mediation,
    )?;
    forged.chain[0] ^= 1;
    stage.publish(&forged).await?;
    everywhere_parked(&stage, &["broken_chain"]).await?;
    refused(play.enterprise(Act::Acknowledge).await, "CASE_PARKED");
    settles(&stage, &mut neighbour).await?;

    // the owner is let go on; its next decision, the right one, frees the others, which keep the wrong record
    operators_clear(&stage, &play, &["mediation".to_owned()]).await?;
    settles(&stage, &mut play).await?;
    for service in ["intake", "routing", "analytics"] {
        let parked = tables::parked(&stage.database(service)).await?;
        ensure!(
            parked == ["conflict"],
            "{service}: {parked:?}, now that another event stands in its place"
        );
        drop_parked(&stage, service).await?;
    }
    stage
        .close(Ending::clean().faults(1).broken().allow(WARNED))
        .await
}

#[tokio::test]
async fn unknown_type_blocks_its_case_until_operators_drop_it() -> Result<()> {
    let stage = Scene::new("unknown").open().await?;
    let (mut play, mut neighbour) = two_negotiations(&stage).await?;
    let scribe = scribe(&stage, &play, 2).await?;
    let mut later = acknowledged(&mut scribe.clone(), &play, Service::Mediation)?;
    later.event_type = "odr.case.v1.SomethingOfALaterRelease".into();
    scribe.chain(&mut later);
    stage.publish(&later).await?;
    everywhere_parked(&stage, &["unknown_type"]).await?;
    refused(play.enterprise(Act::Acknowledge).await, "CASE_PARKED");
    settles(&stage, &mut neighbour).await?;

    operators_clear(&stage, &play, &stage.services()).await?;
    settles(&stage, &mut play).await?;
    stage.close(Ending::clean().faults(1).allow(WARNED)).await
}
