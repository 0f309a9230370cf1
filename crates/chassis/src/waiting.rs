//! Waiting for a version: own commits wake at once, one shared query every few milliseconds covers other replicas.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::{Pool, SILENCE, subjects, within};

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waited {
    /// The version is there.
    Reached,
    /// The subject is blocked; the word says why.
    Blocked(String),
    /// The service stops and reads no more.
    Stopped,
}

type Waiting = HashMap<Uuid, Vec<(u64, oneshot::Sender<Waited>)>>;

/// Who waits; nobody may once the service reads no more.
#[derive(Debug, Default)]
struct State {
    waiting: Waiting,
    stopped: bool,
}

/// Those who wait for a version of a subject.
#[derive(Debug, Default)]
pub struct Waiters {
    state: Mutex<State>,
    some: Notify,
}

impl Waiters {
    /// Waits until the subject's row is at `version` or beyond; the caller bounds the wait.
    pub async fn reach(&self, subject: Uuid, version: u64) -> Waited {
        let (tell, told) = oneshot::channel();
        {
            let mut state = self.lock();
            if state.stopped {
                return Waited::Stopped;
            }
            let list = state.waiting.entry(subject).or_default();
            list.push((version, tell));
        }
        self.some.notify_one();
        told.await.unwrap_or(Waited::Stopped)
    }

    /// Wakes those who waited for these versions.
    pub fn committed(&self, versions: &[(Uuid, u64)]) {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            return;
        }
        for (subject, version) in versions {
            wake(&mut state.waiting, *subject, *version, None);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subjects(&self) -> Vec<Uuid> {
        let waiting = &mut self.lock().waiting;
        waiting.retain(|_, list| {
            list.retain(|(_, tell)| !tell.is_closed());
            !list.is_empty()
        });
        waiting.keys().copied().collect()
    }

    /// Looks into the store for those who wait; no query when nobody does. At the stop nobody waits any longer:
    /// what they wait for would not be read.
    pub async fn run(self: Arc<Self>, pool: Pool, pace: Duration, stop: CancellationToken) {
        self.look_until(&pool, pace, &stop).await;
        let mut state = self.lock();
        state.stopped = true;
        state.waiting.clear();
    }

    async fn look_until(&self, pool: &Pool, pace: Duration, stop: &CancellationToken) {
        loop {
            let subjects = self.subjects();
            if subjects.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.some.notified() => {}
                }
                continue;
            }
            match within(SILENCE, self.look(pool, &subjects)).await {
                Ok(()) => {}
                Err(error) => tracing::debug!(%error, "versions could not be read"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pace) => {}
            }
        }
    }

    async fn look(&self, pool: &Pool, subjects: &[Uuid]) -> sqlx::Result<()> {
        let mut connection = pool.acquire().await?;
        let rows = subjects::versions(&mut connection, subjects).await?;
        let mut state = self.lock();
        for (subject, version, blocked) in rows {
            wake(&mut state.waiting, subject, version, blocked);
        }
        Ok(())
    }
}

fn wake(waiting: &mut Waiting, subject: Uuid, version: u64, blocked: Option<String>) {
    let Some(list) = waiting.remove(&subject) else {
        return;
    };
    let mut left = Vec::new();
    for (wanted, tell) in list {
        let end = if wanted <= version {
            Some(Waited::Reached)
        } else {
            blocked.clone().map(Waited::Blocked)
        };
        match end {
            // Whoever stopped waiting needs no word.
            Some(end) => drop(tell.send(end)),
            None => left.push((wanted, tell)),
        }
    }
    if !left.is_empty() {
        waiting.insert(subject, left);
    }
}

#[cfg(test)]
mod tests {
    use sqlx::postgres::PgPoolOptions;

    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_a_service_that_stops() {
        let waiters = Arc::new(Waiters::default());
        let pool = PgPoolOptions::new()
            .acquire_timeout(Duration::from_millis(10))
            .connect_lazy("postgres://nobody@127.0.0.1:1/none")
            .unwrap();
        let stop = CancellationToken::new();
        let pace = Duration::from_millis(1);
        let looking = tokio::spawn(Arc::clone(&waiters).run(pool.into(), pace, stop.clone()));
        let before = tokio::spawn({
            let waiters = Arc::clone(&waiters);
            async move { waiters.reach(Uuid::from_u128(1), 2).await }
        });
        while waiters.lock().waiting.is_empty() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        looking.await.unwrap();
        assert_eq!(before.await.unwrap(), Waited::Stopped);
        assert_eq!(waiters.reach(Uuid::from_u128(1), 2).await, Waited::Stopped);
    }
}
