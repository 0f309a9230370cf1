//! Backup and restore, by the commands of `docs/runbooks/backup.md`.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use e2e::Play;
use uuid::Uuid;

use crate::filer::file;
use crate::platform::Platform;
use crate::runbook;

const PAGE: &str = "backup";
/// Complaints that come after a backup.
const LATER: usize = 5;

/// Everything the page says about taking one, and the archive is made shorter.
pub(crate) fn are_taken(platform: &mut Platform) -> Result<()> {
    platform.is_backed_up();
    let compose = &platform.compose;
    for heading in ["Take a backup", "Make room in the archive"] {
        compose.run(&runbook::commands(PAGE, heading)?)?;
    }
    for kept in ["base.tar", "base.wal", "intake.dump", "topics"] {
        ensure!(compose.backup().join(kept).exists(), "no {kept}");
    }
    Ok(())
}

async fn file_later(platform: &mut Platform) -> Result<Vec<Play>> {
    let mut later = Vec::new();
    for _ in 0..LATER {
        later.push(file(&platform.clients).await?);
    }
    platform.note(later.clone());
    Ok(later)
}

/// PostgreSQL dies with its volume; base backup and archive give everything back, parties and texts too.
pub(crate) async fn databases_come_back_whole(platform: &mut Platform) -> Result<()> {
    let later = file_later(platform).await?;
    // at once after the last answer: the server has no time to put anything in order
    let compose = &platform.compose;
    compose.run("docker compose kill postgres")?;
    compose.run(&runbook::commands(PAGE, "Databases to the last commit")?)?;
    platform.lost_nothing("the databases were restored").await?;
    platform.whole(&later).await
}

/// Kafka's volume is gone; an older dump and the services give every event back.
pub(crate) async fn topics_come_back(platform: &mut Platform) -> Result<()> {
    file_later(platform).await?;
    platform.lost_nothing("before the topics are lost").await?;
    let commands = runbook::commands(PAGE, "Topics")?;
    platform.compose.run(&commands)?;
    platform.lost_nothing("the topics were restored").await
}

/// An old dump in a service's place: states equal the log, and exactly what came later is listed as missing.
pub(crate) async fn dumped_database_comes_back_without_the_latest(
    platform: &mut Platform,
) -> Result<()> {
    file_later(platform).await?;
    platform.agreed().await?;
    let commands = runbook::commands(PAGE, "A database from a dump")?;
    let printed = platform.compose.run(&commands)?;
    let rows = printed.lines().filter(|line| line.contains("parties"));
    let case = |row: &str| row.split_whitespace().find_map(|word| word.parse().ok());
    let listed: BTreeSet<Uuid> = rows.filter_map(case).collect();
    let (before, later) = platform.around_backup();
    let wanted: BTreeSet<Uuid> = later.iter().map(Play::id).collect();
    ensure!(
        listed == wanted,
        "listed as missing {listed:?}, came later {wanted:?}"
    );
    platform.lost_nothing("a database came from a dump").await?;
    platform.whole(before).await
}
