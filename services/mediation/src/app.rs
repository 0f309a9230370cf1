//! The composition root: desk, engine, gRPC service, server.

use chassis::config::ClockMode;
use chassis::shutdown::Shutdown;
use docket::launch::Listeners;
use proto::mediation::v1::mediation_service_server::MediationServiceServer;

use crate::config::Config;
use crate::desk::MediationDesk;
use crate::grpc::MediationApi;
use crate::store::times::Times;

/// Serves until the shutdown, then drains.
///
/// # Errors
/// When a part cannot be made, or the first error of a task.
pub async fn run(config: Config, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    let law = config.policy.law();
    let common = &config.common;
    let mut office = docket::launch(MediationDesk, law.clone(), common, listeners, &shutdown)?;
    let times = Times::new(office.pool.clone(), common.clock == ClockMode::Stepped);
    let api = MediationApi::new(office.clerk.clone(), times, law);
    office.server = office.server.service(MediationServiceServer::new(api));
    office.serve(common, &shutdown).await
}
