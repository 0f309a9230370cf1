//! Requests and what they are answered.

use std::fmt::Debug;
use std::future::Future;

use chassis::{principal, status};
use proto::routing::v1::routing_service_client::RoutingServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::Town;

pub(crate) type Client = RoutingServiceClient<Channel>;

/// A request id nobody used.
pub(crate) fn fresh() -> String {
    Uuid::new_v4().to_string()
}

/// A request of this principal.
pub(crate) fn by<R>(who: &str, message: R) -> Request<R> {
    let mut request = Request::new(message);
    principal::attach(&mut request, who);
    request
}

/// Code and reason of a refusal.
pub(crate) fn refusal<A: Debug>(answer: Result<A, Status>) -> (Code, String) {
    let status = answer.expect_err("a refusal");
    (
        status.code(),
        status::reason_of(&status).unwrap_or_default(),
    )
}

/// Delivers a request twice: both get the same answer, and the second one leaves no trace.
pub(crate) async fn twice<R, A, F, Fut>(
    town: &Town,
    who: &str,
    message: R,
    call: F,
) -> Result<A, Status>
where
    R: Clone,
    A: PartialEq + Debug,
    F: Fn(Client, Request<R>) -> Fut,
    Fut: Future<Output = Result<Response<A>, Status>>,
{
    let first = call(town.client(), by(who, message.clone()))
        .await
        .map(Response::into_inner);
    let kept = town.events_kept().await;
    let second = call(town.client(), by(who, message))
        .await
        .map(Response::into_inner);
    match (&first, &second) {
        (Ok(first), Ok(second)) => assert_eq!(first, second),
        (Err(first), Err(second)) => {
            assert_eq!(
                (first.code(), first.message()),
                (second.code(), second.message())
            );
            assert_ne!(first.code(), Code::Internal, "{first:?}");
        }
        _ => panic!("two answers to one request: {first:?} and {second:?}"),
    }
    assert_eq!(
        town.events_kept().await,
        kept,
        "the second delivery kept an event"
    );
    second
}
