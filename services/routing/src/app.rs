//! The composition: the directory, the desk on the docket's engine, the registry, the gRPC service.

use std::sync::Arc;

use chassis::config::ClockMode;
use chassis::shutdown::Shutdown;
use docket::launch::Listeners;
use proto::routing::v1::routing_service_server::RoutingServiceServer;

use crate::config::Config;
use crate::desk::RoutingDesk;
use crate::grpc::Routing;
use crate::publication;
use crate::readiness::OnceReady;
use crate::registry::Registry;

pub(crate) async fn run(
    config: Config,
    listeners: Listeners,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let directory = Arc::new(config.validate()?);
    tracing::info!(
        regions = directory.regions().len(),
        authorities = directory.authorities().len(),
        directory.version = directory.version(),
        "the directory is loaded"
    );
    let desk = RoutingDesk::new(Arc::clone(&directory));
    let mut office = docket::launch(desk, config.law(), &config.common, listeners, &shutdown)?;
    let registry = Registry {
        pool: office.pool.clone(),
        relay: Arc::clone(&office.relay),
        topic: office.registry_topic.clone(),
        space: config.common.space.clone(),
        stepped: config.common.clock == ClockMode::Stepped,
        readiness: Arc::new(OnceReady::new(office.readiness.clone())),
    };
    let routing = Routing {
        clerk: office.clerk.clone(),
        registry: registry.clone(),
        directory: Arc::clone(&directory),
        mode: config.common.mode,
    };
    let publishing = publication::run(registry, directory, shutdown.stopping());
    shutdown.spawn("publication of authorities", publishing);
    office.server = office.server.service(RoutingServiceServer::new(routing));
    office.serve(&config.common, &shutdown).await
}
