//! The composition root: desk, engine, gRPC service, server.

use chassis::shutdown::Shutdown;
use docket::launch::Listeners;
use law::Law;
use proto::analytics::v1::analytics_service_server::AnalyticsServiceServer;

use crate::config::Config;
use crate::desk::AnalyticsDesk;
use crate::grpc::AnalyticsApi;

/// Serves until the shutdown, then drains.
///
/// # Errors
/// When a part cannot be made, or the first error of a task.
pub async fn run(config: Config, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    let common = &config.common;
    // No command is ever decided here, so the law is a formality.
    let mut office = docket::launch(AnalyticsDesk, Law::default(), common, listeners, &shutdown)?;
    let api = AnalyticsApi::new(office.clerk.clone());
    office.server = office.server.service(AnalyticsServiceServer::new(api));
    office.serve(common, &shutdown).await
}
