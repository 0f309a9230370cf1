//! Every SQL statement of the chassis. Functions take a connection; row types stay in here.

pub mod batch;
pub mod clocks;
#[doc(hidden)]
pub mod columns;
pub mod deadlines;
pub mod events;
pub mod opening;
pub mod outbox;
pub mod parked;
mod pool;
pub mod positions;
mod reads;
pub mod recoveries;
pub mod requests;
pub(crate) mod samples;
pub mod subjects;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::str::FromStr;

pub use pool::{Pool, Reading, SILENCE, within};

/// The chassis' own migrations (schema `chassis`).
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The options with which rows are found by key. Plans are fixed: the planner knows nothing of a young outbox or of how long an
/// array is, and a plan that reads a whole table is right only while it is small.
pub(crate) fn by_key(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
    ])
}

/// The options of every connection: it never sits idle in a transaction and never waits long for a lock, so that a stopped
/// replica cannot hold the healthy one.
///
/// # Errors
/// When the address cannot be read.
pub(crate) fn options(url: &str, application: &str) -> sqlx::Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url)?;
    Ok(options.application_name(application).options([
        ("idle_in_transaction_session_timeout", "2000"),
        ("lock_timeout", "1000"),
        ("jit", "off"),
    ]))
}

/// A pool for reads.
///
/// # Errors
/// When the address cannot be read.
pub fn pool(url: &str, application: &str, connections: u32) -> sqlx::Result<Pool> {
    let options = options(url, application)?;
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .acquire_timeout(SILENCE)
        .connect_lazy_with(options);
    Ok(pool.into())
}
