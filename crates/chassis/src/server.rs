//! The gRPC server of a service: health, reflection, principals, limits, deadlines, spans, and a drain that ends.

mod body;
mod call;
mod deadline;
mod gate;
mod health;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use http::{Request, Response};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic::transport::server::TcpIncoming;
use tower::Service;

use crate::config::{Common, Mode};
use crate::metrics::Methods;
use crate::principal::PrincipalLayer;
use crate::probe::Readiness;
use crate::shutdown::Shutdown;
use call::CallLayer;
use gate::Gate;
use health::Health;

pub use deadline::Deadline;

// Connections get this long to close once no call is in flight: their last frames are on the way.
const FAREWELL: Duration = Duration::from_millis(500);
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Whether a method needs no principal and no place: health and reflection.
pub(crate) fn is_open(path: &str) -> bool {
    const OPEN: [&str; 3] = [
        "/grpc.health.v1.Health/",
        "/grpc.reflection.v1.ServerReflection/",
        "/grpc.reflection.v1alpha.ServerReflection/",
    ];
    OPEN.iter().any(|prefix| path.starts_with(prefix))
}

/// Binds `address`; `setting` is the variable it came from, for the error.
///
/// # Errors
/// If the address cannot be bound.
pub async fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{setting}: cannot listen on {address}"))
}

/// A gRPC server being put together: [`Server::new`], then services and descriptors, then [`Server::serve`].
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    mode: Mode,
    rules: Rules,
    drain_timeout: Duration,
    readiness: Readiness,
    routes: RoutesBuilder,
    names: Vec<&'static str>,
    descriptors: Vec<&'static [u8]>,
}

/// What every call is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// For a call whose caller names no deadline.
    pub(crate) timeout: Duration,
    /// Bytes of one request message.
    pub(crate) message_limit_bytes: usize,
    /// Calls in flight at once.
    pub(crate) concurrent_calls: u32,
}

impl Server {
    /// A server on an already bound listener; its health follows `readiness`.
    pub fn new(listener: TcpListener, common: &Common, readiness: Readiness) -> Self {
        Self {
            listener,
            mode: common.mode,
            rules: Rules {
                timeout: Duration::from_millis(common.request_timeout_ms),
                message_limit_bytes: common.message_limit_bytes as usize,
                concurrent_calls: common.concurrent_calls,
            },
            drain_timeout: Duration::from_millis(common.drain_timeout_ms) / 2,
            readiness,
            routes: RoutesBuilder::default(),
            names: Vec::new(),
            descriptors: Vec::new(),
        }
    }

    /// The address bound, with the port taken when 0 was asked for.
    ///
    /// # Errors
    /// If the socket does not tell.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Adds a generated service; health answers for its name.
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.names.push(S::NAME);
        self.routes.add_service(service);
        self
    }

    /// Adds an encoded descriptor set for reflection to show.
    #[must_use]
    pub fn describe(mut self, descriptor_set: &'static [u8]) -> Self {
        self.descriptors.push(descriptor_set);
        self
    }

    /// Serves until the stop begins, then drains: health says no, no new calls, those in flight finish within half of
    /// `drain_timeout_ms` or are answered UNAVAILABLE. Run it as a task of the front row.
    ///
    /// # Errors
    /// In production mode (nobody verifies principals yet), for a broken descriptor set, or if the transport fails.
    pub async fn serve(mut self, shutdown: Shutdown) -> anyhow::Result<()> {
        let principals = match self.mode {
            Mode::Sandbox => PrincipalLayer::sandbox(),
            Mode::Production => {
                bail!("production needs real verification of principals, which does not exist yet")
            }
        };
        let (health, health_service) = Health::new(std::mem::take(&mut self.names)).await;
        let reflect = |mut builder: tonic_reflection::server::Builder<'static>| {
            for set in &self.descriptors {
                builder = builder.register_encoded_file_descriptor_set(set);
            }
            builder.register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let reflection = reflect(tonic_reflection::server::Builder::configure()).build_v1()?;
        let old_reflection =
            reflect(tonic_reflection::server::Builder::configure()).build_v1alpha()?;
        self.routes
            .add_service(health_service)
            .add_service(reflection)
            .add_service(old_reflection);

        let methods = Methods::of(self.descriptors.iter().copied());
        let gate = Gate::new(self.rules.concurrent_calls);
        let stopping = shutdown.stopping();
        let stop = async {
            stopping.cancelled().await;
            // Before connections are told to go, so that whoever watches learns it first.
            self.readiness.draining();
            health.show(self.readiness.phase()).await;
        };
        let serving = tonic::transport::Server::builder()
            .max_concurrent_streams(self.rules.concurrent_calls)
            .http2_keepalive_interval(Some(KEEPALIVE))
            .layer(CallLayer::new(self.rules, gate.clone(), methods))
            .layer(principals)
            .add_routes(self.routes.routes())
            .serve_with_incoming_shutdown(
                TcpIncoming::from(self.listener).with_nodelay(Some(true)),
                stop,
            );
        let drained = async {
            stopping.cancelled().await;
            gate.drain(self.drain_timeout).await;
            health.forget().await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            served = serving => served.context("gRPC server")?,
            () = health.follow(self.readiness.subscribe()) => (),
            () = drained => tracing::info!("some connections were still open after the drain"),
        }
        Ok(())
    }
}
