//! Processes that die, or stand still, just between two steps that belong together.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Filing, Play, SPACE, Scene, Stage, log, programs};
use proto::v1::CaseStateKind;

const LIVES: usize = 20;
const RECOVERY: Duration = Duration::from_secs(40);

/// Which points a service comes to under load: routing takes no calls from the crowd, analytics says nothing.
const POINTS: [(&str, &[&str]); 4] = [
    (
        "intake",
        &[
            "batch-middle",
            "calls-committed",
            "records-committed",
            "relay-read",
            "relay-produced",
        ],
    ),
    (
        "routing",
        &[
            "batch-middle",
            "records-committed",
            "relay-read",
            "relay-produced",
        ],
    ),
    (
        "mediation",
        &[
            "batch-middle",
            "calls-committed",
            "records-committed",
            "relay-read",
            "relay-produced",
        ],
    ),
    ("analytics", &["batch-middle", "records-committed"]),
];

/// Only programs built for tests have fail points.
fn programs_have_fail_points() -> Result<()> {
    let program = std::fs::read(programs::path("intake")?)?;
    ensure!(
        holds(&program, b"relay-produced"),
        "the programs have no fail points: run ./dev test, or build them with --features devstack/replay,chassis/failpoints"
    );
    Ok(())
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// Sets what the fail points of a service do from its next start on.
fn set(stage: &mut Stage, service: &str, points: Option<&str>) {
    stage.stack.set_variable(service, 0, "FAILPOINTS", points);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_dies_between_two_steps_loses_nothing_and_doubles_nothing() -> Result<()> {
    programs_have_fail_points()?;
    let mut stage = Scene::new("dying").crowded().open().await?;
    let crowd = Crowd::gather(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    for (service, points) in POINTS {
        stage.stack.kill(service, 0)?;
        for point in points {
            set(
                &mut stage,
                service,
                Some(&format!("{point}=3*off->1*return")),
            );
            stage.stack.start_again(service, 0)?;
            let ended = stage.stack.wait_ended(service, 0, RECOVERY).await;
            ended.with_context(|| format!("{service} does not come to {point}"))?;
        }
        set(&mut stage, service, None);
        stage.stack.restart(service, 0).await?;
        let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
        println!("{service}: the callers went on after {recovered:?}");
    }
    let lived = crowd.disperse().await?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage
        .close(Ending::clean().allow("a batch is tried again"))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_stands_still_between_two_steps_loses_nothing_and_doubles_nothing()
-> Result<()> {
    programs_have_fail_points()?;
    let mut scene = Scene::new("pausing").crowded();
    for (service, points) in POINTS {
        // longer than a transaction may stand idle
        let set: Vec<String> = points
            .iter()
            .map(|point| format!("{point}=10*off->1*return(2500)"))
            .collect();
        scene = scene.setting(service, "FAILPOINTS", &set.join(";"));
    }
    let stage = scene.open().await?;
    let crowd = Crowd::gather(&stage).await?;
    for (service, points) in POINTS {
        for point in points {
            stands_still(&stage, &crowd, service, point).await?;
        }
    }
    crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    let lived = crowd.disperse().await?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage
        .close(
            Ending::clean()
                .allow("a batch is tried again")
                .allow("lost its connection"),
        )
        .await
}

/// Waits until a service has stood still at a point; the crowd goes on meanwhile.
async fn stands_still(stage: &Stage, crowd: &Crowd, service: &str, point: &str) -> Result<()> {
    let said = format!("\"point\":\"{point}\"");
    for _ in 0..20 {
        let log = std::fs::read_to_string(stage.stack.log(service, 0))?;
        let stood = |line: &str| line.contains("a fail point stands still") && line.contains(&said);
        if log.lines().any(stood) {
            return Ok(());
        }
        crowd.lived(crowd.size(), RECOVERY).await?;
    }
    anyhow::bail!("{service} never came to {point}")
}

/// A Monday morning under Order 121, and when a negotiation begun then is over.
fn monday_and_due() -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    Ok((
        "2026-05-11T01:00:00Z".parse()?,
        "2026-05-25T16:00:00Z".parse()?,
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadline_loop_that_dies_or_stands_still_fires_each_deadline_once() -> Result<()> {
    const CASES: usize = 40;
    programs_have_fail_points()?;
    let (monday, due) = monday_and_due()?;
    let mut stage = Scene::new("dying_deadlines")
        .at(monday)
        .crowded()
        .setting("mediation", "FAILPOINTS", "deadlines-read=1*return")
        .open()
        .await?;
    let shop = stage.enterprise(1).await?;
    let mut plays: Vec<Play> = Vec::new();
    for _ in 0..CASES {
        plays.push(stage.file(Filing::against(&shop)).await?);
    }
    for play in &mut plays {
        play.reach(CaseStateKind::InNegotiation).await?;
    }
    stage.coordinator.wait_quiet().await?;

    // the service that is told the time may end before it answers
    drop(stage.coordinator.set_clock(SPACE, due).await);
    stage.stack.wait_ended("mediation", 0, RECOVERY).await?;
    // all of them have passed and nobody was woken; now it stands still before it wakes them, and dies after it
    set(
        &mut stage,
        "mediation",
        Some("deadlines-read=1*return(1500);deadlines-woken=1*return"),
    );
    stage.stack.start_again("mediation", 0)?;
    stage.stack.wait_ended("mediation", 0, RECOVERY).await?;
    set(&mut stage, "mediation", None);
    stage.stack.restart("mediation", 0).await?;
    stage.coordinator.set_clock(SPACE, due).await?;
    for play in &mut plays {
        play.reach(CaseStateKind::NegotiationFailed).await?;
    }
    stage.coordinator.wait_quiet().await?;
    let events = log::copies(&stage.records().await?).len();
    ensure!(
        events == 3 * CASES,
        "{events} events of {CASES} complaints that were filed, routed and left unanswered"
    );
    let said = std::fs::read_to_string(stage.stack.log("mediation", 0))?;
    for (words, times) in [
        ("a fail point ends the process", 2),
        ("a fail point stands still", 1),
    ] {
        let found = said.matches(words).count();
        ensure!(found == times, "mediation said {found} times that {words}");
    }
    stage.close(Ending::clean()).await
}
