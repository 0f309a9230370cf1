//! Deadlines on the stepped clock: an instant is in time or late, whatever the loops do; silence is an event.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use e2e::{Act, Ending, Filing, OPERATOR, Offer, Play, SPACE, Scene, Stage, by, refused, tables};
use proto::analytics::v1::{GetIndicatorsRequest, GetTotalsRequest};
use proto::v1::case::Detail;
use proto::v1::{Case, CaseStateKind, FailedWhy, OutcomeKind, Performed};

const STATE: &str = "US-VA";

/// A Monday morning under Order 121.
fn monday() -> DateTime<Utc> {
    "2026-05-11T01:00:00Z".parse().expect("an instant")
}

/// The earliest due instant of a case.
fn due(case: &Case) -> Result<DateTime<Utc>> {
    let first = case.due_dates.first().context("a due date")?;
    let at = first
        .due
        .as_ref()
        .and_then(|due| due.at)
        .context("an instant")?;
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos)?).context("an instant")
}

fn why(case: &Case) -> Option<FailedWhy> {
    match &case.detail {
        Some(Detail::NegotiationFailed(failed)) => Some(failed.why()),
        _ => None,
    }
}

async fn negotiated(stage: &Stage, filing: Filing) -> Result<(Play, DateTime<Utc>)> {
    let mut play = stage.file(filing).await?;
    let case = play.reach(CaseStateKind::InNegotiation).await?;
    let due = due(&case)?;
    Ok((play, due))
}

#[tokio::test]
async fn last_microsecond_is_in_time_and_the_due_instant_is_late() -> Result<()> {
    let stage = Scene::new("due").at(monday()).open().await?;
    let shop = stage.enterprise(1).await?;
    let (mut punctual, due) = negotiated(&stage, Filing::against(&shop)).await?;
    let (mut late, same) = negotiated(&stage, Filing::against(&shop)).await?;
    ensure!(
        due == same && due == "2026-05-25T16:00:00Z".parse::<DateTime<Utc>>()?,
        "ten working days: {due}"
    );

    stage
        .coordinator
        .set_clock(SPACE, due - TimeDelta::microseconds(1))
        .await?;
    punctual
        .enterprise(Act::Propose(Offer::refund(100)))
        .await?;
    punctual.consumer(Act::Accept).await?;

    // mediation's time alone, and nobody tells its deadline loop: the call comes first
    let step = format!(
        "update chassis.clocks set now = '{}' returning 1::bigint",
        due.to_rfc3339()
    );
    tables::number(&stage.database("mediation"), &step).await?;
    refused(
        late.enterprise(Act::Propose(Offer::refund(100))).await,
        "WRONG_STATE",
    );
    stage.coordinator.set_clock(SPACE, due).await?;
    let failed = late.reach(CaseStateKind::NegotiationFailed).await?;
    ensure!(
        why(&failed) == Some(FailedWhy::EnterpriseSilent),
        "{failed:?}"
    );
    punctual.is_everywhere(CaseStateKind::Settled).await?;
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn silence_is_recorded_and_a_complaint_left_to_rest_is_closed() -> Result<()> {
    let stage = Scene::new("silence").at(monday()).open().await?;
    let shop = stage.enterprise(1).await?;
    let (mut resting, first) = negotiated(&stage, Filing::against(&shop)).await?;
    let (mut answered, _) = negotiated(&stage, Filing::against(&shop)).await?;
    answered.enterprise(Act::Answer).await?;

    stage.coordinator.advance(SPACE, first).await?;
    let silent = resting.reach(CaseStateKind::NegotiationFailed).await?;
    let talked = answered.reach(CaseStateKind::NegotiationFailed).await?;
    ensure!(
        why(&silent) == Some(FailedWhy::EnterpriseSilent),
        "{silent:?}"
    );
    ensure!(
        why(&talked) == Some(FailedWhy::NotAgreedInTime),
        "{talked:?}"
    );

    // the window passes at its own instant; one microsecond before, the consumer may still go on
    let window = due(&silent)?;
    stage
        .coordinator
        .advance(SPACE, window - TimeDelta::microseconds(1))
        .await?;
    answered.consumer(Act::Escalate).await?;
    stage.coordinator.advance(SPACE, window).await?;
    let closed = resting.reach(CaseStateKind::Closed).await?;
    let Some(Detail::Closed(closed)) = &closed.detail else {
        anyhow::bail!("closed")
    };
    ensure!(
        closed.outcome.map(|outcome| outcome.kind()) == Some(OutcomeKind::NotEscalated),
        "{closed:?}"
    );
    resting.is_everywhere(CaseStateKind::Closed).await?;
    answered.reach(CaseStateKind::AtAuthority).await?;

    let mut analytics = stage.clients.analytics.clone();
    let totals = analytics
        .get_totals(by(OPERATOR, GetTotalsRequest::default()))
        .await?
        .into_inner();
    // both ended by their deadline, one of them in silence
    ensure!(
        (totals.expired, totals.let_rest, totals.escalated) == (2, 1, 1),
        "{totals:?}"
    );
    let indicators = analytics
        .get_indicators(by(OPERATOR, GetIndicatorsRequest::default()))
        .await?
        .into_inner();
    let silence = indicators.silence.context("a ratio")?;
    ensure!(
        (silence.numerator, silence.denominator) == (1, 2),
        "{silence:?}"
    );
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn consented_complaint_escalates_by_itself_after_silence_only() -> Result<()> {
    let stage = Scene::new("consent").at(monday()).open().await?;
    let shop = stage.enterprise(1).await?;
    let consenting = || Filing::against(&shop).escalating_by_itself();
    let (mut silent, due) = negotiated(&stage, consenting()).await?;
    let (mut answered, _) = negotiated(&stage, consenting()).await?;
    answered.enterprise(Act::Answer).await?;
    stage.coordinator.advance(SPACE, due).await?;
    let case = silent.reach(CaseStateKind::AtAuthority).await?;
    ensure!(
        case.odr_failed && case.authority.as_deref() == Some(STATE),
        "{case:?}"
    );
    silent.is_everywhere(CaseStateKind::AtAuthority).await?;
    answered.reach(CaseStateKind::NegotiationFailed).await?;
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn authority_that_is_late_keeps_the_case_and_its_lateness_is_recorded() -> Result<()> {
    let stage = Scene::new("late").at(monday()).open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop).without_odr()).await?;
    let received = play.reach(CaseStateKind::AtAuthority).await?;
    let decide_by = due(&received)?;
    stage.coordinator.advance(SPACE, decide_by).await?;
    let overdue = play.reach(CaseStateKind::AtAuthority).await?;
    ensure!(
        overdue
            .due_dates
            .first()
            .is_some_and(|date| date.overdue_at.is_some()),
        "{overdue:?}"
    );

    play.version = overdue.version;
    play.official(STATE, Act::AcceptComplaint).await?;
    let accepted = play.case().await?;
    let mediation_due = due(&accepted)?;
    stage.coordinator.advance(SPACE, mediation_due).await?;
    play.reach(CaseStateKind::InMediation).await?;
    play.official(
        STATE,
        Act::EndMediation(proto::v1::EndingGround::TimeExpired),
    )
    .await?;
    play.is_everywhere(CaseStateKind::Closed).await?;
    let mut analytics = stage.clients.analytics.clone();
    let indicators = analytics
        .get_indicators(by(OPERATOR, GetIndicatorsRequest::default()))
        .await?;
    let on_time = indicators
        .into_inner()
        .acceptance_on_time
        .context("a ratio")?;
    ensure!(
        (on_time.numerator, on_time.denominator) == (0, 1),
        "{on_time:?}"
    );
    stage.close(Ending::clean()).await
}

#[tokio::test]
async fn performance_lapses_or_is_broken_from_its_day_on() -> Result<()> {
    let stage = Scene::new("performance").at(monday()).open().await?;
    let shop = stage.enterprise(1).await?;
    let offer = || Act::Propose(Offer::refund(100).by_day("2026-05-15"));
    let mut settled = Vec::new();
    for _ in 0..2 {
        let (mut play, _) = negotiated(&stage, Filing::against(&shop)).await?;
        play.enterprise(offer()).await?;
        play.consumer(Act::Accept).await?;
        settled.push(play);
    }
    let [lapsing, broken] = &mut settled[..] else {
        anyhow::bail!("two were settled")
    };
    let day = law::day::start_of("2026-05-15".parse()?);
    stage
        .coordinator
        .advance(SPACE, day - TimeDelta::microseconds(1))
        .await?;
    refused(
        broken.consumer(Act::ReportBreach).await,
        "PERFORMANCE_NOT_DUE",
    );
    stage.coordinator.advance(SPACE, day).await?;
    broken.consumer(Act::ReportBreach).await?;
    let failed = broken.reach(CaseStateKind::NegotiationFailed).await?;
    ensure!(why(&failed) == Some(FailedWhy::Broken), "{failed:?}");
    broken.consumer(Act::Escalate).await?;
    broken.reach(CaseStateKind::AtAuthority).await?;

    let lapse = due(&lapsing.case().await?)?;
    stage.coordinator.advance(SPACE, lapse).await?;
    let closed = lapsing.reach(CaseStateKind::Closed).await?;
    let Some(Detail::Closed(closed)) = &closed.detail else {
        anyhow::bail!("closed")
    };
    ensure!(closed.performed() == Performed::Unknown, "{closed:?}");
    stage.close(Ending::clean()).await
}
