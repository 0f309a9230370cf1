//! PostgreSQL's write-ahead log as a server has it that has run for an hour: its files are there to be used again.
//!
//! A server that is new makes each file when it first needs it, and every commit waits while 16 MiB are filled with zeros:
//! under the load of a phase two or three times a second, some 50 ms each.

use anyhow::{Result, ensure};
use sqlx::{Connection, PgConnection};

/// Files that are to lie ahead before phases begin: half of what `min_wal_size` in `deploy/postgres/postgresql.conf` keeps.
const AHEAD: i64 = 64;
/// Files that are made when there are fewer.
const MADE: usize = 128;

/// Sees to it that files lie ahead.
pub(crate) async fn lay_out(url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    if ahead(&mut connection).await? < AHEAD {
        for _ in 0..MADE {
            // a file is only left for the next one when something is in it
            let leave = "select pg_switch_wal() from pg_logical_emit_message(false, 'lay out', '')";
            sqlx::query(leave).execute(&mut connection).await?;
        }
        sqlx::query("checkpoint").execute(&mut connection).await?;
        let ahead = ahead(&mut connection).await?;
        ensure!(
            ahead >= AHEAD,
            "PostgreSQL keeps {ahead} files of its log for later instead of {AHEAD}: is its min_wal_size below 1 GB?"
        );
    }
    Ok(connection.close().await?)
}

/// How many files come after the one that is written.
async fn ahead(connection: &mut PgConnection) -> Result<i64> {
    let count = "select count(*) from pg_ls_waldir()
                 where name ~ '^[0-9A-F]{24}$' and name > pg_walfile_name(pg_current_wal_insert_lsn())";
    Ok(sqlx::query_scalar(count).fetch_one(connection).await?)
}
