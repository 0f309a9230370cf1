//! Starting a service: the same story for all of them, told once.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chassis::config::Common;
use chassis::engine::{Engine, Topics};
use chassis::ops::Ops;
use chassis::pb::ops_service_server::OpsServiceServer;
use chassis::probe::{self, Readiness};
use chassis::server::{Server, listen};
use chassis::shutdown::Shutdown;
use chassis::store::Pool;
use law::Law;
use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::clerk::Clerk;
use crate::desk::Desk;
use crate::work::Docket;

/// The topic of case events.
pub const CASE_TOPIC: &str = "odr.case.events.v1";
/// The topic of registry records.
pub const REGISTRY_TOPIC: &str = "odr.registry.events.v1";

/// The docket's own migrations (schema `docket`).
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// The topics, with a deployment's prefix.
pub fn topics(prefix: &str) -> Topics {
    Topics {
        subjects: format!("{prefix}{CASE_TOPIC}"),
        registry: format!("{prefix}{REGISTRY_TOPIC}"),
    }
}

/// A running service, before its own gRPC service is added.
pub struct Office<D: Desk> {
    /// For gRPC handlers.
    pub clerk: Clerk<D>,
    /// For acts outside the writer.
    pub pool: Pool,
    /// Wakes the relay after acts outside the writer.
    pub relay: Arc<Notify>,
    /// How far the service is.
    pub readiness: Readiness,
    /// The registry topic.
    pub registry_topic: String,
    /// The server to add services to.
    pub server: Server,
}

/// The listeners of a service.
pub struct Listeners {
    /// gRPC.
    pub grpc: TcpListener,
    /// Probes.
    pub ops: TcpListener,
}

impl Listeners {
    /// Binds both.
    ///
    /// # Errors
    /// Says which setting could not be bound.
    pub async fn bind(common: &Common) -> anyhow::Result<Self> {
        Ok(Self {
            grpc: listen(common.listen, "ODR_LISTEN").await?,
            ops: listen(common.ops_listen, "ODR_OPS_LISTEN").await?,
        })
    }
}

/// Applies all migrations of a service: the chassis', the docket's, its own.
///
/// # Errors
/// When one fails.
pub async fn migrate(common: &Common, own: &Migrator) -> anyhow::Result<()> {
    let options = chassis::engine::connection(common.database().expose(), "migrate")?
        .options([("lock_timeout", "60000")]);
    let mut connection = options
        .connect()
        .await
        .context("the database does not answer")?;
    for (name, migrator) in [
        ("chassis", &chassis::store::MIGRATOR),
        ("docket", &MIGRATOR),
        ("service", own),
    ] {
        migrator
            .run(&mut connection)
            .await
            .with_context(|| format!("migrations of {name}"))?;
    }
    Ok(())
}

/// Starts the engine, probes and a server with `odr.ops.v1`; the service adds its own and serves.
///
/// # Errors
/// When a part cannot be made.
pub fn launch<D: Desk>(
    desk: D,
    law: Law,
    common: &Common,
    listeners: Listeners,
    shutdown: &Shutdown,
) -> anyhow::Result<Office<D>> {
    let topics = topics(&common.topic_prefix);
    let work = Arc::new(Docket { desk, law });
    let engine = Engine::start(work, common, &topics, shutdown)?;
    shutdown.spawn_back(
        "probes",
        probe::serve(
            listeners.ops,
            engine.readiness.clone(),
            shutdown.finishing(),
        ),
    );
    let ops: Ops<Docket<D>> = engine.ops.clone();
    let server = Server::new(listeners.grpc, common, engine.readiness.clone())
        .describe(chassis::pb::FILE_DESCRIPTOR_SET)
        .describe(proto::FILE_DESCRIPTOR_SET)
        .service(OpsServiceServer::new(ops));
    Ok(Office {
        clerk: Clerk::new(
            engine.writer.clone(),
            Arc::clone(&engine.waiters),
            engine.pool.clone(),
        ),
        pool: engine.pool.clone(),
        relay: Arc::clone(&engine.relay),
        readiness: engine.readiness.clone(),
        registry_topic: topics.registry,
        server,
    })
}

impl<D: Desk> Office<D> {
    /// Serves until the shutdown, then drains under the deadline.
    ///
    /// # Errors
    /// The first error of a task, or those that did not end in time.
    pub async fn serve(self, common: &Common, shutdown: &Shutdown) -> anyhow::Result<()> {
        shutdown.spawn("server", self.server.serve(shutdown.clone()));
        shutdown
            .drain(Duration::from_millis(common.drain_timeout_ms))
            .await
    }
}
