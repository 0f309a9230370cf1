//! Waiting for a version: own commits wake at once, one shared query every few milliseconds covers other replicas.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::subjects;

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waited {
    /// The version is there.
    Reached,
    /// The subject is blocked; the word says why.
    Blocked(String),
}

type Waiting = HashMap<Uuid, Vec<(u64, oneshot::Sender<Waited>)>>;

/// Those who wait for a version of a subject.
#[derive(Debug, Default)]
pub struct Waiters {
    waiting: Mutex<Waiting>,
    some: Notify,
}

impl Waiters {
    /// Waits until the subject's row is at `version` or beyond; the caller bounds the wait.
    pub async fn reach(&self, subject: Uuid, version: u64) -> Waited {
        let (tell, told) = oneshot::channel();
        self.lock()
            .entry(subject)
            .or_default()
            .push((version, tell));
        self.some.notify_one();
        told.await
            .unwrap_or_else(|_| Waited::Blocked("stopped".into()))
    }

    /// Wakes those who waited for these versions.
    pub fn committed(&self, versions: &[(Uuid, u64)]) {
        let mut waiting = self.lock();
        if waiting.is_empty() {
            return;
        }
        for (subject, version) in versions {
            wake(&mut waiting, *subject, *version, None);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subjects(&self) -> Vec<Uuid> {
        let mut waiting = self.lock();
        waiting.retain(|_, list| {
            list.retain(|(_, tell)| !tell.is_closed());
            !list.is_empty()
        });
        waiting.keys().copied().collect()
    }

    /// Looks into the store for those who wait; no query when nobody does.
    pub async fn run(self: Arc<Self>, pool: PgPool, pace: Duration, stop: CancellationToken) {
        loop {
            let subjects = self.subjects();
            if subjects.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.some.notified() => {}
                }
                continue;
            }
            match self.look(&pool, &subjects).await {
                Ok(()) => {}
                Err(error) => tracing::debug!(%error, "versions could not be read"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pace) => {}
            }
        }
    }

    async fn look(&self, pool: &PgPool, subjects: &[Uuid]) -> sqlx::Result<()> {
        let mut connection = pool.acquire().await?;
        let rows = subjects::versions(&mut connection, subjects).await?;
        let mut waiting = self.lock();
        for (subject, version, blocked) in rows {
            wake(&mut waiting, subject, version, blocked);
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
