//! gRPC health, per service name, following the service's phase.

use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthRpc, HealthServer};
use tonic_health::server::{HealthReporter, health_reporter};

use crate::probe::Phase;

/// Tells health for the whole server (the empty name) and for each of its services.
#[derive(Clone, Debug)]
pub(super) struct Health {
    reporter: HealthReporter,
    names: Vec<&'static str>,
}

impl Health {
    /// Not serving yet.
    pub(super) async fn new(mut names: Vec<&'static str>) -> (Self, HealthServer<impl HealthRpc>) {
        names.push("");
        let (reporter, service) = health_reporter();
        let health = Self { reporter, names };
        health.show(Phase::Starting).await;
        (health, service)
    }

    /// Says of every name what `phase` means.
    pub(super) async fn show(&self, phase: Phase) {
        let status = match phase {
            Phase::Ready => ServingStatus::Serving,
            Phase::Starting | Phase::Draining => ServingStatus::NotServing,
        };
        for name in &self.names {
            self.reporter.set_service_status(name, status).await;
        }
    }

    /// Shows every phase there is to come; never ends.
    pub(super) async fn follow(&self, mut phases: watch::Receiver<Phase>) {
        loop {
            let phase = *phases.borrow_and_update();
            self.show(phase).await;
            // The last sender is gone only with the service itself, and draining is the last phase.
            if phase == Phase::Draining || phases.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Ends the streams that watch health: they would hold their connections open for ever.
    pub(super) async fn forget(&self) {
        let mut reporter = self.reporter.clone();
        for name in &self.names {
            reporter.clear_service_status(name).await;
        }
    }
}
