//! What happens round every call: a place, a span, a deadline, a limit, and a net for panics.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::body::{Held, Limited};
use super::deadline::Deadline;
use super::gate::Gate;
use super::{Rules, is_open};
use crate::metrics::{Methods, code_name};
use crate::{status, telemetry};

/// Wraps the routes of a server.
#[derive(Clone, Debug)]
pub(super) struct CallLayer {
    rules: Rules,
    gate: Gate,
    methods: Methods,
}

impl CallLayer {
    /// Holds every call to `rules`; `gate` counts them, by the names of `methods` they are told.
    pub(super) fn new(rules: Rules, gate: Gate, methods: Methods) -> Self {
        Self {
            rules,
            gate,
            methods,
        }
    }
}

impl<S> Layer<S> for CallLayer {
    type Service = Call<S>;

    fn layer(&self, inner: S) -> Call<S> {
        Call {
            inner,
            rules: self.rules,
            gate: self.gate.clone(),
            methods: self.methods.clone(),
        }
    }
}

/// What [`CallLayer`] makes of a service.
#[derive(Clone, Debug)]
pub(super) struct Call<S> {
    inner: S,
    rules: Rules,
    gate: Gate,
    methods: Methods,
}

impl<S> Service<Request<Body>> for Call<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if is_open(request.uri().path()) {
            return Box::pin(self.inner.call(request));
        }
        let timed = self.methods.time(method_of(&request));
        let place = match self.gate.enter() {
            Ok(place) => place,
            Err(status) => {
                timed.answered(status.code());
                return Box::pin(std::future::ready(Ok(status.into_http())));
            }
        };
        let span = span_of(&request);
        let deadline = Deadline::from_headers(request.headers(), self.rules.timeout);
        request.extensions_mut().insert(deadline);
        let limit = self.rules.message_limit_bytes;
        let request = request.map(|body| Body::new(Limited::new(body, limit)));
        // The service that was polled ready makes the call; its clone waits for the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let gate = self.gate.clone();
        let call = async move {
            let handled = AssertUnwindSafe(async move { inner.call(request).await }).catch_unwind();
            let response = tokio::select! {
                biased;
                handled = handled => match handled {
                    Ok(Ok(response)) => mend(response),
                    Err(_) => status::defect("a call panicked").into_http(),
                },
                () = tokio::time::sleep_until(deadline.at()) => {
                    Status::deadline_exceeded("the call took longer than it may").into_http()
                }
                status = gate.cut() => status.into_http(),
            };
            record(&response);
            timed.answered(code_of(&response));
            Ok(response.map(|body| Body::new(Held::new(body, place))))
        };
        Box::pin(call.instrument(span))
    }
}

/// `package.Service/Method`.
fn method_of(request: &Request<Body>) -> &str {
    request.uri().path().trim_start_matches('/')
}

/// A span named by the method. Nothing of the request's content is in it, and no id of a person.
fn span_of(request: &Request<Body>) -> Span {
    let method = method_of(request);
    let span = tracing::info_span!(
        "call",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system.name = "grpc",
        rpc.method = method,
        rpc.response.status_code = Empty,
        principal.kind = Empty,
    );
    telemetry::parent_from(&span, request.headers());
    span
}

/// Notes the answer's code. An answer that fails while it streams shows as OK here: its head was.
fn record(response: &Response<Body>) {
    let code = code_of(response);
    let span = Span::current();
    span.record("rpc.response.status_code", code_name(code));
    if matches!(
        code,
        Code::Unknown
            | Code::Internal
            | Code::DataLoss
            | Code::Unavailable
            | Code::DeadlineExceeded
    ) {
        span.record("otel.status_code", "ERROR");
    }
}

fn code_of(response: &Response<Body>) -> Code {
    let code = response.headers().get(Status::GRPC_STATUS);
    code.map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}

/// Bytes that are no message are the sender's fault, yet tonic answers them INTERNAL: they become INVALID_ARGUMENT.
/// Guarded by `bytes_that_are_no_message_are_the_callers_fault`.
fn mend(response: Response<Body>) -> Response<Body> {
    const UNREADABLE: [&str; 5] = [
        "failed to decode Protobuf message",
        "Missing request message",
        "Unexpected EOF decoding stream",
        "protocol error: received message with",
        "Error decompressing",
    ];
    if code_of(&response) != Code::Internal {
        return response;
    }
    let unreadable = Status::from_header_map(response.headers()).is_some_and(|status| {
        UNREADABLE
            .iter()
            .any(|text| status.message().starts_with(text))
    });
    if unreadable {
        Status::invalid_argument("the request message cannot be read").into_http()
    } else {
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower::ServiceExt;

    use super::*;

    fn layer(timeout_ms: u64) -> CallLayer {
        let rules = Rules {
            timeout: Duration::from_millis(timeout_ms),
            message_limit_bytes: 1024,
            concurrent_calls: 2,
        };
        let methods = Methods::of(std::iter::empty());
        CallLayer::new(rules, Gate::new(rules.concurrent_calls), methods)
    }

    async fn handle(request: Request<Body>) -> Result<Response<Body>, Infallible> {
        match request.uri().path() {
            "/odr.x.v1.X/Panic" => panic!("broken on purpose"),
            "/odr.x.v1.X/Hang" => std::future::pending().await,
            "/odr.x.v1.X/Garbage" => {
                Ok(Status::internal("failed to decode Protobuf message: invalid tag").into_http())
            }
            "/odr.x.v1.X/Defect" => Ok(status::internal("a-1").into_http()),
            _ => Ok(Response::new(Body::empty())),
        }
    }

    fn request(path: &str, timeout: Option<&str>) -> Request<Body> {
        let mut request = Request::builder().uri(path);
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        request.body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn whatever_a_handler_does_there_is_an_answer() {
        let never_ms = 600_000;
        let rows = [
            ("/odr.x.v1.X/Do", never_ms, None, Code::Ok),
            ("/odr.x.v1.X/Panic", never_ms, None, Code::Internal),
            ("/odr.x.v1.X/Hang", 30, None, Code::DeadlineExceeded),
            (
                "/odr.x.v1.X/Hang",
                never_ms,
                Some("30m"),
                Code::DeadlineExceeded,
            ),
            ("/odr.x.v1.X/Garbage", never_ms, None, Code::InvalidArgument),
            ("/odr.x.v1.X/Defect", never_ms, None, Code::Internal),
        ];
        for (path, timeout_ms, named, code) in rows {
            let service = layer(timeout_ms).layer(tower::service_fn(handle));
            let response = service.oneshot(request(path, named)).await.unwrap();
            assert_eq!(code_of(&response), code, "{path} {named:?}");
        }
    }

    #[tokio::test]
    async fn a_deadline_is_not_early_and_may_be_later_than_the_default() {
        let started_at = tokio::time::Instant::now();
        let service = layer(1).layer(tower::service_fn(handle));
        let response = service
            .oneshot(request("/odr.x.v1.X/Hang", Some("80m")))
            .await;
        assert_eq!(code_of(&response.unwrap()), Code::DeadlineExceeded);
        assert!(started_at.elapsed() >= Duration::from_millis(80));
    }

    #[tokio::test]
    async fn what_is_too_many_is_refused_and_health_is_not_counted() {
        let service = layer(600_000).layer(tower::service_fn(handle));
        let mut hanging = Vec::new();
        for _ in 0..2 {
            let mut hang = Box::pin(service.clone().oneshot(request("/odr.x.v1.X/Hang", None)));
            assert!(futures::poll!(&mut hang).is_pending());
            hanging.push(hang);
        }
        let answer = |path| {
            let call = service.clone().oneshot(request(path, None));
            async move { code_of(&call.await.unwrap()) }
        };
        assert_eq!(answer("/odr.x.v1.X/Do").await, Code::ResourceExhausted);
        assert_eq!(answer("/grpc.health.v1.Health/Check").await, Code::Ok);
        drop(hanging);
        assert_eq!(answer("/odr.x.v1.X/Do").await, Code::Ok);
    }
}
