//! Composition: the desk, the engine every service has, and intake's own gRPC service on the same server.

use std::sync::Arc;

use chassis::config::ClockMode;
use chassis::shutdown::Shutdown;
use docket::launch::Listeners;
use law::Law;
use proto::intake::v1::intake_service_server::IntakeServiceServer;

use crate::config::{Checked, Config};
use crate::desk::IntakeDesk;
use crate::domain::allowance::Allowances;
use crate::grpc::{Api, Parts};
use crate::serials::Serials;

/// Runs the service until the shutdown.
///
/// # Errors
/// Bad settings, a part that cannot be made, the first task that failed, or tasks that did not end in time.
pub async fn run(config: Config, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    let Checked {
        directory,
        progress_codes,
    } = config.check()?;
    let common = &config.common;
    tracing::info!(
        directory.version = directory.version(),
        regions = directory.regions().len(),
        "directory read"
    );
    let progress_codes = Arc::new(progress_codes);
    let serials = Arc::new(Serials::new(common.writer.queue_calls));
    let desk = IntakeDesk::new(Arc::clone(&progress_codes), Arc::clone(&serials));
    let mut office = docket::launch(desk, Law::default(), common, listeners, &shutdown)?;
    let api = Api::new(Parts {
        clerk: office.clerk.clone(),
        directory,
        progress_codes,
        serials,
        allowances: Allowances::new(config.progress_burst, config.progress_per_minute),
        mode: common.mode,
        default_space: common.space.clone(),
        stepped: common.clock == ClockMode::Stepped,
    });
    office.server = office.server.service(IntakeServiceServer::new(api));
    office.serve(common, &shutdown).await
}
