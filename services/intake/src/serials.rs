//! Serials of case numbers, taken from the database a block at a time, so that a filing asks it nothing.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chassis::store::Pool;
use chassis::store::recoveries;
use tokio::sync::Semaphore;

use crate::store;

/// The serials this replica may still give out.
#[derive(Debug)]
pub(crate) struct Serials {
    block: Mutex<Range<i64>>,
    refill: tokio::sync::Mutex<()>,
    waiting: Semaphore,
}

/// Why there is no serial now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoSerial {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// The service reads its own words again.
    #[error("the service reads its own words again")]
    Recovering,
    /// Too many wait for one already.
    #[error("too many filings wait")]
    Overloaded,
}

impl Serials {
    /// No serials yet. So many filings may wait for a block at once: while the database stands still, more than may wait
    /// for the writer would only fill memory until their deadlines.
    pub(crate) fn new(most_waiting: usize) -> Self {
        Self {
            block: Mutex::default(),
            refill: tokio::sync::Mutex::default(),
            waiting: Semaphore::new(most_waiting),
        }
    }

    /// The next serial; takes a new block when the last one is used up.
    ///
    /// # Errors
    /// When the store does not answer, or while the service reads its own words again: the sequence may then stand
    /// below serials that are in the log. `Overloaded` at once when too many wait.
    pub(crate) async fn next(&self, pool: &Pool) -> Result<i64, NoSerial> {
        loop {
            if let Some(serial) = self.block().next() {
                return Ok(serial);
            }
            let Ok(_place) = self.waiting.try_acquire() else {
                return Err(NoSerial::Overloaded);
            };
            let _alone = self.refill.lock().await;
            if !self.block().is_empty() {
                continue;
            }
            let mut connection = pool.acquire().await?;
            if recoveries::left(&mut connection).await? > 0 {
                return Err(NoSerial::Recovering);
            }
            let first = store::serials::next_block(&mut connection).await?;
            *self.block() = first..first + store::serials::BLOCK;
        }
    }

    /// Gives up the rest of the block: the log turned out to hold serials the database did not know.
    pub(crate) fn forget(&self) {
        *self.block() = 0..0;
    }

    fn block(&self) -> MutexGuard<'_, Range<i64>> {
        // A poisoned lock holds a whole range: every change under it is a single step.
        self.block.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sqlx::postgres::PgPoolOptions;

    use super::*;

    #[tokio::test]
    async fn filings_beyond_those_that_may_wait_are_refused_while_the_database_stands_still() {
        // the kernel takes the connection, nobody answers it
        let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://x@{}/x", nobody.local_addr().unwrap());
        for most_waiting in [1, 3, 300] {
            let pool = Pool::from(PgPoolOptions::new().connect_lazy(&url).unwrap());
            let serials = Arc::new(Serials::new(most_waiting));
            let waits = |_| {
                let (serials, pool) = (Arc::clone(&serials), pool.clone());
                tokio::spawn(async move { serials.next(&pool).await })
            };
            let waiting: Vec<_> = (0..most_waiting).map(waits).collect();
            while serials.waiting.available_permits() > 0 {
                tokio::task::yield_now().await;
            }
            let refused = serials.next(&pool).await;
            assert!(
                matches!(refused, Err(NoSerial::Overloaded)),
                "{most_waiting}: {refused:?}"
            );
            assert!(
                waiting.iter().all(|task| !task.is_finished()),
                "{most_waiting}: one that may wait was refused"
            );
            for task in waiting {
                task.abort();
            }
        }
    }
}
