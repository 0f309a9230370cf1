//! A channel to all replicas of a service that insists: what cannot be answered now is asked again, at the next replica.
//!
//! A request that was taken although its answer was lost is answered the same again, since it comes under its own id.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use tokio::time::Instant;
use tonic::Code;
use tonic::body::Body;
use tonic::transport::Channel;
use tower::{Service, ServiceExt};

/// How long a request is repeated.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

type Failure = Box<dyn Error + Send + Sync>;
type Answer = Result<http::Response<Body>, Failure>;

/// Clones share connections and the replica that answered last.
#[derive(Clone, Debug)]
pub struct Insisting {
    replicas: Vec<Channel>,
    turn: Arc<AtomicUsize>,
}

impl Insisting {
    /// Over at least one channel.
    pub(super) fn new(replicas: Vec<Channel>) -> Self {
        Self {
            replicas,
            turn: Arc::new(AtomicUsize::new(0)),
        }
    }

    async fn insist(self, request: http::Request<Body>) -> Answer {
        let until = Instant::now() + PATIENCE;
        let (head, body) = request.into_parts();
        let bytes = body.collect().await?.to_bytes();
        loop {
            let turn = self.turn.load(Ordering::Relaxed);
            let body = Body::new(Full::new(bytes.clone()));
            let request = http::Request::from_parts(head.clone(), body);
            let channel = self.replicas[turn % self.replicas.len()].clone();
            let answer = channel.oneshot(request).await;
            if !passes(&answer) || Instant::now() >= until {
                return answer.map_err(Failure::from);
            }
            self.turn.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Whether the answer says nothing about the request: no connection, or UNAVAILABLE.
fn passes<E>(answer: &Result<http::Response<Body>, E>) -> bool {
    let Ok(response) = answer else {
        return true;
    };
    let status = response.headers().get("grpc-status");
    status.is_some_and(|status| Code::from_bytes(status.as_bytes()) == Code::Unavailable)
}

impl Service<http::Request<Body>> for Insisting {
    type Response = http::Response<Body>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.clone().insist(request))
    }
}
