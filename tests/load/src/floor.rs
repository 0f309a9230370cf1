//! The floor: rows like those of a filing, written by batched SQL on one connection. Nothing can file faster than this.

use std::time::{Duration, Instant};

use anyhow::Result;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

/// Rows a statement writes.
const BATCH: usize = 128;
/// Bytes of an event, about what a filing's are.
const EVENT_BYTES: usize = 420;

/// Filings' worth of rows a second.
pub(crate) async fn measure(server_url: &str, phase: Duration) -> Result<f64> {
    let url = devstack::databases::create_fresh(server_url, "bench_floor").await?;
    let mut connection = PgConnection::connect(&url).await?;
    connection
        .execute(
            "create table subjects (id uuid primary key, state bytea not null);
             create table events (id uuid, sequence bigint, value bytea not null, primary key (id, sequence));
             create table outbox (row_id bigint generated always as identity primary key, id uuid not null);
             create table requests (id uuid primary key, response bytea not null);
             create table parties (id uuid primary key, body bytea not null)",
        )
        .await?;
    let value = vec![7_u8; EVENT_BYTES];
    let values = vec![value; BATCH];
    let (started, mut rows) = (Instant::now(), 0);
    while started.elapsed() < phase {
        let ids: Vec<Uuid> = (0..BATCH).map(|_| Uuid::now_v7()).collect();
        sqlx::query(
            "with input as materialized (select * from unnest($1::uuid[], $2::bytea[]) as i(id, value)),
                  a as (insert into subjects select id, value from input),
                  b as (insert into events select id, 1, value from input),
                  c as (insert into outbox (id) select id from input),
                  d as (insert into requests select id, substr(value, 1, 60) from input)
             insert into parties select id, substr(value, 1, 200) from input",
        )
        .bind(&ids)
        .bind(&values)
        .execute(&mut connection)
        .await?;
        rows += BATCH;
    }
    let per_s = rows as f64 / started.elapsed().as_secs_f64();
    connection.close().await?;
    devstack::databases::remove(server_url, "bench_floor").await?;
    Ok(per_s)
}
