//! A short replay of real complaints: analytics, the log and a plain count of the file say the same.

use anyhow::{Result, ensure};
use devstack::replay::{Addresses, People};
use e2e::{Ending, SPACE, Scene, ShortReplay, Stage, Unseen, agreed};

/// Rows that are replayed.
const ROWS: usize = 150;

/// Where the services of a replica are.
pub(crate) fn addresses(stage: &Stage, replica: usize) -> Addresses {
    let address = |service: &str| stage.stack.endpoint(service, replica);
    Addresses {
        intake: address("intake"),
        routing: address("routing"),
        mediation: address("mediation"),
        analytics: address("analytics"),
    }
}

#[tokio::test]
async fn replay_of_a_short_file_is_its_plain_count() -> Result<()> {
    let replay = ShortReplay::new(ROWS)?;
    let scene = Scene::new("replay").at(replay.morning());
    let stage = scene.open().await?;
    let people = People::new(&addresses(&stage, 0))?;
    replay.play(&people, &stage.coordinator, &Unseen).await?;

    figures_are_exact(&stage, &people, &replay).await?;
    stage.close(Ending::clean()).await
}

/// Analytics, the log and the plain count of the file say the same, and nothing is left to happen.
pub(crate) async fn figures_are_exact(
    stage: &Stage,
    people: &People,
    replay: &ShortReplay,
) -> Result<()> {
    let log = agreed(people, &stage.servers.kafka, &stage.topic()).await?;
    replay.is_counted_by(&log)?;
    ensure!(
        stage.coordinator.next_due(SPACE).await?.is_none(),
        "a deadline is left"
    );
    Ok(())
}
