//! What this process commits, handed to its own relay: it need not be read from the outbox.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::store::outbox::Pending;

/// Rows that wait here at most: beyond it they are read from the outbox as if they had not been handed over.
const MOST: usize = 10_000;

/// Rows of the outbox as they were committed; nothing is kept while no relay of this process wants them.
#[derive(Debug, Default)]
pub struct Handed {
    queue: Mutex<Option<Queue>>,
    some: Notify,
}

#[derive(Debug)]
enum Queue {
    /// In the order of their commits.
    Rows(Vec<Pending>),
    /// Some are in the outbox alone.
    Lost,
}

impl Handed {
    /// From now on the rows of every commit are wanted.
    pub(super) fn begin(&self) {
        *self.lock() = Some(Queue::Rows(Vec::new()));
    }

    /// None are wanted any longer.
    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    /// Takes the rows of a commit, `None` when their ids are not known. Gives whether they are wanted; if not, the relay has to
    /// be woken.
    pub(crate) fn hand(&self, rows: Option<Vec<Pending>>) -> bool {
        {
            let mut queue = self.lock();
            match (queue.as_mut(), rows) {
                (None, _) => return false,
                (Some(Queue::Rows(waiting)), Some(rows)) if waiting.len() + rows.len() <= MOST => {
                    waiting.extend(rows);
                }
                (Some(_), _) => *queue = Some(Queue::Lost),
            }
        }
        self.some.notify_one();
        true
    }

    /// What was handed over since the last time; `None` when that is not all there is.
    pub(super) fn take(&self) -> Option<Vec<Pending>> {
        match self.lock().as_mut() {
            Some(Queue::Rows(waiting)) => Some(std::mem::take(waiting)),
            Some(Queue::Lost) | None => None,
        }
    }

    /// Waits until something is handed over.
    pub(super) async fn some(&self) {
        self.some.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Queue>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
