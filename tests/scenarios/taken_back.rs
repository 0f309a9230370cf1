//! A database that lost its last commits takes the records they held back: they are read again.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use devstack::servers::Kind;
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Scene, Stage, eventually, tables};
use sqlx::{Connection, PgConnection};
use tokio::task::block_in_place;
use tonic::Code;

const LIVES: usize = 20;
const RECOVERY: Duration = Duration::from_secs(40);
/// Breakdowns until one takes something back; one or two do.
const MOST_ROUNDS: usize = 20;
/// Records that are read in one go before a breakdown.
const BACKLOG: i64 = 20;
const READER: &str = "analytics";
const READ_AGAIN: &str = "records that were taken in";

/// The reader's database answers before what it commits is on disk, and takes its time: like a standby that lags and is
/// made the primary, it loses the last commits when it breaks down. The other databases lose nothing.
async fn write_late(stage: &Stage) -> Result<()> {
    let mut connection = PgConnection::connect(&stage.database(READER)).await?;
    for statement in [
        "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$",
        "alter system set wal_writer_delay = '10s'",
        "alter system set wal_writer_flush_after = '1GB'",
        "select pg_reload_conf()",
        // the setting is for those who come from now on
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()",
    ] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

/// How many records a service has taken in, of all partitions.
async fn taken_in(stage: &Stage, service: &str) -> Result<i64> {
    let sum = "select coalesce(sum(next_offset), 0)::bigint from chassis.positions";
    tables::number(&stage.database(service), sum).await
}

/// Breaks the database down right after a service has read some records; how many of them it has lost.
async fn break_down(stage: &mut Stage) -> Result<i64> {
    let services = stage.services();
    stage.stack.stop(READER, 0)?;
    let from = taken_in(stage, READER).await?;
    eventually("a backlog", RECOVERY, || async {
        Ok((taken_in(stage, "intake").await? >= from + BACKLOG).then_some(()))
    })
    .await?;
    for other in services.iter().filter(|service| *service != READER) {
        stage.stack.stop(other, 0)?;
    }
    let backlog = taken_in(stage, "intake").await?;
    stage.stack.cont(READER, 0)?;
    eventually("the backlog is read", RECOVERY, || async {
        Ok((taken_in(stage, READER).await? >= backlog).then_some(()))
    })
    .await?;
    stage.stack.stop(READER, 0)?;
    let before = taken_in(stage, READER).await?;
    kill_and_start(stage)?;
    let after = taken_in(stage, READER).await?;
    for service in &services {
        stage.stack.cont(service, 0)?;
    }
    Ok(before - after)
}

fn kill_and_start(stage: &mut Stage) -> Result<()> {
    block_in_place(|| stage.own.running().kill(Kind::Postgres))?;
    block_in_place(|| stage.own.running().start_again(Kind::Postgres))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_a_breakdown_took_back_are_read_again() -> Result<()> {
    let mut stage = Scene::new("taken_back")
        .crowded()
        .own(Kind::Postgres)
        // whoever stands still keeps its partitions: with new ones it would begin at the stored positions anyway
        .setting_of_all("ODR_SESSION_TIMEOUT_MS", "30000")
        .open()
        .await?;
    write_late(&stage).await?;
    let crowd = Crowd::distrusting(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    let mut rounds = 0;
    loop {
        rounds += 1;
        ensure!(rounds <= MOST_ROUNDS, "no breakdown took anything back");
        let lost = break_down(&mut stage).await?;
        crowd.lived(crowd.size(), RECOVERY).await?;
        if lost > 0 {
            println!("breakdown {rounds} took {lost} records back");
            break;
        }
    }
    let logs = stage.stack.logs();
    let log = logs
        .iter()
        .find(|log| log.to_string_lossy().contains(READER))
        .context("the service writes a log")?;
    eventually("the service tells what it found", RECOVERY, || async {
        Ok(fs::read_to_string(log)?.contains(READ_AGAIN).then_some(()))
    })
    .await?;

    // and in the middle of whatever everybody does
    for _ in 0..3 {
        kill_and_start(&mut stage)?;
        crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    }
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    // and those who read again ask the database for positions while it is away
    let ending = Ending::without_database().allow("positions cannot be checked yet");
    stage.close(ending).await
}
