//! Where a read of the outbox begins.

use std::time::Duration;

use tokio::time::Instant;

/// Ids before the first row of a read among which the next one still looks: what commits a little late has one of them.
const LATE: i64 = 2_000;

/// How long reads may leave out what lies further back.
const WHOLE_EVERY: Duration = Duration::from_secs(1);

/// Where reads begin. Under load the rows that were deleted lie before those to publish until PostgreSQL clears them away,
/// and to pass over them costs more than everything else. A read that finds nothing, and one each second, begins at the
/// beginning: no row is left out for longer.
pub(super) struct Beginning {
    after: i64,
    whole_at: Instant,
}

impl Beginning {
    pub(super) fn new() -> Self {
        Self {
            after: i64::MIN,
            whole_at: Instant::now(),
        }
    }

    /// The id behind which the next read begins.
    pub(super) fn next(&mut self) -> i64 {
        if self.whole_at.elapsed() >= WHOLE_EVERY {
            self.go_back();
        }
        self.after
    }

    /// Whether nothing was left out by the last read.
    pub(super) fn is_whole(&self) -> bool {
        self.after == i64::MIN
    }

    pub(super) fn go_back(&mut self) {
        *self = Self::new();
    }

    /// After a read whose first row was this one.
    pub(super) fn found(&mut self, first: i64) {
        self.after = first.saturating_sub(LATE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_begin_a_little_before_the_last_first_row_and_each_second_at_the_beginning() {
        let mut beginning = Beginning::new();
        assert_eq!((beginning.next(), beginning.is_whole()), (i64::MIN, true));
        beginning.found(9_000);
        assert_eq!((beginning.next(), beginning.is_whole()), (7_000, false));
        beginning.found(7_500);
        assert_eq!(beginning.next(), 5_500);
        beginning.whole_at = beginning.whole_at.checked_sub(WHOLE_EVERY).unwrap();
        assert_eq!((beginning.next(), beginning.is_whole()), (i64::MIN, true));
        beginning.found(9_000);
        assert_eq!(beginning.next(), 7_000);
        beginning.go_back();
        assert_eq!((beginning.next(), beginning.is_whole()), (i64::MIN, true));
    }
}
