//! What the scenarios stand on: the service in this process, its database and topics, callers, other services' words.

pub(crate) mod forms;
pub(crate) mod others;
pub(crate) mod service;

use std::time::{Duration, Instant};

use chassis::{status, violations};
use tonic::{Code, Status};

/// How long anything may take before a scenario fails; far beyond what it needs.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

/// Waits until `holds`; panics with `what` after the bound.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < BOUND, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Code and reason of a refusal.
pub(crate) fn refusal(status: &Status) -> (Code, String) {
    (status.code(), status::reason_of(status).unwrap_or_default())
}

/// Code and field paths of a request that breaks rules.
pub(crate) fn fields(status: &Status) -> (Code, Vec<String>) {
    (
        status.code(),
        violations::of(status)
            .into_iter()
            .map(|(field, _)| field)
            .collect(),
    )
}
