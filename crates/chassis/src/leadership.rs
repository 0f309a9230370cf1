//! One active per database: an advisory lock on a connection of its own, which a stalled holder loses with its session.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::store::{SILENCE, within};

/// What one of several replicas does alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Office {
    /// Publishing the outbox.
    Relay,
    /// Waking what is due.
    Deadlines,
}

impl Office {
    const fn key(self) -> i64 {
        match self {
            Self::Relay => 0x6f64_7201,
            Self::Deadlines => 0x6f64_7202,
        }
    }
}

/// How long a session may sit idle before the server ends it, and its locks with it.
pub const IDLE_LIMIT: Duration = Duration::from_secs(10);

/// How long a candidate waits between two tries.
const CANDIDATE_PAUSE: Duration = Duration::from_secs(1);

/// A connection that holds an office.
#[derive(Debug)]
pub struct Leader {
    /// The connection; the office is held as long as it lives.
    pub connection: PgConnection,
}

impl Leader {
    /// Waits until this replica holds an office; gives up waiting when dropped.
    ///
    /// # Errors
    /// Of the database.
    pub async fn take(options: &PgConnectOptions, office: Office) -> sqlx::Result<Self> {
        let limit = IDLE_LIMIT.as_millis().to_string();
        let options = options.clone().options([("idle_session_timeout", &limit)]);
        let mut connection = within(SILENCE, options.connect()).await?;
        while !within(SILENCE, try_lock(&mut connection, office)).await? {
            tokio::time::sleep(CANDIDATE_PAUSE).await;
        }
        tracing::debug!(?office, "this replica holds an office");
        Ok(Self { connection })
    }

    /// Keeps the session alive.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn ping(&mut self) -> sqlx::Result<()> {
        within(SILENCE, sqlx::Connection::ping(&mut self.connection)).await
    }
}

async fn try_lock(connection: &mut PgConnection, office: Office) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_lock($1) as "taken!""#,
        office.key()
    )
    .fetch_one(connection)
    .await
}
