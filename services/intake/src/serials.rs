//! Serials of case numbers, taken from the database a block at a time, so that a filing asks it nothing.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chassis::store::recoveries;
use sqlx::PgPool;

use crate::store;

/// The serials this replica may still give out.
#[derive(Debug, Default)]
pub(crate) struct Serials {
    block: Mutex<Range<i64>>,
    refill: tokio::sync::Mutex<()>,
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
}

impl Serials {
    /// The next serial; takes a new block when the last one is used up.
    ///
    /// # Errors
    /// When the store does not answer, or while the service reads its own words again: the sequence may then stand
    /// below serials that are in the log.
    pub(crate) async fn next(&self, pool: &PgPool) -> Result<i64, NoSerial> {
        loop {
            if let Some(serial) = self.block().next() {
                return Ok(serial);
            }
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
