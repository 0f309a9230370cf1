//! Connections for reads, and how long the database may be silent.
//!
//! A machine that loses its power tells nobody. What was asked of it would be waited for without end: the client library
//! knows no bound, neither for an answer nor for a connection that goes back to the pool.

use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};
use uuid::Uuid;

use super::reads::Reads;
use super::subjects::Row;

/// How long the database may leave a question unanswered before its connection counts as lost: half of a caller's usual
/// deadline, so that a writer that lost its connection answers still.
pub const SILENCE: Duration = Duration::from_secs(5);

/// An answer of the database, or an error of the connection when there is none within `limit`. The connection must not be
/// used again then.
///
/// # Errors
/// Those of `asked`; `TimedOut`.
pub async fn within<T, E: From<sqlx::Error>>(
    limit: Duration,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::time::timeout(limit, asked)
        .await
        .unwrap_or_else(|_| {
            let silent = io::Error::new(io::ErrorKind::TimedOut, "the database does not answer");
            Err(sqlx::Error::Io(silent).into())
        })
}

/// Connections for reads.
#[derive(Clone, Debug)]
pub struct Pool {
    pool: PgPool,
    reads: Reads,
}

impl From<PgPool> for Pool {
    fn from(pool: PgPool) -> Self {
        let reads = Reads::start(&pool.connect_options());
        Self { pool, reads }
    }
}

impl Pool {
    /// A connection; it goes back when dropped.
    ///
    /// # Errors
    /// When none is free in time or the database does not answer.
    pub async fn acquire(&self) -> sqlx::Result<Reading> {
        Ok(self.pool.acquire().await?.into())
    }

    /// How many there are, how many of them are idle, and how many there may be.
    pub(crate) fn count(&self) -> (u32, usize, u32) {
        let most = self.pool.options().get_max_connections();
        (self.pool.size(), self.pool.num_idle(), most)
    }

    /// A subject's row, read together with those that others ask for meanwhile, by a connection of their own: a query costs the
    /// same for one as for many. It is read after it was asked for.
    ///
    /// # Errors
    /// Of the database, or when a row cannot be read.
    pub async fn row(&self, subject: Uuid) -> sqlx::Result<Option<Row>> {
        self.reads.row(subject).await
    }
}

/// A connection of a [`Pool`]. When it is given back, the pool asks the database whether it is well: here for [`SILENCE`]
/// at most, else a silent database would keep the connection's place for ever.
#[derive(Debug)]
pub struct Reading(PoolConnection<Postgres>);

impl From<PoolConnection<Postgres>> for Reading {
    fn from(connection: PoolConnection<Postgres>) -> Self {
        Self(connection)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // the scenario `links` guards this; a connection that was asked in vain is closed
        tokio::spawn(tokio::time::timeout(SILENCE, self.0.return_to_pool()));
    }
}

impl Deref for Reading {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
