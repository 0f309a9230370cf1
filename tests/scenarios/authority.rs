//! With an authority: held and routed by hand, accepted, mediated, agreed, performed; escalated, returned, refused.

use anyhow::{Context, Result, ensure};
use e2e::{Act, Ending, Filing, Offer, Scene, Stage, refused};
use proto::v1::case::Detail;
use proto::v1::{
    Case, CaseStateKind, DeclineReason, EndingGround, HoldReason, Performed, RefusalGround,
    ReturnReason,
};

/// The authority of Virginia, and the one above it.
const STATE: &str = "US-VA";
const FEDERAL: &str = "US-FED";

fn holder(case: &Case) -> Result<(&str, HoldReason)> {
    match &case.detail {
        Some(Detail::Held(held)) => Ok((&held.holder, held.reason())),
        other => anyhow::bail!("not held: {other:?}"),
    }
}

/// A complaint that its consumer took to an authority after the enterprise had declined.
async fn escalated(stage: &Stage, shop: &str) -> Result<e2e::Play> {
    let mut play = stage.file(Filing::against(shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    play.enterprise(Act::Decline(DeclineReason::ClaimDisputed))
        .await?;
    play.consumer(Act::Escalate).await?;
    play.reach(CaseStateKind::AtAuthority).await?;
    Ok(play)
}

#[tokio::test]
async fn held_complaint_is_routed_by_hand_and_mediated_to_a_sealed_agreement() -> Result<()> {
    let stage = Scene::new("held").open().await?;
    let shop = stage.enterprise(1).await?;
    let filing = Filing::against(&shop).without_odr().in_region("PR");
    let mut play = stage.file(filing).await?;
    let held = play.reach(CaseStateKind::HeldForRouting).await?;
    ensure!(
        holder(&held)? == (FEDERAL, HoldReason::RegionNotCovered),
        "{held:?}"
    );

    refused(
        play.official(STATE, Act::RouteByHand(STATE.into())).await,
        "NOT_HOLDER",
    );
    refused(
        play.official(FEDERAL, Act::RouteByHand("US-XX".into()))
            .await,
        "AUTHORITY_UNKNOWN",
    );
    refused(
        play.official(FEDERAL, Act::RefuseHeld(RefusalGround::NotDailyConsumption))
            .await,
        "GROUND_NOT_FOR_COMMAND",
    );
    play.official(FEDERAL, Act::RouteByHand(STATE.into()))
        .await?;
    play.is_everywhere(CaseStateKind::AtAuthority).await?;
    refused(
        play.official(FEDERAL, Act::AcceptComplaint).await,
        "NOT_HOLDER",
    );
    play.official(STATE, Act::AcceptComplaint).await?;

    play.official(STATE, Act::Propose(Offer::refund(5_000)))
        .await?;
    play.consumer(Act::Accept).await?;
    refused(
        play.consumer(Act::Accept).await,
        "PROPOSAL_ALREADY_ACCEPTED",
    );
    play.enterprise(Act::Accept).await?;
    refused(
        play.enterprise(Act::Propose(Offer::refund(1))).await,
        "TERMS_ALREADY_AGREED",
    );
    play.consumer(Act::Sign).await?;
    refused(play.official(STATE, Act::Seal).await, "SIGNATURES_MISSING");
    play.enterprise(Act::Sign).await?;
    play.official(STATE, Act::Seal).await?;
    play.is_everywhere(CaseStateKind::Settled).await?;
    play.enterprise(Act::Declare).await?;
    play.consumer(Act::Confirm(Performed::Partly, 2_500))
        .await?;
    play.consumer(Act::Rate(3)).await?;
    play.is_everywhere(CaseStateKind::Closed).await?;

    let fact = play.in_analytics().await?;
    ensure!(
        (fact.recovered_fen, fact.stars, fact.authority.as_str()) == (2_500, 3, STATE),
        "{fact:?}"
    );
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn held_complaint_is_refused_by_its_holder() -> Result<()> {
    let stage = Scene::new("refuse_held").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage
        .file(Filing::against(&shop).without_odr().in_region("GU"))
        .await?;
    play.reach(CaseStateKind::HeldForRouting).await?;
    play.official(FEDERAL, Act::RefuseHeld(RefusalGround::OutsideCompetence))
        .await?;
    play.is_everywhere(CaseStateKind::Closed).await?;
    // a closed case is mediation's: routing has no more say
    refused(
        play.official(FEDERAL, Act::RouteByHand(STATE.into())).await,
        "NOT_OWNER",
    );
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn returned_complaint_goes_to_the_superior_and_back_by_hand() -> Result<()> {
    let stage = Scene::new("returned").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = escalated(&stage, &shop).await?;
    let first = play.case().await?.last_receipt.context("a receipt")?;
    play.official(STATE, Act::Return(ReturnReason::AddressUnclear))
        .await?;
    let held = play.reach(CaseStateKind::HeldForRouting).await?;
    ensure!(
        holder(&held)? == (FEDERAL, HoldReason::Returned),
        "{held:?}"
    );

    // the same authority again: it keeps its receipt and its date
    play.official(FEDERAL, Act::RouteByHand(STATE.into()))
        .await?;
    let again = play.reach(CaseStateKind::AtAuthority).await?;
    let receipt = again.last_receipt.clone().context("a receipt")?;
    ensure!(
        receipt.received_at == first.received_at && receipt.decide_by == first.decide_by,
        "{receipt:?}"
    );
    ensure!(
        (again.receipt_count, again.return_count) == (2, 1),
        "{again:?}"
    );

    play.official(STATE, Act::Return(ReturnReason::NotCompetent))
        .await?;
    play.reach(CaseStateKind::HeldForRouting).await?;
    play.official(FEDERAL, Act::RouteByHand(FEDERAL.into()))
        .await?;
    let moved = play.reach(CaseStateKind::AtAuthority).await?;
    let receipt = moved.last_receipt.context("a receipt")?;
    ensure!(
        receipt.received_at != first.received_at,
        "another authority's time begins anew: {receipt:?}"
    );
    refused(
        play.official(FEDERAL, Act::Return(ReturnReason::NotCompetent))
            .await,
        "NO_SUPERIOR",
    );
    play.official(FEDERAL, Act::Refuse(RefusalGround::NotDailyConsumption))
        .await?;
    play.is_everywhere(CaseStateKind::Closed).await?;
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn mediation_ends_in_each_of_its_ways() -> Result<()> {
    let stage = Scene::new("mediations").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut accepted = Vec::new();
    for _ in 0..4 {
        let mut play = escalated(&stage, &shop).await?;
        play.official(STATE, Act::AcceptComplaint).await?;
        accepted.push(play);
    }
    let [ended, settled_themselves, waived, recorded] = &mut accepted[..] else {
        anyhow::bail!("four complaints were filed");
    };

    refused(
        ended
            .official(STATE, Act::EndMediation(EndingGround::TimeExpired))
            .await,
        "NOT_DUE",
    );
    refused(
        ended
            .official(
                FEDERAL,
                Act::EndMediation(EndingGround::NoAgreementPossible),
            )
            .await,
        "NOT_HOLDER",
    );
    ended
        .official(STATE, Act::EndMediation(EndingGround::NoAgreementPossible))
        .await?;
    ended.is_everywhere(CaseStateKind::Closed).await?;

    settled_themselves
        .official(STATE, Act::RecordSelfSettlement)
        .await?;
    settled_themselves
        .is_everywhere(CaseStateKind::Closed)
        .await?;

    waived
        .enterprise(Act::Propose(Offer::explanation()))
        .await?;
    waived.consumer(Act::Accept).await?;
    waived.consumer(Act::Waive).await?;
    waived.enterprise(Act::Waive).await?;
    waived.is_everywhere(CaseStateKind::Settled).await?;

    recorded.consumer(Act::Propose(Offer::refund(700))).await?;
    recorded.enterprise(Act::Accept).await?;
    recorded.official(STATE, Act::Record).await?;
    recorded.enterprise(Act::Report).await?;
    recorded.consumer(Act::Confirm(Performed::Yes, 700)).await?;
    recorded.is_everywhere(CaseStateKind::Closed).await?;
    stage.close(Ending::clean()).await
}
