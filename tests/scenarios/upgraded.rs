//! This release takes over from the previous one, replica by replica, while a replay runs: and it can go back.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use chrono::NaiveDate;
use devstack::coordinator::Coordinator;
use devstack::replay::{People, Progress};
use e2e::{Ending, Scene, ShortReplay, Stage, eventually, programs};

use crate::replayed::{addresses, figures_are_exact};

const ROWS: usize = 300;
/// Rows filed before the first replica is replaced.
const BEFORE: u64 = 10;
const DRAIN: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(60);
const REPLICAS: usize = 2;

/// Rows filed so far.
#[derive(Default)]
struct Filed(AtomicU64);

impl Progress for Filed {
    fn filed(&self, rows: u64, _: NaiveDate) {
        self.0.fetch_add(rows, Ordering::Relaxed);
    }
}

impl Filed {
    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Ends a replica and starts it with the program of this folder.
async fn exchange(stage: &mut Stage, service: &str, replica: usize, folder: &Path) -> Result<()> {
    let ended = stage.stack.terminate(service, replica, DRAIN).await?;
    ensure!(ended.success(), "{service}-{replica} ended with {ended}");
    stage.stack.install(service, replica, folder)?;
    stage.stack.restart(service, replica).await
}

/// As docs/runbooks/upgrade.md says: each service's database first, then its replicas, one after another.
async fn roll(stage: &mut Stage, filed: &Filed, previous: &Path) -> Result<()> {
    eventually("the replay is under way", PATIENCE, || async {
        Ok((filed.count() >= BEFORE).then_some(()))
    })
    .await?;
    let (new, before) = (programs::folder()?, filed.count());
    for service in stage.services() {
        stage.stack.migrate_with(&service, &new).await?;
        for replica in 0..REPLICAS {
            exchange(stage, &service, replica, &new).await?;
        }
    }
    for service in ["intake", "mediation"] {
        exchange(stage, service, 1, previous).await?;
    }
    println!(
        "{} rows were filed while replicas were replaced",
        filed.count() - before
    );
    ensure!(
        filed.count() > before,
        "nobody filed while replicas were replaced"
    );
    for service in ["intake", "mediation"] {
        exchange(stage, service, 1, &new).await?;
    }
    Ok(())
}

/// Every replica's process runs a program of this folder.
fn all_run(stage: &Stage, folder: &Path) -> Result<()> {
    for service in stage.services() {
        for replica in 0..REPLICAS {
            let pid = stage.stack.pid(&service, replica);
            let program = std::fs::read_link(format!("/proc/{pid}/exe"))?;
            let wanted = folder.join(&service).canonicalize()?;
            ensure!(
                program == wanted,
                "{service}-{replica} is {program:?}, not {wanted:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_release_takes_over_from_the_previous_one_while_people_go_on() -> Result<()> {
    let Some(previous) = programs::previous_release() else {
        eprintln!(
            "SKIPPED: no programs of the previous release (ODR_PREVIOUS_BIN_DIR): nothing was rolled"
        );
        return Ok(());
    };
    let replay = ShortReplay::new(ROWS)?;
    let scene = Scene::new("upgrade")
        .at(replay.morning())
        .replicas(REPLICAS);
    let mut stage = scene.programs(&previous).open().await?;
    all_run(&stage, &previous)?;
    let people = People::of_replicas(&[addresses(&stage, 0), addresses(&stage, 1)])?;
    let services = stage.services();
    let endpoints: Vec<String> = services
        .iter()
        .flat_map(|service| stage.stack.endpoints(service))
        .collect();
    let coordinator = Coordinator::new(&endpoints, PATIENCE)?.through_restarts();

    let filed = Filed::default();
    let (replayed, rolled) = tokio::join!(
        replay.play(&people, &coordinator, &filed),
        roll(&mut stage, &filed, &previous)
    );
    rolled?;
    replayed?;
    all_run(&stage, &programs::folder()?)?;
    figures_are_exact(&stage, &people, &replay).await?;
    stage.close(Ending::clean()).await
}
