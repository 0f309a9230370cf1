//! The tower layer that finds the principal of a call, or refuses it.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::{METADATA_KEY, Principal};
use crate::server::is_open;

/// Puts a [`Principal`] into the extensions of every call that is neither health nor reflection.
#[derive(Clone, Copy, Debug)]
pub struct PrincipalLayer {
    // The one field keeps the constructor the only way to choose who vouches.
    vouching: Vouching,
}

#[derive(Clone, Copy, Debug)]
enum Vouching {
    Caller,
}

impl PrincipalLayer {
    /// Believes what callers say of themselves: for `mode = sandbox` only, as `Common::validate` ensures.
    pub const fn sandbox() -> Self {
        Self {
            vouching: Vouching::Caller,
        }
    }
}

impl<S> Layer<S> for PrincipalLayer {
    type Service = PrincipalService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PrincipalService {
            inner,
            vouching: self.vouching,
        }
    }
}

/// What [`PrincipalLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct PrincipalService<S> {
    inner: S,
    vouching: Vouching,
}

impl<S> Service<Request<Body>> for PrincipalService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<S::Future, Ready<Result<Response<Body>, Infallible>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if !is_open(request.uri().path()) {
            let found = match self.vouching {
                Vouching::Caller => claimed(&request),
            };
            match found {
                Ok(principal) => {
                    tracing::Span::current().record("principal.kind", principal.kind.code());
                    request.extensions_mut().insert(principal);
                }
                Err(status) => return Either::Right(ready(Ok(status.into_http()))),
            }
        }
        Either::Left(self.inner.call(request))
    }
}

fn claimed(request: &Request<Body>) -> Result<Principal, Status> {
    let mut claims = request.headers().get_all(METADATA_KEY).iter();
    let (Some(claim), None) = (claims.next(), claims.next()) else {
        return Err(refused(
            "must be given exactly once, as kind[/org[/subject]]",
        ));
    };
    let text = claim
        .to_str()
        .map_err(|_| refused("must be visible ASCII"))?;
    text.parse().map_err(refused)
}

fn refused(why: impl std::fmt::Display) -> Status {
    Status::unauthenticated(format!("metadata {METADATA_KEY}: {why}"))
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tower::ServiceExt;

    use super::*;

    async fn answer(path: &str, claims: &[&str]) -> (Code, Option<String>) {
        let echo = tower::service_fn(|request: Request<Body>| async move {
            let mut response = Response::new(Body::empty());
            if let Ok(principal) = super::super::of(request.extensions()) {
                let key = principal.key().parse().unwrap();
                response.headers_mut().insert("seen", key);
            }
            Ok::<_, Infallible>(response)
        });
        let mut request = Request::builder().uri(path);
        for claim in claims {
            request = request.header(METADATA_KEY, *claim);
        }
        let service = PrincipalLayer::sandbox().layer(echo);
        let response = service
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let code =
            Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code());
        let seen = response
            .headers()
            .get("seen")
            .map(|key| key.to_str().unwrap().to_owned());
        (code, seen)
    }

    #[tokio::test]
    async fn a_call_goes_on_with_its_principal_or_not_at_all() {
        let rows: &[(&str, &[&str], Code, Option<&str>)] = &[
            (
                "/odr.x.v1.X/Do",
                &["consumer/-/c1"],
                Code::Ok,
                Some("consumer/-/c1"),
            ),
            ("/odr.x.v1.X/Do", &["staff"], Code::Ok, Some("staff/-/-")),
            ("/odr.x.v1.X/Do", &[], Code::Unauthenticated, None),
            ("/odr.x.v1.X/Do", &["system"], Code::Unauthenticated, None),
            ("/odr.x.v1.X/Do", &["consumer"], Code::Unauthenticated, None),
            (
                "/odr.x.v1.X/Do",
                &["staff", "operator"],
                Code::Unauthenticated,
                None,
            ),
            ("/grpc.health.v1.Health/Check", &[], Code::Ok, None),
            (
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                &[],
                Code::Ok,
                None,
            ),
            (
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                &[],
                Code::Ok,
                None,
            ),
            ("/grpc.healthy.v1.X/Do", &[], Code::Unauthenticated, None),
        ];
        for (path, claims, code, seen) in rows {
            let expected = (*code, seen.map(str::to_owned));
            assert_eq!(answer(path, claims).await, expected, "{path} {claims:?}");
        }
    }
}
