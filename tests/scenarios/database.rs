//! PostgreSQL is away, cuts its connections, has no room left.

use std::time::Duration;

use anyhow::Result;
use devstack::servers::Kind;
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Scene, SmallDisk, Stage, eventually, tables};
use tokio::task::block_in_place;
use tonic::Code;

const LIVES: usize = 30;
const OUTAGE: Duration = Duration::from_secs(10);
const RECOVERY: Duration = Duration::from_secs(40);

/// Ends every session of the services.
async fn cut_all(stage: &Stage) -> Result<i64> {
    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity
               where pid <> pg_backend_pid() and backend_type = 'client backend'";
    tables::number(&stage.servers.database_url, cut).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn database_away_for_ten_seconds_loses_nothing_and_doubles_nothing() -> Result<()> {
    let mut stage = Scene::new("no_database")
        .crowded()
        .own(Kind::Postgres)
        .open()
        .await?;
    let crowd = Crowd::gather(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    block_in_place(|| stage.own.running().stop(Kind::Postgres))?;
    tokio::time::sleep(OUTAGE).await;
    block_in_place(|| stage.own.running().start_again(Kind::Postgres))?;
    let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    println!("the callers went on after {recovered:?}");

    for _ in 0..5 {
        cut_all(&stage).await?;
        crowd.lived(crowd.size(), RECOVERY).await?;
    }
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage.close(Ending::without_database()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_refuses_and_heals_when_there_is_room_again() -> Result<()> {
    if !SmallDisk::is_possible() {
        eprintln!("SKIPPED: this process may not mount a small disk, so none was filled");
        return Ok(());
    }
    let mut stage = Scene::new("full_disk")
        .crowded()
        .own_disk(400)
        .open()
        .await?;
    let crowd = Crowd::gather(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    stage.own.disk().fill()?;
    let log = stage.own.running().log(Kind::Postgres);
    eventually("PostgreSQL has no room", RECOVERY, || async {
        let full = std::fs::read_to_string(&log)?.contains("No space left on device");
        Ok(full.then_some(()))
    })
    .await?;
    tokio::time::sleep(OUTAGE / 4).await;
    stage.own.disk().empty()?;
    // it may have given up; whoever watches over it starts it again
    if !stage.own.running().is_alive(Kind::Postgres) {
        block_in_place(|| stage.own.running().start_again(Kind::Postgres))?;
    }
    let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    println!("the callers went on after {recovered:?}");
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage.close(Ending::without_database()).await
}
