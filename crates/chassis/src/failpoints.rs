//! Fail points: places at which a test lets the process die or stand still. Only in builds with the feature `failpoints`.
//!
//! `FAILPOINTS="relay-read=20*off->1*return"` ends the process when it comes to that place for the 21st time, as a power
//! cut would; `…->1*return(1500)` lets that task stand still for 1,500 milliseconds instead.

#[cfg(feature = "failpoints")]
pub(crate) use armed::*;

/// A fail point; nothing at all without the feature. With a condition it counts only where that holds.
macro_rules! fail_point {
    ($point:ident) => {
        #[cfg(feature = "failpoints")]
        crate::failpoints::pass(crate::failpoints::$point).await;
    };
    ($point:ident if $condition:expr) => {
        #[cfg(feature = "failpoints")]
        if $condition {
            crate::failpoints::pass(crate::failpoints::$point).await;
        }
    };
}

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::Once;
    use std::time::Duration;

    use anyhow::ensure;

    /// In the writer's transaction, between its statements.
    pub(crate) const BATCH_MIDDLE: &str = "batch-middle";
    /// After the commit of a batch with calls, before anybody is answered or the relay is told.
    pub(crate) const CALLS_COMMITTED: &str = "calls-committed";
    /// After the commit of a batch with records of the log.
    pub(crate) const RECORDS_COMMITTED: &str = "records-committed";
    /// The relay has read rows and published none of them.
    pub(crate) const RELAY_READ: &str = "relay-read";
    /// The relay's rows are on the log and in the outbox still.
    pub(crate) const RELAY_PRODUCED: &str = "relay-produced";
    /// The deadline loop has read what is due and woken nobody.
    pub(crate) const DEADLINES_READ: &str = "deadlines-read";
    /// What was due has been woken and is not set back yet.
    pub(crate) const DEADLINES_WOKEN: &str = "deadlines-woken";

    const ALL: [&str; 7] = [
        BATCH_MIDDLE,
        CALLS_COMMITTED,
        RECORDS_COMMITTED,
        RELAY_READ,
        RELAY_PRODUCED,
        DEADLINES_READ,
        DEADLINES_WOKEN,
    ];

    /// Sets the fail points that `FAILPOINTS` names.
    ///
    /// # Errors
    /// When it names one that does not exist: a test that waits for it would wait in vain.
    pub(crate) fn arm() -> anyhow::Result<()> {
        static ARMED: Once = Once::new();
        // kept for good: dropping it would take every point away again
        ARMED.call_once(|| std::mem::forget(fail::FailScenario::setup()));
        for (point, actions) in fail::list() {
            ensure!(
                ALL.contains(&point.as_str()),
                "FAILPOINTS names {point}, which is none of {ALL:?}"
            );
            tracing::info!(point, actions, "a fail point is set");
        }
        Ok(())
    }

    /// Does what the point is set to: nothing, an end of the process, or a pause of this task.
    pub(crate) async fn pass(point: &'static str) {
        match set_to(point) {
            None => {}
            Some(None) => {
                tracing::info!(point, "a fail point ends the process");
                std::process::abort();
            }
            Some(Some(pause_ms)) => {
                let pause = pause_ms
                    .parse()
                    .expect("a fail point returns nothing or milliseconds");
                tracing::info!(point, "a fail point stands still");
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        }
    }

    /// What the point returns this time.
    fn set_to(point: &'static str) -> Option<Option<String>> {
        fail::fail_point!(point, Some);
        None
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[tokio::test]
        async fn point_counts_and_then_stands_still_once() {
            fail::cfg(DEADLINES_READ, "2*off->1*return(30)").unwrap();
            let mut paused = Vec::new();
            for _ in 0..5 {
                let started = tokio::time::Instant::now();
                pass(DEADLINES_READ).await;
                paused.push(started.elapsed() >= Duration::from_millis(30));
            }
            assert_eq!(paused, [false, false, true, false, false]);
            fail::remove(DEADLINES_READ);
        }
    }
}
