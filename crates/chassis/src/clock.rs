//! Time: the only place that reads a wall clock, and the stepped time of a space.

use chrono::{DateTime, SubsecRound, Utc};

/// The wall clock, in whole microseconds (what the store and the log keep).
pub fn wall() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
