//! Reads of single rows, made together: one query at a time takes along whatever was asked for during the last one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use uuid::Uuid;

use super::subjects::{self, Row};
use super::{Pool, SILENCE, within};

/// Rows of one query.
const MOST: usize = 256;

type Told = Result<Option<Row>, Arc<sqlx::Error>>;

#[derive(Debug, Default)]
struct State {
    asked: Vec<(Uuid, oneshot::Sender<Told>)>,
    /// A task reads; it takes whatever is asked for until nothing is.
    reading: bool,
}

/// What is asked for, and whether somebody reads it.
#[derive(Debug, Default)]
pub(super) struct Reads(Mutex<State>);

/// A task that breaks off: who asks next is served by another one, who waits is told. One that ended in order has no part
/// in what is asked after it: that is another task's.
struct Task {
    reads: Arc<Reads>,
    ended: bool,
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut state = self.reads.lock();
        state.reading = false;
        state.asked.clear();
    }
}

impl Reads {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn row(
        reads: &Arc<Self>,
        pool: &Pool,
        subject: Uuid,
    ) -> sqlx::Result<Option<Row>> {
        let (tell, told) = oneshot::channel();
        let idle = {
            let mut state = reads.lock();
            state.asked.push((subject, tell));
            !std::mem::replace(&mut state.reading, true)
        };
        if idle {
            let task = Task {
                reads: Arc::clone(reads),
                ended: false,
            };
            tokio::spawn(read(task, pool.clone()));
        }
        match told.await {
            Ok(told) => told.map_err(shared),
            Err(_) => Err(sqlx::Error::WorkerCrashed),
        }
    }

    /// What is asked for now; `None` when nothing is, and the task ends.
    fn take(&self) -> Option<Vec<(Uuid, oneshot::Sender<Told>)>> {
        let mut state = self.lock();
        if state.asked.is_empty() {
            state.reading = false;
            return None;
        }
        let most = state.asked.len().min(MOST);
        Some(state.asked.drain(..most).collect())
    }
}

async fn read(mut task: Task, pool: Pool) {
    while let Some(asked) = task.reads.take() {
        let mut wanted: Vec<Uuid> = asked.iter().map(|(subject, _)| *subject).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let rows = within(SILENCE, async {
            subjects::get_many(&mut *pool.acquire().await?, &wanted).await
        });
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
    task.ended = true;
}

/// An error that several are told of.
fn shared(error: Arc<sqlx::Error>) -> sqlx::Error {
    Arc::try_unwrap(error).unwrap_or_else(|error| sqlx::Error::Protocol(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::future::join_all;
    use sqlx::postgres::PgPoolOptions;
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    #[tokio::test]
    async fn a_task_that_ended_leaves_alone_what_is_asked_after_it() {
        let reads = Arc::new(Reads::default());
        reads.lock().reading = true;
        let mut task = Task {
            reads: Arc::clone(&reads),
            ended: false,
        };
        assert!(task.reads.take().is_none());
        task.ended = true;
        // another one asks before the task is gone
        let (tell, mut told) = oneshot::channel();
        let mut state = reads.lock();
        state.asked.push((Uuid::nil(), tell));
        state.reading = true;
        drop(state);
        drop(task);
        assert!(matches!(told.try_recv(), Err(TryRecvError::Empty)));
        let broken = Task {
            reads: Arc::clone(&reads),
            ended: false,
        };
        drop(broken);
        assert!(matches!(told.try_recv(), Err(TryRecvError::Closed)));
        assert!(!reads.lock().reading);
    }

    #[tokio::test]
    async fn an_error_is_told_to_all_and_the_next_one_is_asked_anew() {
        let lazily = PgPoolOptions::new().acquire_timeout(Duration::from_millis(10));
        let pool = lazily
            .connect_lazy("postgres://nobody@127.0.0.1:1/none")
            .unwrap();
        let pool = Pool::from(pool);
        for round in 0..2 {
            let asked = (0..2 * MOST as u128 + 1).map(|id| pool.row(Uuid::from_u128(id)));
            let told = join_all(asked).await;
            assert!(told.iter().all(Result::is_err), "round {round}");
        }
    }
}
