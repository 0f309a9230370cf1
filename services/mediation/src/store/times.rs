//! What time it is in a space, for reads. Commands get theirs from the writer.

use chassis::clock;
use chassis::store::Pool;
use chassis::store::clocks;
use chrono::{DateTime, Utc};

/// Real time, or the stepped time of a space.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    pool: Pool,
    stepped: bool,
}

impl Times {
    /// Time as the service's clock setting has it.
    pub(crate) fn new(pool: Pool, stepped: bool) -> Self {
        Self { pool, stepped }
    }

    /// Whether a space's time must be asked for.
    pub(crate) fn is_stepped(&self) -> bool {
        self.stepped
    }

    /// Now in a space; a stepped space that was never set goes by real time, as in the writer.
    pub(crate) async fn now(&self, space: &str) -> sqlx::Result<DateTime<Utc>> {
        if !self.stepped {
            return Ok(clock::wall());
        }
        let mut connection = self.pool.acquire().await?;
        let shown = clocks::of_spaces(&mut connection, &[space.to_owned()]).await?;
        Ok(shown.first().map_or_else(clock::wall, |(_, now)| *now))
    }
}
