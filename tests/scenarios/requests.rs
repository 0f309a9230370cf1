//! The same request again, and one's own writes read back, across services and restarts.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{Act, Ending, Filing, OPERATOR, Offer, Play, Scene, by};
use proto::routing::v1::{FiveOnes, RegisterEnterpriseRequest};
use proto::v1::CaseStateKind;
use tonic::Code;

const DRAIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn same_request_after_a_restart_gives_the_same_answer() -> Result<()> {
    let mut stage = Scene::new("again").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    let enterprise = play.enterprise.clone();
    let offer = || Act::Propose(Offer::refund(100));
    // a caller who repeats a request says the same, the version it had seen included
    let mut repeating = play.clone();
    let proposed = play.act_again(&enterprise, offer(), "offer".into()).await?;
    let proposal = play.proposal_id.clone();
    let register = RegisterEnterpriseRequest {
        request_id: "register".into(),
        uscc: e2e::synthetic_uscc(7),
        name: "Synthetic 7".into(),
        region: "VA".into(),
        industry: "retail".into(),
        five_ones: Some(FiveOnes::default()),
        delegate_uscc: String::new(),
        synthetic: true,
    };
    let mut routing = stage.clients.routing.clone();
    let registered = routing
        .register_enterprise(by(OPERATOR, register.clone()))
        .await?
        .into_inner();

    for service in ["intake", "routing", "mediation"] {
        let ended = stage.stack.terminate(service, 0, DRAIN).await?;
        ensure!(ended.success(), "{service} ended with {ended}");
        stage.stack.restart(service, 0).await?;
    }

    let filed = Play::file_as(&stage.clients, &play.consumer, play.request.clone())
        .await?
        .filed;
    ensure!(filed == play.filed, "{filed:?} instead of {:?}", play.filed);
    let again = repeating
        .act_again(&enterprise, offer(), "offer".into())
        .await?;
    ensure!(
        (again, repeating.proposal_id.clone()) == (proposed, proposal),
        "another proposal: {}",
        repeating.proposal_id
    );
    let once_more = routing
        .register_enterprise(by(OPERATOR, register.clone()))
        .await?
        .into_inner();
    ensure!(once_more == registered, "{once_more:?}");

    // the same ids with another body
    let mut other = play.request.clone();
    other.form.get_or_insert_default().paid_fen += 1;
    let answers = [
        Play::file_as(&stage.clients, &play.consumer, other)
            .await
            .err(),
        play.act_again(
            &enterprise,
            Act::Propose(Offer::refund(101)),
            "offer".into(),
        )
        .await
        .err(),
        routing
            .register_enterprise(by(
                OPERATOR,
                RegisterEnterpriseRequest {
                    name: "Other".into(),
                    ..register
                },
            ))
            .await
            .err(),
    ];
    for status in answers {
        ensure!(
            status
                .as_ref()
                .is_some_and(|status| status.code() == Code::AlreadyExists),
            "{status:?}"
        );
    }
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn own_writes_are_read_back_from_every_service() -> Result<()> {
    let stage = Scene::new("own_writes").open().await?;
    let shop = stage.enterprise(1).await?;
    for _ in 0..20 {
        let mut play = stage.file(Filing::against(&shop)).await?;
        // no waiting between the calls: each names what it has seen
        play.version += 1;
        play.is_everywhere(CaseStateKind::InNegotiation).await?;
        play.enterprise(Act::Propose(Offer::refund(100))).await?;
        play.is_everywhere(CaseStateKind::InNegotiation).await?;
        play.consumer(Act::Accept).await?;
        play.is_everywhere(CaseStateKind::Settled).await?;
    }
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn version_that_does_not_come_is_unavailable_within_the_deadline() -> Result<()> {
    let stage = Scene::new("not_yet").open().await?;
    let shop = stage.enterprise(1).await?;
    let filed = stage.file(Filing::against(&shop)).await?;
    let mut play = filed.clone();
    play.reach(CaseStateKind::InNegotiation).await?;
    play.speak_to(
        &stage
            .clients
            .clone()
            .patient_for(Duration::from_millis(700)),
    );
    play.version += 3;
    let started = std::time::Instant::now();
    let answers = [
        play.in_intake().await.err(),
        play.in_routing().await.err(),
        play.case().await.err(),
        play.in_analytics().await.err(),
        play.enterprise(Act::Acknowledge).await.err(),
        play.consumer(Act::AddEvidence).await.err(),
    ];
    for status in answers {
        let status =
            status.ok_or_else(|| anyhow::anyhow!("a version that is not there was seen"))?;
        ensure!(status.code() == Code::Unavailable, "{status:?}");
        ensure!(
            chassis::status::retry_after(&status).is_some(),
            "{status:?} does not say when to try again"
        );
    }
    ensure!(
        started.elapsed() < Duration::from_secs(6),
        "the deadline holds: {:?}",
        started.elapsed()
    );

    // without a version to wait for, an unknown case is not found at once
    let mut unknown = filed;
    unknown.case_id = uuid::Uuid::now_v7().to_string();
    unknown.version = 0;
    for status in [
        unknown.case().await.err(),
        unknown.in_routing().await.err(),
        unknown.in_analytics().await.err(),
    ] {
        ensure!(
            status
                .as_ref()
                .is_some_and(|status| status.code() == Code::NotFound),
            "{status:?}"
        );
    }
    stage.close(Ending::clean()).await
}
