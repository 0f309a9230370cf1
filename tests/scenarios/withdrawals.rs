//! Withdrawal is asked at intake and answered by whoever owns the case, wherever it stands.

use anyhow::{Result, ensure};
use e2e::{Act, Ending, Filing, Offer, Play, Scene, Stage, refused};
use proto::v1::case::Detail;
use proto::v1::{Case, CaseStateKind, EndingGround, OutcomeKind, WithdrawalReason};

const STATE: &str = "US-VA";
const ASK: Act = Act::AskWithdrawal(WithdrawalReason::SettledOutside);

fn outcome(case: &Case) -> Option<OutcomeKind> {
    match &case.detail {
        Some(Detail::Closed(closed)) => closed.outcome.map(|outcome| outcome.kind()),
        _ => None,
    }
}

async fn at_authority(stage: &Stage, shop: &str) -> Result<Play> {
    let mut play = stage.file(Filing::against(shop).without_odr()).await?;
    play.reach(CaseStateKind::AtAuthority).await?;
    Ok(play)
}

#[tokio::test]
async fn withdrawal_is_answered_in_every_state() -> Result<()> {
    let stage = Scene::new("withdrawal").open().await?;
    let shop = stage.enterprise(1).await?;

    // just filed: whether routing reads the request before it routes or after, the complaint is withdrawn
    let mut filed = stage.file(Filing::against(&shop)).await?;
    filed.consumer(ASK).await?;
    let mut negotiated = stage.file(Filing::against(&shop)).await?;
    negotiated.reach(CaseStateKind::InNegotiation).await?;
    negotiated.enterprise(Act::Answer).await?;
    negotiated.consumer(ASK).await?;
    let mut failed = stage.file(Filing::against(&shop)).await?;
    failed.reach(CaseStateKind::InNegotiation).await?;
    failed.consumer(Act::EndNegotiation).await?;
    failed.consumer(ASK).await?;
    let mut held = stage
        .file(Filing::against(&shop).without_odr().in_region("PR"))
        .await?;
    held.reach(CaseStateKind::HeldForRouting).await?;
    held.consumer(ASK).await?;
    let mut received = at_authority(&stage, &shop).await?;
    received.consumer(ASK).await?;
    for play in [
        &mut filed,
        &mut negotiated,
        &mut failed,
        &mut held,
        &mut received,
    ] {
        let case = play.reach(CaseStateKind::Closed).await?;
        ensure!(outcome(&case) == Some(OutcomeKind::Withdrawn), "{case:?}");
        play.is_everywhere(CaseStateKind::Closed).await?;
    }
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn withdrawal_in_mediation_ends_it_and_after_a_settlement_is_refused() -> Result<()> {
    let stage = Scene::new("late_withdrawal").open().await?;
    let shop = stage.enterprise(1).await?;

    let mut mediated = at_authority(&stage, &shop).await?;
    mediated.official(STATE, Act::AcceptComplaint).await?;
    mediated.consumer(ASK).await?;
    let case = mediated.reach(CaseStateKind::Closed).await?;
    ensure!(
        outcome(&case) == Some(OutcomeKind::MediationEnded),
        "{case:?}"
    );
    let Some(Detail::Closed(closed)) = &case.detail else {
        anyhow::bail!("closed")
    };
    let ground = closed.outcome.map(|outcome| outcome.ending_ground());
    ensure!(
        ground == Some(EndingGround::WithdrawnOrSelfSettled),
        "{case:?}"
    );

    // asked before intake knew of the settlement, read after it: the owner answers with a refusal
    let mut settled = stage.file(Filing::against(&shop)).await?;
    settled.reach(CaseStateKind::InNegotiation).await?;
    settled.enterprise(Act::Propose(Offer::refund(100))).await?;
    let before = settled.clone();
    stage.stack.stop("intake", 0)?;
    settled.consumer(Act::Accept).await?;
    let (mut asking, accepted) = (before, settled.version);
    let asked = tokio::spawn(async move { asking.consumer(ASK).await });
    stage.stack.cont("intake", 0)?;
    match asked.await? {
        // intake had not read the settlement yet: mediation answers the request with a decision
        Ok(_) => settled.version = accepted + 1,
        Err(status) => refused(Err::<(), _>(status), "WRONG_STATE"),
    }
    settled.is_everywhere(CaseStateKind::Settled).await?;
    refused(settled.consumer(ASK).await, "WRONG_STATE");
    stage.close(Ending::clean()).await
}
