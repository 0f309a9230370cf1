//! Orderly ends under load, and quick starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::{Act, Ending, Filing, Offer, Play, Scene, eventually};
use proto::v1::CaseStateKind;

/// The default deadline of a drain.
const DRAIN: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(30);
const CALLERS: usize = 8;

/// Files and proposes until told to stop or a call fails; gives what was accepted.
async fn busy(clients: e2e::Clients, shop: String, stop: Arc<AtomicBool>) -> Vec<Play> {
    let mut accepted = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut play) = Play::file(&clients, Filing::against(&shop)).await else {
            continue;
        };
        play.version += 1;
        // a failed proposal is no accepted one: the filing alone counts
        let proposed = play.enterprise(Act::Propose(Offer::refund(100))).await;
        if proposed.is_err() {
            play.version = 1;
        }
        accepted.push(play);
    }
    accepted
}

#[tokio::test]
async fn term_under_load_ends_in_time_and_loses_nothing_accepted() -> Result<()> {
    let mut stage = Scene::new("term").open().await?;
    let shop = stage.enterprise(1).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let clients = stage.clients.clone().patient_for(Duration::from_secs(9));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| tokio::spawn(busy(clients.clone(), shop.clone(), Arc::clone(&stop))))
        .collect();
    for service in stage.services() {
        let seen = e2e::tables::number(
            &stage.database("intake"),
            "select count(*) from chassis.subjects",
        )
        .await?;
        let url = stage.database("intake");
        eventually("filings come in", PATIENCE, || async {
            let now = e2e::tables::number(&url, "select count(*) from chassis.subjects").await?;
            Ok((now > seen + 20).then_some(()))
        })
        .await?;
        let asked = Instant::now();
        let status = stage.stack.terminate(&service, 0, DRAIN).await?;
        ensure!(status.success(), "{service} ended with {status}");
        let (drained, started) = (asked.elapsed(), Instant::now());
        // what waits for words that are no longer read is not waited for
        ensure!(drained < DRAIN / 3, "{service} took {drained:?} to end");
        stage.stack.restart(&service, 0).await?;
        println!(
            "{service}: drained in {drained:?}, ready again in {:?}",
            started.elapsed()
        );
        ensure!(
            started.elapsed() < Duration::from_secs(8),
            "{service} was ready after {:?}",
            started.elapsed()
        );
    }
    stop.store(true, Ordering::Relaxed);
    let mut accepted = Vec::new();
    for caller in callers {
        accepted.extend(caller.await?);
    }
    ensure!(
        accepted.len() > 100,
        "{} filings were accepted",
        accepted.len()
    );
    stage.coordinator.wait_quiet().await?;
    for play in &accepted {
        let case = play.case().await?;
        let proposed = play.version > 1;
        ensure!(case.state() == CaseStateKind::InNegotiation, "{case:?}");
        ensure!(
            !proposed || case.offers.len() == 1,
            "an accepted proposal was lost: {case:?}"
        );
    }
    stage.close(Ending::clean()).await
}

/// Kilobytes a service may hold when it has nothing to do.
const IDLE_KB: u64 = 40 * 1024;

#[tokio::test]
async fn idle_services_stay_small() -> Result<()> {
    let stage = Scene::new("small").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut play = stage.file(Filing::against(&shop)).await?;
    play.reach(CaseStateKind::InNegotiation).await?;
    stage.coordinator.wait_quiet().await?;
    for service in stage.services() {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", stage.stack.pid(&service, 0)))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let held: u64 = line
            .and_then(|line| line.split_whitespace().next())
            .unwrap_or("0")
            .parse()?;
        ensure!((1..IDLE_KB).contains(&held), "{service} holds {held} kB");
    }
    stage.close(Ending::clean()).await
}
