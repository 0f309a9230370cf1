//! Waiting for a state with a bound, instead of sleeping for a guess.

use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(10);

/// Asks `reached` every few milliseconds until it answers, at most for `bound`; blocks the thread.
pub(crate) fn until<T>(bound: Duration, mut reached: impl FnMut() -> Option<T>) -> Option<T> {
    let give_up_at = Instant::now() + bound;
    loop {
        if let Some(answer) = reached() {
            return Some(answer);
        }
        if Instant::now() >= give_up_at {
            return None;
        }
        std::thread::sleep(STEP);
    }
}

/// Like [`until`], for async callers: only `reached` itself runs on the thread, not the pauses.
pub(crate) async fn until_async<T>(
    bound: Duration,
    mut reached: impl FnMut() -> Option<T>,
) -> Option<T> {
    let give_up_at = Instant::now() + bound;
    loop {
        if let Some(answer) = reached() {
            return Some(answer);
        }
        if Instant::now() >= give_up_at {
            return None;
        }
        tokio::time::sleep(STEP).await;
    }
}
