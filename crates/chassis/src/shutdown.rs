//! Starting and stopping: named tasks, one signal for all, and an end that comes by its deadline.
//!
//! Tasks stand in two rows. The front (server, consumer, loops) stops on the signal; the back (writer, relay, probe)
//! goes on until the front is done, because the front's last work still needs it.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The handle every task and every composition root shares; clones are the same handle.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stopping: CancellationToken,
    finishing: CancellationToken,
    impatient: CancellationToken,
    front: TaskTracker,
    back: TaskTracker,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: Vec<&'static str>,
    failure: Option<anyhow::Error>,
}

impl Shutdown {
    /// Nothing runs and nothing stops yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the stop on SIGTERM or SIGINT; a second one ends [`Shutdown::drain`] at once. Call inside the runtime.
    ///
    /// # Errors
    /// If the signals cannot be listened to.
    pub fn on_signals(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                if shutdown.0.stopping.is_cancelled() {
                    tracing::warn!(signal = name, "second signal, not waiting any longer");
                    shutdown.0.impatient.cancel();
                    return;
                }
                tracing::info!(signal = name, "stopping");
                shutdown.begin();
            }
        });
        Ok(())
    }

    /// Begins the stop.
    pub fn begin(&self) {
        self.0.stopping.cancel();
    }

    /// Cancelled when the stop begins: for tasks of the front row.
    pub fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    /// Cancelled when the front row is done: for tasks of the back row.
    pub fn finishing(&self) -> CancellationToken {
        self.0.finishing.clone()
    }

    /// Runs a task of the front row: it ends soon after [`Shutdown::stopping`]. An error or panic stops the service.
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.0.front.spawn(self.watched(name, task));
    }

    /// Runs a task of the back row: it ends soon after [`Shutdown::finishing`]. An error or panic stops the service.
    pub fn spawn_back<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.0.back.spawn(self.watched(name, task));
    }

    /// Waits for the stop to begin, then for the tasks: the front row has three quarters of `deadline`, the back row what is left.
    ///
    /// # Errors
    /// The first error of a task, else the names of the tasks that did not end in time.
    pub async fn drain(&self, deadline: Duration) -> anyhow::Result<()> {
        let inner = &*self.0;
        inner.stopping.cancelled().await;
        let ends_at = tokio::time::Instant::now() + deadline;
        inner.front.close();
        inner.back.close();
        let rows = async {
            let front_done = tokio::time::timeout(deadline * 3 / 4, inner.front.wait())
                .await
                .is_ok();
            inner.finishing.cancel();
            let back_done = tokio::time::timeout_at(ends_at, inner.back.wait())
                .await
                .is_ok();
            // The front row may use what the back row left of the time.
            front_done
                || (back_done
                    && tokio::time::timeout_at(ends_at, inner.front.wait())
                        .await
                        .is_ok())
        };
        tokio::select! {
            _ = rows => (),
            () = inner.impatient.cancelled() => inner.finishing.cancel(),
        }
        let mut state = self.state();
        match state.failure.take() {
            Some(failure) => Err(failure),
            None if state.running.is_empty() => Ok(()),
            None => Err(anyhow!("did not end in time: {}", state.running.join(", "))),
        }
    }

    fn watched<F>(&self, name: &'static str, task: F) -> impl Future<Output = ()> + Send + 'static
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let shutdown = self.clone();
        self.state().running.push(name);
        async move {
            let outcome = AssertUnwindSafe(task)
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(anyhow!("panicked")))
                .with_context(|| format!("task {name}"));
            shutdown.ended(name, outcome);
        }
    }

    fn ended(&self, name: &'static str, outcome: anyhow::Result<()>) {
        let mut state = self.state();
        if let Some(at) = state.running.iter().position(|running| *running == name) {
            state.running.swap_remove(at);
        }
        match outcome {
            Ok(()) => tracing::debug!(task = name, "task ended"),
            // The first failure is reported by `drain`; those it brings about would otherwise be lost.
            Err(error) if state.failure.is_some() => {
                tracing::error!(
                    task = name,
                    error = format!("{error:#}"),
                    "task failed as well"
                );
            }
            Err(error) => {
                tracing::error!(task = name, "task failed, stopping");
                state.failure = Some(error);
                drop(state);
                self.begin();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A poisoned lock holds whole values: every change under it is a single step.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(40);
    const NEVER: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn the_back_row_outlives_the_front() {
        let shutdown = Shutdown::new();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (front, back) = (order.clone(), order.clone());
        let (stopping, finishing) = (shutdown.stopping(), shutdown.finishing());
        shutdown.spawn_back("writer", async move {
            finishing.cancelled().await;
            back.lock().unwrap().push("back");
            Ok(())
        });
        shutdown.spawn("server", async move {
            stopping.cancelled().await;
            tokio::time::sleep(SOON).await;
            front.lock().unwrap().push("front");
            Ok(())
        });
        shutdown.begin();
        shutdown.drain(NEVER).await.unwrap();
        assert_eq!(*order.lock().unwrap(), ["front", "back"]);
    }

    #[tokio::test]
    async fn a_failing_task_stops_the_service_with_its_error() {
        type Task = std::pin::Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;
        let rows: [(Task, &str); 2] = [
            (
                Box::pin(async { Err(anyhow!("no broker")) }),
                "task consumer: no broker",
            ),
            (
                Box::pin(async { panic!("broken on purpose") }),
                "task consumer: panicked",
            ),
        ];
        for (task, expected) in rows {
            let shutdown = Shutdown::new();
            let stopping = shutdown.stopping();
            shutdown.spawn("server", async move {
                stopping.cancelled().await;
                Ok(())
            });
            shutdown.spawn("consumer", task);
            let error = shutdown.drain(NEVER).await.unwrap_err();
            assert_eq!(format!("{error:#}"), expected);
        }
    }

    #[tokio::test]
    async fn a_task_that_ends_well_stops_nothing() {
        let shutdown = Shutdown::new();
        shutdown.spawn("once", async { Ok(()) });
        tokio::time::sleep(SOON).await;
        assert!(!shutdown.stopping().is_cancelled());
        shutdown.begin();
        shutdown.drain(NEVER).await.unwrap();
    }

    #[tokio::test]
    async fn who_does_not_end_in_time_is_named_and_not_waited_for() {
        let shutdown = Shutdown::new();
        shutdown.spawn("stuck", std::future::pending());
        shutdown.begin();
        let started_at = tokio::time::Instant::now();
        let error = shutdown.drain(SOON).await.unwrap_err();
        assert_eq!(error.to_string(), "did not end in time: stuck");
        assert!(shutdown.finishing().is_cancelled());
        assert!(started_at.elapsed() >= SOON);
    }
}
