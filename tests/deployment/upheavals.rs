//! The whole life of a stack: up, a replay, deaths, an upgrade, every kind of backup and restore.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use devstack::services::NAMES;
use devstack::state_directory;
use e2e::eventually;

use crate::backups;
use crate::compose::Compose;
use crate::filer::Filer;
use crate::platform::Platform;
use crate::runbook;

const PATIENCE: Duration = Duration::from_secs(180);
const NEXT: &str = "next";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stack_outlives_deaths_an_upgrade_and_lost_volumes() -> Result<()> {
    if std::env::var_os("ODR_DEPLOYMENT").is_none() {
        println!("SKIPPED: no Docker engine was started for this test (./dev test does it)");
        return Ok(());
    }
    let folder = state_directory().join("deployment");
    std::fs::create_dir_all(&folder)?;
    let compose = Compose::new(&folder)?;
    let lived = live(compose.clone()).await;
    if lived.is_err() {
        println!("{}", compose.last_words());
    } else {
        compose.run("docker compose --profile '*' down --volumes --timeout 5")?;
    }
    lived
}

async fn live(compose: Compose) -> Result<()> {
    let mut platform = Platform::up(compose).await?;
    platform.replay().await?;
    for container in ["intake", "postgres"] {
        dies(&mut platform, container).await?;
    }
    is_upgraded(&mut platform).await?;
    backups::are_taken(&mut platform)?;
    backups::databases_come_back_whole(&mut platform).await?;
    backups::topics_come_back(&mut platform).await?;
    backups::dumped_database_comes_back_without_the_latest(&mut platform).await
}

/// Its process gets SIGKILL while somebody files; the engine starts it again, and nothing is lost.
async fn dies(platform: &mut Platform, container: &str) -> Result<()> {
    let filer = Filer::start(&platform.clients);
    let (compose, inspect) = (&platform.compose, inspect(container));
    let before = compose.run(&format!("{inspect} '{{{{.State.Pid}}}}'"))?;
    // not `docker kill`: the engine takes that for an order to stay down
    compose.run(&format!("kill -KILL {}", before.trim()))?;
    let look = format!("{inspect} '{{{{.State.Pid}}}} {{{{.State.Health.Status}}}}'");
    eventually(&format!("{container} is back"), PATIENCE, || async {
        let now = compose.look(&look).await?;
        let back = now.trim().ends_with(" healthy") && !now.starts_with(before.trim());
        Ok(back.then_some(()))
    })
    .await?;
    let filed = filer.filed().await?;
    ensure!(!filed.is_empty(), "nobody filed");
    platform.note(filed);
    platform.lost_nothing(&format!("{container} died")).await
}

fn inspect(container: &str) -> String {
    format!("docker inspect $(docker compose ps --all --quiet {container}) --format")
}

/// All services become those of another release while somebody files.
async fn is_upgraded(platform: &mut Platform) -> Result<()> {
    let programs: PathBuf = std::env::var_os("ODR_BIN_DIR").unwrap_or_default().into();
    platform.compose.run(&format!(
        "deploy/offline/build --services --version {NEXT} --programs '{}'",
        programs.display()
    ))?;
    let filer = Filer::start(&platform.clients);
    platform.compose.set("NEXT", NEXT);
    let upgrade = runbook::commands("upgrade", "With compose")?;
    platform.compose.run_beside(&upgrade).await?;
    platform.compose.set("ODR_VERSION", NEXT);
    platform.note(filer.filed().await?);
    for service in NAMES {
        let image = format!("{} '{{{{.Config.Image}}}}'", inspect(service));
        let image = platform.compose.run(&image)?;
        ensure!(
            image.trim() == format!("odr/{service}:{NEXT}"),
            "{service} runs {image}"
        );
    }
    platform.lost_nothing("the services were upgraded").await
}
