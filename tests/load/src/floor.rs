//! The floor: exactly the rows that intake writes for a filing, by batched SQL on one connection, into tables and indexes
//! made by intake's own migrations. Nothing that keeps these rows can file faster than this from one writer.

mod broker;
mod rows;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use devstack::{databases, root};
use sqlx::{Connection, PgConnection};

pub(crate) use broker::broker;
pub(crate) use rows::Rows;

const DATABASE: &str = "bench_floor";

/// Filings' worth of rows a second, in batches of this size.
pub(crate) async fn filings_per_s(
    server_url: &str,
    kafka: &str,
    rows: &Rows,
    batch: usize,
    phase: Duration,
) -> Result<f64> {
    let url = databases::create_fresh(server_url, DATABASE).await?;
    migrate(&url, kafka)?;
    let mut connection = PgConnection::connect(&url).await?;
    let mut written = 0;
    let started = Instant::now();
    while started.elapsed() < phase {
        rows.renewed(batch).write(&mut connection).await?;
        written += batch;
    }
    let per_s = written as f64 / started.elapsed().as_secs_f64();
    connection.close().await?;
    databases::remove(server_url, DATABASE).await?;
    Ok(per_s)
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
