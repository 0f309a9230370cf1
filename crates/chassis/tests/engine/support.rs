//! What the scenarios stand on: the toy, its services, their databases and topics, a history written by hand.

pub(crate) mod history;
pub(crate) mod idler;
pub(crate) mod reading;
pub(crate) mod rig;
pub(crate) mod service;
pub(crate) mod ticket;
pub(crate) mod toy;

use std::time::{Duration, Instant};

/// How long anything may take before a scenario fails; far beyond what it needs.
pub(crate) const BOUND: Duration = Duration::from_secs(40);

/// Waits until `holds`; panics with `what` after the bound.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < BOUND, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until `found` gives something; panics with `what` after the bound.
pub(crate) async fn found<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let mut value = None;
    eventually(what, async || {
        value = found().await;
        value.is_some()
    })
    .await;
    value.expect("it was just found")
}
