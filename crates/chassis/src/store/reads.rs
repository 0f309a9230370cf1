//! Reads of single rows, made together: one query at a time takes along whatever was asked for during the last one. They have
//! a connection of their own: one that comes from the pool and goes back is asked how it is each time.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::subjects::{self, Row};
use super::{SILENCE, by_key, within};

/// Rows of one query.
const MOST: usize = 256;

type Told = Result<Option<Row>, Arc<sqlx::Error>>;
type Asked = (Uuid, oneshot::Sender<Told>);

/// Where rows are asked for; the task that reads them ends with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Reads(mpsc::UnboundedSender<Asked>);

impl Reads {
    /// Starts the task. Within a runtime only.
    pub(super) fn start(options: &PgConnectOptions) -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        tokio::spawn(read(by_key(options.clone()), asked));
        Self(ask)
    }

    pub(super) async fn row(&self, subject: Uuid) -> sqlx::Result<Option<Row>> {
        let (tell, told) = oneshot::channel();
        let asked = self.0.send((subject, tell));
        asked.map_err(|_| sqlx::Error::WorkerCrashed)?;
        let told = told.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        // Several may be told of one error.
        told.map_err(|error| {
            Arc::try_unwrap(error).unwrap_or_else(|error| sqlx::Error::Protocol(error.to_string()))
        })
    }
}

async fn read(options: PgConnectOptions, mut asked: mpsc::UnboundedReceiver<Asked>) {
    let mut batch = Vec::new();
    let mut kept = None;
    while asked.recv_many(&mut batch, MOST).await > 0 {
        let round = answer(&options, &mut kept, std::mem::take(&mut batch));
        // Who asked in a round that broke down is told by what it dropped; the next round is another one.
        let _broke_down = AssertUnwindSafe(round).catch_unwind().await;
    }
}

/// Rows by the connection kept from the last round, or by a new one when there is none or it was lost meanwhile. One that saw
/// an error or was given up is not kept.
async fn rows(
    options: &PgConnectOptions,
    kept: &mut Option<PgConnection>,
    wanted: &[Uuid],
) -> sqlx::Result<Vec<Row>> {
    if let Some(mut connection) = kept.take()
        && let Ok(rows) = subjects::get_many(&mut connection, wanted).await
    {
        *kept = Some(connection);
        return Ok(rows);
    }
    let mut connection = options.connect().await?;
    let rows = subjects::get_many(&mut connection, wanted).await?;
    *kept = Some(connection);
    Ok(rows)
}

async fn answer(options: &PgConnectOptions, kept: &mut Option<PgConnection>, asked: Vec<Asked>) {
    let mut wanted: Vec<Uuid> = asked.iter().map(|(subject, _)| *subject).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rows = within(SILENCE, rows(options, kept, &wanted));
    let rows: Result<HashMap<Uuid, Row>, _> = match rows.await {
        Ok(rows) => Ok(rows.into_iter().map(|row| (row.subject, row)).collect()),
        Err(error) => Err(Arc::new(error)),
    };
    for (subject, tell) in asked {
        let told = match &rows {
            Ok(rows) => Ok(rows.get(&subject).cloned()),
            Err(error) => Err(Arc::clone(error)),
        };
        // Who has gone needs no answer.
        let _gone = tell.send(told);
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn an_error_is_told_to_all_and_the_next_one_is_asked_anew() {
        let nowhere = "postgres://nobody@127.0.0.1:1/none".parse().unwrap();
        let reads = Reads::start(&nowhere);
        for round in 0..2 {
            let asked = (0..2 * MOST as u128 + 1).map(|id| reads.row(Uuid::from_u128(id)));
            let told = join_all(asked).await;
            let of_the_store = |told: &sqlx::Result<Option<Row>>| {
                told.as_ref()
                    .is_err_and(|error| !matches!(error, sqlx::Error::WorkerCrashed))
            };
            assert!(told.iter().all(of_the_store), "round {round}");
        }
    }
}
