//! The floor: exactly the rows that intake writes for a filing, by batched SQL on one connection, into tables and indexes
//! made by intake's own migrations. Nothing that keeps these rows can file faster than this from one writer.

mod broker;
mod rows;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use devstack::{databases, root};
use sqlx::{Connection, PgConnection};

use crate::measure::Latencies;
pub(crate) use broker::broker;
pub(crate) use rows::Rows;

const DATABASE: &str = "bench_floor";

/// What the database does for nobody but one writer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowsFloor {
    /// Filings' worth of rows a second.
    pub(crate) filings_per_s: f64,
    /// Milliseconds of one filing written alone, the median: what a commit takes on this disk.
    pub(crate) commit_p50_ms: f64,
    /// The 99th percentile.
    pub(crate) commit_p99_ms: f64,
}

/// Filings' worth of rows in batches of this size, after a sixth of the time for single ones.
pub(crate) async fn filings(
    server_url: &str,
    kafka: &str,
    rows: &Rows,
    batch: usize,
    phase: Duration,
) -> Result<RowsFloor> {
    let url = databases::create_fresh(server_url, DATABASE).await?;
    migrate(&url, kafka)?;
    let mut connection = PgConnection::connect(&url).await?;
    let mut commits = Latencies::new();
    let started = Instant::now();
    while started.elapsed() < phase / 6 {
        let rows = rows.renewed(1);
        let begun = Instant::now();
        rows.write(&mut connection).await?;
        commits.record(begun.elapsed());
    }
    let mut written = 0;
    let started = Instant::now();
    while started.elapsed() < phase {
        rows.renewed(batch).write(&mut connection).await?;
        written += batch;
    }
    let filings_per_s = written as f64 / started.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(RowsFloor {
        filings_per_s,
        commit_p50_ms: commits.quantile_ms(0.5),
        commit_p99_ms: commits.quantile_ms(0.99),
    })
}

/// Removes what the floor wrote. That makes PostgreSQL write a checkpoint, after which every page goes whole into the
/// write-ahead log again: so it waits until nothing more is measured on these tables.
pub(crate) async fn remove(server_url: &str) -> Result<()> {
    databases::remove(server_url, DATABASE).await
}

/// Runs `intake migrate`, as before every start of the service.
fn migrate(database_url: &str, kafka: &str) -> Result<()> {
    let own = std::env::current_exe()?;
    let beside = own.parent().context("a program lies in a folder")?;
    let program =
        std::env::var_os("ODR_BIN_DIR").map_or_else(|| beside.to_owned(), std::path::PathBuf::from);
    let status = Command::new(program.join("intake"))
        .arg("migrate")
        .env("ODR_DATABASE_URL", database_url)
        .env("ODR_KAFKA", kafka)
        .env("ODR_MODE", "sandbox")
        .env("ODR_DIRECTORY", root().join("deploy/directories/us"))
        .env("RUST_LOG", "warn")
        .status()
        .context("cannot run intake")?;
    ensure!(status.success(), "intake migrate failed: {status}");
    Ok(())
}
