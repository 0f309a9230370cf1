//! Each service is killed and started again under load, with nobody beside it.

use std::time::Duration;

use anyhow::Result;
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Scene};
use tonic::Code;

const LIVES: usize = 30;
const RECOVERY: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_killed_under_load_loses_nothing_and_doubles_nothing() -> Result<()> {
    let mut stage = Scene::new("killed_each").crowded().open().await?;
    let crowd = Crowd::gather(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    for service in stage.services() {
        stage.stack.kill(&service, 0)?;
        stage.stack.restart(&service, 0).await?;
        let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
        println!("{service}: the callers went on after {recovered:?}");
    }
    let lived = crowd.disperse().await?;
    // a connection that ends in the middle of an answer has no code of its own
    lived.answered_only(&[Code::Unavailable, Code::Unknown, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage
        .close(Ending::clean().allow("a batch is tried again"))
        .await
}
