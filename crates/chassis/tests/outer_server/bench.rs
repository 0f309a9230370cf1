//! A server with one small service, and a client of it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use chassis::config::Common;
use chassis::principal::{self, Principal};
use chassis::probe::Readiness;
use chassis::server::{Deadline, Server, listen};
use chassis::shutdown::Shutdown;
use clap::Parser;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::server::{NamedService, UnaryService};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

use crate::{BOUND, ME, NAME};

#[derive(Debug, Parser)]
pub(crate) struct Settings {
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `Say` answers who called, `Hang` waits for `release`, `Panic` panics.
#[derive(Clone)]
pub(crate) struct Echo {
    entered: Arc<Semaphore>,
    pub(crate) release: Arc<Semaphore>,
}

impl NamedService for Echo {
    const NAME: &'static str = NAME;
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = Method(self.clone(), request.uri().path().to_owned());
        async move {
            Ok(tonic::server::Grpc::new(ProstCodec::default())
                .unary(method, request)
                .await)
        }
        .boxed()
    }
}

struct Method(Echo, String);

impl UnaryService<String> for Method {
    type Response = String;
    type Future = BoxFuture<'static, Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let (echo, method) = (self.0.clone(), self.1.clone());
        async move {
            let caller: Principal = principal::of(request.extensions())?;
            assert!(Deadline::of(request.extensions()).at() > tokio::time::Instant::now());
            match method.rsplit('/').next() {
                Some("Hang") => {
                    echo.entered.add_permits(1);
                    echo.release.acquire().await.unwrap().forget();
                }
                Some("Panic") => panic!("broken on purpose"),
                _ => (),
            }
            Ok(Response::new(caller.key()))
        }
        .boxed()
    }
}

/// A running server and a client of it.
pub(crate) struct Bench {
    pub(crate) address: SocketAddr,
    pub(crate) channel: Channel,
    pub(crate) echo: Echo,
    pub(crate) readiness: Readiness,
    pub(crate) shutdown: Shutdown,
}

impl Bench {
    pub(crate) async fn start(flags: &[&str]) -> Self {
        let fixed = [
            "x",
            "--database-url=postgres://x@localhost/x",
            "--kafka=localhost:9092",
            "--mode=sandbox",
        ];
        let common = Settings::try_parse_from(fixed.iter().chain(flags))
            .unwrap()
            .common;
        let echo = Echo {
            entered: Arc::new(Semaphore::new(0)),
            release: Arc::new(Semaphore::new(0)),
        };
        let (readiness, shutdown) = (Readiness::new(), Shutdown::new());
        let listener = listen("127.0.0.1:0".parse().unwrap(), "ODR_LISTEN")
            .await
            .unwrap();
        let server = Server::new(listener, &common, readiness.clone()).service(echo.clone());
        let address = server.local_addr().unwrap();
        shutdown.spawn("grpc", server.serve(shutdown.clone()));
        readiness.ready();
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .unwrap()
            .connect()
            .await
            .unwrap();
        Self {
            address,
            channel,
            echo,
            readiness,
            shutdown,
        }
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        principal: Option<&str>,
        body: String,
        timeout: Option<&str>,
    ) -> Result<String, Status> {
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await.unwrap();
        let mut request = Request::new(body);
        if let Some(principal) = principal {
            principal::attach(&mut request, principal);
        }
        if let Some(timeout) = timeout {
            request
                .metadata_mut()
                .insert("grpc-timeout", timeout.parse().unwrap());
        }
        let path: PathAndQuery = format!("/{NAME}/{method}").parse().unwrap();
        let answer = client
            .unary(request, path, ProstCodec::<String, String>::default())
            .await;
        answer.map(Response::into_inner)
    }

    /// Sends bytes as they are, as a client with a defect would.
    pub(crate) async fn send_raw(&self, bytes: &'static [u8]) -> Status {
        let mut channel = self.channel.clone();
        futures::future::poll_fn(|context| channel.poll_ready(context))
            .await
            .unwrap();
        let request = http::Request::post(format!("/{NAME}/Say"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header(principal::METADATA_KEY, ME)
            .body(Body::new(Whole(Some(Bytes::from_static(bytes)))))
            .unwrap();
        let response = channel.call(request).await.unwrap();
        Status::from_header_map(response.headers()).unwrap_or_else(|| Status::ok(""))
    }

    /// A call of `Hang`, once it has reached the handler.
    pub(crate) async fn hang(self: &Arc<Self>) -> JoinHandle<Result<String, Status>> {
        let bench = self.clone();
        let call =
            tokio::spawn(async move { bench.call("Hang", Some(ME), String::new(), None).await });
        let entered = tokio::time::timeout(BOUND, self.echo.entered.acquire()).await;
        entered
            .expect("the call reaches its handler")
            .unwrap()
            .forget();
        call
    }
}

/// A body of one chunk.
struct Whole(Option<Bytes>);

impl http_body::Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}
