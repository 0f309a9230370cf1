//! How far a service has read the log, seen from its database.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use sqlx::{Connection, PgConnection};

const LOOK: Duration = Duration::from_millis(5);

/// Waits until a service has taken in `end` records of a topic; gives the records a second, from the first one it took
/// in to the last.
pub(crate) async fn rate_until(
    database_url: &str,
    topic: &str,
    end: i64,
    patience: Duration,
) -> Result<f64> {
    let mut connection = PgConnection::connect(database_url).await?;
    let give_up_at = Instant::now() + patience;
    let before = read(&mut connection, topic).await?;
    let mut first = None;
    loop {
        let now = read(&mut connection, topic).await?;
        let at = Instant::now();
        if now > before && first.is_none() {
            first = Some((at, now));
        }
        if now >= end {
            connection.close().await?;
            let (began, from) = first.unwrap_or((at, now));
            return Ok((now - from) as f64 / (at - began).as_secs_f64().max(f64::EPSILON));
        }
        if at > give_up_at {
            bail!("{now} of {end} records were taken in within {patience:?}");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn read(connection: &mut PgConnection, topic: &str) -> Result<i64> {
    let read = sqlx::query_scalar(
        "select coalesce(sum(next_offset), 0)::bigint from chassis.positions where topic = $1",
    );
    Ok(read.bind(topic).fetch_one(connection).await?)
}
