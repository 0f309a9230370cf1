//! Two replicas of each service under load; the one that publishes is killed, or stands still: the other goes on,
//! nothing is lost or doubled.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Scene, offices};

/// Whole lives before the fault, and again after it.
const LIVES: usize = 60;
/// How long the healthy replicas may take to go on: sessions and leases of the others have to end first.
const RECOVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Killed,
    StandsStill,
}

async fn one_of_two(name: &str, fault: Fault, ending: Ending) -> Result<()> {
    let mut stage = Scene::new(name).crowded().replicas(2).open().await?;
    let crowd = Crowd::distrusting(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;

    let mut gone = Vec::new();
    for service in stage.services() {
        let replica = offices::relay_of(&stage, &service).await?;
        match fault {
            Fault::Killed => stage.stack.kill(&service, replica)?,
            Fault::StandsStill => stage.stack.stop(&service, replica)?,
        }
        gone.push((service, replica));
    }
    // those lives that are on the way may end with what was written before; the later ones need the healthy replicas
    let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    println!("{name}: the callers went on after {recovered:?}");
    for (service, replica) in &gone {
        let now = offices::relay_of(&stage, service).await?;
        ensure!(now != *replica, "{service}-{now} publishes and is gone");
    }
    for (service, replica) in &gone {
        match fault {
            Fault::Killed => stage.stack.restart(service, *replica).await?,
            Fault::StandsStill => stage.stack.cont(service, *replica)?,
        }
    }
    crowd.lived(crowd.size(), RECOVERY).await?;
    let lived = crowd.disperse().await?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage.close(ending).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_replicas_lose_nothing_and_double_nothing() -> Result<()> {
    // two writers may meet at a row
    let ending = Ending::clean().allow("a batch is tried again");
    one_of_two("killed", Fault::Killed, ending).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_stand_still_hold_nobody_up_and_catch_up() -> Result<()> {
    // what those replicas say when they find that the world went on
    let ending = Ending::clean()
        .allow("lost its connection")
        .allow("a batch is tried again")
        .allow("remotely-reset pending-accept streams");
    one_of_two("still", Fault::StandsStill, ending).await
}
