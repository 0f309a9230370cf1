//! Waiting for a version: what this replica wrote last it knows, the row is looked at once, and own commits wake. A replica
//! that reads every partition itself does not look for a subject that is younger than what it knows. One shared query covers
//! other replicas: every few milliseconds while there are some, now and then while this one reads every partition itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock;
use crate::consumer::Progress;
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

/// How often the store is looked into by a replica that reads every partition. What others commit then are commands, and
/// their events come back to it.
const ALONE: Duration = Duration::from_millis(500);

/// Commits that are remembered at least.
const RECENT: usize = 4_096;

type Waiting = HashMap<Uuid, Vec<(u64, oneshot::Sender<Waited>)>>;

/// Who waits; nobody may once the service reads no more.
#[derive(Debug, Default)]
struct State {
    waiting: Waiting,
    recent: Recent,
    stopped: bool,
}

/// Versions that this replica committed last: who asks for one of them needs no query.
#[derive(Debug)]
struct Recent {
    young: HashMap<Uuid, u64>,
    old: HashMap<Uuid, u64>,
    /// Since when all commits are in `young`, in milliseconds of the Unix epoch, and since when in both.
    since: (i64, i64),
}

impl Default for Recent {
    fn default() -> Self {
        let now = clock::wall().timestamp_millis();
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            since: (now, now),
        }
    }
}

impl Recent {
    fn note(&mut self, subject: Uuid, version: u64) {
        if self.holds(subject, version) {
            return;
        }
        if self.young.len() >= RECENT {
            self.old = std::mem::take(&mut self.young);
            self.since = (clock::wall().timestamp_millis(), self.since.0);
        }
        self.young.insert(subject, version);
    }

    /// Whether whatever this replica committed of a subject is here, as far as the instant in its id can be trusted.
    fn covers(&self, subject: Uuid) -> bool {
        let made_at = subject.get_timestamp().map(|at| at.to_unix());
        made_at.is_some_and(|(seconds, nanos)| {
            let millis = seconds.saturating_mul(1_000) + u64::from(nanos / 1_000_000);
            i64::try_from(millis).is_ok_and(|millis| millis > self.since.1)
        })
    }

    fn holds(&self, subject: Uuid, version: u64) -> bool {
        let known = self.young.get(&subject).or_else(|| self.old.get(&subject));
        known.is_some_and(|known| *known >= version)
    }
}

/// Those who wait for a version of a subject.
#[derive(Debug)]
pub struct Waiters {
    pool: Pool,
    progress: Arc<Progress>,
    state: Mutex<State>,
    some: Notify,
}

impl Waiters {
    /// Nobody waits yet.
    pub fn new(pool: Pool, progress: Arc<Progress>) -> Self {
        Self {
            pool,
            progress,
            state: Mutex::default(),
            some: Notify::new(),
        }
    }

    /// Waits until the subject's row is at `version` or beyond; the caller bounds the wait.
    pub async fn reach(&self, subject: Uuid, version: u64) -> Waited {
        let (tell, mut told) = oneshot::channel();
        let alone = self.progress.is_whole();
        let comes = {
            let mut state = self.lock();
            if state.stopped {
                return Waited::Stopped;
            }
            if state.recent.holds(subject, version) {
                return Waited::Reached;
            }
            let list = state.waiting.entry(subject).or_default();
            list.push((version, tell));
            alone && state.recent.covers(subject)
        };
        self.some.notify_one();
        if comes {
            return told.await.unwrap_or(Waited::Stopped);
        }
        // After it is known who waits: a commit in between wakes.
        tokio::select! {
            biased;
            ended = &mut told => return ended.unwrap_or(Waited::Stopped),
            row = self.pool.row(subject) => match row {
                Ok(Some(row)) => {
                    let waiting = &mut self.lock().waiting;
                    wake(waiting, subject, row.position.version, row.blocked);
                }
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "a version could not be read"),
            },
        }
        told.await.unwrap_or(Waited::Stopped)
    }

    /// Wakes those who waited for these versions.
    pub fn committed(&self, versions: &[(Uuid, u64)]) {
        let mut state = self.lock();
        for (subject, version) in versions {
            state.recent.note(*subject, *version);
            wake(&mut state.waiting, *subject, *version, None);
        }
    }

    /// Forgets what was committed: the database has lost some of it.
    pub fn forget(&self) {
        self.lock().recent = Recent::default();
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
    pub async fn run(self: Arc<Self>, pace: Duration, stop: CancellationToken) {
        self.look_until(pace, &stop).await;
        let mut state = self.lock();
        state.stopped = true;
        state.waiting.clear();
    }

    async fn look_until(&self, pace: Duration, stop: &CancellationToken) {
        loop {
            // Who has just come looks by itself.
            let pace = if self.progress.is_whole() {
                ALONE
            } else {
                pace
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pace) => {}
            }
            let subjects = self.subjects();
            if subjects.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.some.notified() => {}
                }
                continue;
            }
            match within(SILENCE, self.look(&subjects)).await {
                Ok(()) => {}
                Err(error) => tracing::debug!(%error, "versions could not be read"),
            }
        }
    }

    async fn look(&self, subjects: &[Uuid]) -> sqlx::Result<()> {
        let mut connection = self.pool.acquire().await?;
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

    fn nowhere() -> Pool {
        let lazily = PgPoolOptions::new().acquire_timeout(Duration::from_millis(10));
        let pool = lazily.connect_lazy("postgres://nobody@127.0.0.1:1/none");
        pool.unwrap().into()
    }

    #[tokio::test]
    async fn nobody_waits_for_a_service_that_stops() {
        let waiters = Arc::new(Waiters::new(nowhere(), Arc::default()));
        let stop = CancellationToken::new();
        let pace = Duration::from_millis(1);
        let run = Arc::clone(&waiters).run(pace, stop.clone());
        let looking = tokio::spawn(run);
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

    #[tokio::test]
    async fn what_was_committed_last_is_reached_without_a_look() {
        let waiters = Waiters::new(nowhere(), Arc::default());
        let knows = |subject, version| waiters.lock().recent.holds(subject, version);
        let subject = Uuid::from_u128(1);
        waiters.committed(&[(subject, 3)]);
        assert_eq!(waiters.reach(subject, 3).await, Waited::Reached);
        assert!(knows(subject, 2) && !knows(subject, 4));
        for other in 2..2 + RECENT as u128 {
            waiters.committed(&[(Uuid::from_u128(other), 1)]);
        }
        assert!(knows(subject, 3), "of the generation before");
        waiters.committed(&[(subject, 5), (subject, 4)]);
        assert!(knows(subject, 5), "the latest counts");
        waiters.forget();
        assert!(!knows(subject, 1));
    }

    #[test]
    fn only_what_is_younger_than_all_that_is_known_is_sure_to_come() {
        let made_at = |seconds| {
            let at = uuid::Timestamp::from_unix(uuid::NoContext, seconds, 0);
            Uuid::new_v7(at)
        };
        let (before, after) = (Uuid::now_v7(), made_at(1 << 40));
        let mut recent = Recent::default();
        assert!(!recent.covers(before) && recent.covers(after));
        assert!(!recent.covers(Uuid::from_u128(7)), "no instant in it");
        recent.since = (1_000_000, 5_000);
        let rows = [(4, false), (5, false), (6, true), (999, true)];
        for (seconds, covers) in rows {
            assert_eq!(recent.covers(made_at(seconds)), covers, "{seconds}");
        }
        for subject in 0..RECENT as u128 {
            recent.note(Uuid::from_u128(subject), 1);
        }
        recent.note(Uuid::from_u128(RECENT as u128), 1);
        assert_eq!(
            recent.since.1, 1_000_000,
            "the younger half is the older one now"
        );
    }
}
