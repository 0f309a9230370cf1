//! What the tests stand on: histories as services write them, random ones, and the running service.

pub(crate) mod bodies;
pub(crate) mod moves;
pub(crate) mod people;
pub(crate) mod rig;
pub(crate) mod service;
pub(crate) mod story;

use std::time::{Duration, Instant};

/// How long anything may take before a test fails; far beyond what it needs.
pub(crate) const BOUND: Duration = Duration::from_secs(40);

/// Waits until `holds`; panics with `what` after the bound.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < BOUND, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
