//! The clock is stepped while people act, here before there: deadlines fire once each, and none before its instant.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use case::{Event, EventKind};
use chassis::envelope::Envelope;
use chassis::pb::GetClockRequest;
use chrono::{DateTime, TimeDelta, Utc};
use devstack::coordinator::Coordinator;
use e2e::account::answered;
use e2e::{Crowd, Ending, Filing, Lived, OPERATOR, SPACE, Scene, Stage, by, tables};
use proto::v1::CaseStateKind;
use tonic::Code;
use uuid::Uuid;

/// Complaints whose enterprise stays silent and whose consumer lets it rest.
const SILENT: usize = 24;
const DAYS: i64 = 60;
const PATIENCE: Duration = Duration::from_secs(60);

/// What the passing of time makes of a case, each once at most.
const OF_TIME: [EventKind; 3] = [
    EventKind::NegotiationExpired,
    EventKind::ClosedUnescalated,
    EventKind::PerformanceLapsed,
];

/// A day after another, at one service before the others, as fast as people act.
async fn step_through(stage: &Stage, crowd: &Crowd, from: DateTime<Utc>) -> Result<()> {
    let services = stage.services();
    for day in 1..=DAYS {
        let now = from + TimeDelta::days(day);
        let ahead = &services[usize::try_from(day)? % services.len()];
        let early = Coordinator::new(&stage.stack.endpoints(ahead), PATIENCE)?;
        early.set_clock(SPACE, now).await?;
        crowd.lived(1, PATIENCE).await?;
        stage.coordinator.set_clock(SPACE, now).await?;
        if day % 10 == 0 {
            goes_never_back(stage, now).await?;
        }
    }
    Ok(())
}

async fn goes_never_back(stage: &Stage, now: DateTime<Utc>) -> Result<()> {
    // whether it is refused or passed over
    drop(
        stage
            .coordinator
            .set_clock(SPACE, now - TimeDelta::days(1))
            .await,
    );
    let space = SPACE.to_owned();
    let asked = by(OPERATOR, GetClockRequest { space });
    let shown = stage.clients.ops("mediation").get_clock(asked).await?;
    let shown = shown.into_inner().now.map(|at| at.seconds);
    ensure!(
        shown == Some(now.timestamp()),
        "the clock went back to {shown:?}"
    );
    Ok(())
}

/// The due instant of an event that a deadline made.
fn due(event: &Event) -> Option<DateTime<Utc>> {
    match event {
        Event::NegotiationExpired { stopped, .. } => Some(stopped.due.at),
        Event::ClosedUnescalated { due } | Event::PerformanceLapsed { due } => Some(due.at),
        _ => None,
    }
}

/// How often each thing that time does was done to each case; none of it too early, nothing at a time later than `last`,
/// which the clocks show in the end.
async fn done_by_time(
    stage: &Stage,
    last: DateTime<Utc>,
) -> Result<BTreeMap<(Uuid, EventKind), usize>> {
    let mut done = BTreeMap::new();
    let mut known = std::collections::BTreeSet::new();
    for record in stage.records().await? {
        let envelope = Envelope::read(&record)?;
        if !known.insert(envelope.id) {
            continue;
        }
        let time = envelope.time;
        ensure!(time <= last, "{time} was never shown: {envelope:?}");
        let read = docket::work::decode(&envelope);
        let event = read
            .map_err(|error| anyhow::anyhow!("{error:?}"))?
            .event
            .event;
        let Some(due) = due(&event) else { continue };
        ensure!(due <= time, "due at {due}, done at {time}: {event:?}");
        *done
            .entry((envelope.subject, event.event_kind()))
            .or_insert(0) += 1;
    }
    Ok(done)
}

/// What people did is there once: a case a filing, an answer a request.
async fn lives_are_there_once(stage: &Stage, lived: &Lived) -> Result<()> {
    lived.answered_only(&[Code::Unavailable, Code::DeadlineExceeded])?;
    let lives = lived.plays.len();
    let stored = tables::cases(&stage.database("mediation")).await?;
    for play in &lived.plays {
        ensure!(stored.contains_key(&play.id()), "{} is lost", play.case_id);
    }
    let counts = [
        ("cases", stored.len(), SILENT + lives),
        ("filings", answered(stage, "intake").await?, SILENT + lives),
        ("acts", answered(stage, "mediation").await?, 2 * lives),
    ];
    for (what, found, wanted) in counts {
        ensure!(found == wanted, "{found} {what} instead of {wanted}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stepped_under_load_every_deadline_fires_once_and_none_too_early() -> Result<()> {
    let monday: DateTime<Utc> = "2026-05-11T01:00:00Z".parse()?;
    let scene = Scene::new("stepped").at(monday).replicas(2);
    let stage = scene.crowded().open().await?;
    let shop = stage.enterprise(2).await?;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        let mut play = stage.file(Filing::against(&shop)).await?;
        play.reach(CaseStateKind::InNegotiation).await?;
        silent.push(play);
    }
    let crowd = Crowd::gather(&stage).await?;
    step_through(&stage, &crowd, monday).await?;
    let lived = crowd.disperse().await?;
    stage.coordinator.wait_quiet().await?;
    lives_are_there_once(&stage, &lived).await?;

    let done = done_by_time(&stage, monday + TimeDelta::days(DAYS)).await?;
    let twice: Vec<_> = done.iter().filter(|(_, count)| **count != 1).collect();
    ensure!(twice.is_empty(), "not once: {twice:?}");
    for play in &mut silent {
        for kind in [OF_TIME[0], OF_TIME[1]] {
            let fired = done.contains_key(&(play.id(), kind));
            ensure!(fired, "{kind} of {} never came", play.case_id);
        }
        play.reach(CaseStateKind::Closed).await?;
    }
    let lapsed = done.keys().filter(|(_, kind)| *kind == OF_TIME[2]).count();
    ensure!(
        lapsed > 0,
        "none of {} settlements lapsed",
        lived.plays.len()
    );
    println!(
        "{} lives while {} deadlines fired",
        lived.plays.len(),
        done.len()
    );
    stage.close(Ending::clean()).await
}
