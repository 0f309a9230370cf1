//! What operators do with the command line.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use case::state::Service;
use case::{Actor, ActorKind, Body, Command, Facts};
use chassis::pb::ListParkedRequest;
use e2e::{
    Act, Ending, Filing, OPERATOR, Offer, Scene, Scribe, Stage, by, eventually, log, programs,
    tables,
};
use proto::v1::CaseStateKind;

/// Runs `odrctl` against the stage; gives what it said.
async fn odrctl(stage: &Stage, arguments: &[&str]) -> Result<programs::Said> {
    let address = |service: &str| stage.stack.endpoint(service, 0);
    let variables = [
        ("ODR_INTAKE", address("intake")),
        ("ODR_ROUTING", address("routing")),
        ("ODR_MEDIATION", address("mediation")),
        ("ODR_ANALYTICS", address("analytics")),
    ];
    programs::run("odrctl", arguments, &variables).await
}

/// It succeeds and says this.
pub(crate) async fn says(stage: &Stage, arguments: &[&str], words: &[&str]) -> Result<()> {
    let said = odrctl(stage, arguments).await?;
    ensure!(said.success, "odrctl {arguments:?} failed:\n{}", said.text);
    for word in words {
        ensure!(
            said.text.contains(word),
            "odrctl {arguments:?} does not say {word}:\n{}",
            said.text
        );
    }
    Ok(())
}

async fn parked(stage: &Stage, service: &str) -> Result<Vec<chassis::pb::ParkedRecord>> {
    let mut ops = stage.clients.ops(service);
    Ok(ops
        .list_parked(by(OPERATOR, ListParkedRequest::default()))
        .await?
        .into_inner()
        .records)
}

#[tokio::test]
async fn parked_records_are_listed_retried_and_dropped() -> Result<()> {
    let stage = Scene::new("operators").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    let mut scribe = Scribe::after(&log::of_case(&stage.records().await?, play.id()))?;
    let enterprise = Actor {
        kind: ActorKind::Enterprise,
        org: Some(shop),
        subject: Some("e1".into()),
    };
    let command = Command {
        by: enterprise,
        body: Body::AcknowledgeNegotiation,
    };
    stage
        .publish(&scribe.append(Service::Routing, command, &Facts::None)?)
        .await?;
    for service in stage.services() {
        let url = stage.database(&service);
        eventually(
            &format!("{service} has parked it"),
            Duration::from_secs(20),
            || async { Ok((tables::parked(&url).await?.len() == 1).then_some(())) },
        )
        .await?;
        says(
            &stage,
            &["parked", "list", &service],
            &["wrong_source", &play.case_id],
        )
        .await?;
        says(
            &stage,
            &["parked", "retry", &service],
            &["taken in 0, still parked 1"],
        )
        .await?;
    }

    // when the case has moved on, the record is one that came before
    play.enterprise(Act::Propose(Offer::refund(100))).await?;
    play.consumer(Act::Accept).await?;
    play.is_everywhere(CaseStateKind::Settled).await?;
    let first = parked(&stage, "intake")
        .await?
        .first()
        .context("a record")?
        .id
        .to_string();
    says(
        &stage,
        &["parked", "retry", "intake", &first],
        &["taken in 1, still parked 0"],
    )
    .await?;
    for service in ["routing", "mediation", "analytics"] {
        let id = parked(&stage, service)
            .await?
            .first()
            .context("a record")?
            .id
            .to_string();
        says(
            &stage,
            &["parked", "drop", service, &id],
            &[&format!("dropped {id}")],
        )
        .await?;
        let again = odrctl(&stage, &["parked", "drop", service, &id]).await?;
        ensure!(
            !again.success && again.text.contains("not known"),
            "{}",
            again.text
        );
    }

    says(
        &stage,
        &["status"],
        &["intake", "routing", "mediation", "analytics"],
    )
    .await?;
    says(
        &stage,
        &["case", "show", &play.case_id],
        &[&play.filed.case_number],
    )
    .await?;
    stage
        .close(Ending::clean().faults(1).allow("a record was parked"))
        .await
}

#[tokio::test]
async fn republished_outbox_changes_nothing() -> Result<()> {
    let stage = Scene::new("republish").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    play.enterprise(Act::Propose(Offer::explanation())).await?;
    play.consumer(Act::Accept).await?;
    stage.coordinator.wait_quiet().await?;
    let before = stage.records().await?;
    for service in ["intake", "routing", "mediation"] {
        says(&stage, &["outbox", "republish", service, "--all"], &[]).await?;
    }
    stage.coordinator.wait_quiet().await?;
    let after = stage.records().await?;
    ensure!(
        after.len() == 2 * before.len(),
        "{} records after {}",
        after.len(),
        before.len()
    );
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn blocked_case_goes_on_when_operators_say_so() -> Result<()> {
    let stage = Scene::new("unblocked").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    let scribe = Scribe::after(&log::of_case(&stage.records().await?, play.id()))?;
    let enterprise = Actor {
        kind: ActorKind::Enterprise,
        org: Some(shop),
        subject: Some("e1".into()),
    };
    let command = Command {
        by: enterprise,
        body: Body::AcknowledgeNegotiation,
    };
    let mut later = scribe
        .clone()
        .append(Service::Mediation, command, &Facts::None)?;
    later.event_type = "odr.case.v1.SomethingOfALaterRelease".into();
    scribe.chain(&mut later);
    stage.publish(&later).await?;
    for service in stage.services() {
        let url = stage.database(&service);
        let blocked = "select count(*) from chassis.subjects where blocked = 'unknown_type'";
        eventually(
            &format!("{service} has blocked it"),
            Duration::from_secs(20),
            || async { Ok((tables::number(&url, blocked).await? == 1).then_some(())) },
        )
        .await?;
        let id = parked(&stage, &service)
            .await?
            .first()
            .context("a record")?
            .id
            .to_string();
        says(
            &stage,
            &["parked", "drop", &service, &id],
            &[&format!("dropped {id}")],
        )
        .await?;
        says(&stage, &["case", "unblock", &service, &play.case_id], &[]).await?;
    }
    play.enterprise(Act::Acknowledge).await?;
    play.is_everywhere(CaseStateKind::InNegotiation).await?;
    stage
        .close(Ending::clean().faults(1).allow("a record was parked"))
        .await
}

#[tokio::test]
async fn advanced_clock_stops_at_every_deadline() -> Result<()> {
    let stage = Scene::new("advanced")
        .at("2026-05-11T01:00:00Z".parse()?)
        .open()
        .await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    // ten working days until the negotiation expires, fifteen days until the window to escalate has passed
    says(
        &stage,
        &["clock", "advance", "--to", "2026-07-01"],
        &["in 3 steps"],
    )
    .await?;
    play.reach(CaseStateKind::Closed).await?;
    let story = [
        "NegotiationExpired",
        "ClosedUnescalated",
        "2026-05-26",
        "2026-06-10",
    ];
    says(&stage, &["case", "show", &play.case_id], &story).await?;
    stage.close(Ending::clean()).await
}
