//! Replicas that leave and join under load: nobody notices but by an answer that says to ask again.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Scene, Stage};
use tonic::Code;

const LIVES: usize = 20;
const DRAIN: Duration = Duration::from_secs(20);
const RECOVERY: Duration = Duration::from_secs(40);

async fn leave(stage: &mut Stage, service: &str, replica: usize) -> Result<()> {
    let status = stage.stack.terminate(service, replica, DRAIN).await?;
    ensure!(status.success(), "{service}-{replica} ended with {status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_leave_and_join_lose_nothing_and_double_nothing() -> Result<()> {
    let mut stage = Scene::new("rolling").crowded().replicas(2).open().await?;
    let crowd = Crowd::gather(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    // the partitions go to one, then to two again
    for _ in 0..2 {
        for service in stage.services() {
            leave(&mut stage, &service, 1).await?;
        }
        crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
        for service in stage.services() {
            stage.stack.start_again(&service, 1)?;
        }
        crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    }
    // a release rolls out: each replica ends in order and comes again, one after the other
    for service in stage.services() {
        for replica in 0..2 {
            stage.stack.wait_ready(&service, 1 - replica).await?;
            leave(&mut stage, &service, replica).await?;
            stage.stack.restart(&service, replica).await?;
        }
    }
    crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable, Code::Unknown, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage
        .close(Ending::clean().allow("a batch is tried again"))
        .await
}
