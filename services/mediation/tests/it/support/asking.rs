//! Requests, each delivered twice.

use std::fmt::Debug;
use std::future::Future;

use chassis::{principal, status};
use proto::mediation::v1::mediation_service_client::MediationServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::Stage;

pub(crate) type Client = MediationServiceClient<Channel>;

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

/// The code and the reason of a refusal.
pub(crate) fn reason<A: Debug>(answer: Result<A, Status>) -> (Code, Option<String>) {
    let status = answer.expect_err("a refusal");
    let reason = status::reason_of(&status);
    (status.code(), reason)
}

/// FAILED_PRECONDITION with this reason.
pub(crate) fn precondition(reason: &str) -> (Code, Option<String>) {
    (Code::FailedPrecondition, Some(reason.to_owned()))
}

/// PERMISSION_DENIED with this reason.
pub(crate) fn forbidden(reason: &str) -> (Code, Option<String>) {
    (Code::PermissionDenied, Some(reason.to_owned()))
}

/// A command request on a case, with a fresh id and the fields named.
macro_rules! ask {
    ($case:expr, $request:ident { $($field:ident : $value:expr),* $(,)? }) => {
        proto::mediation::v1::$request {
            request_id: $crate::support::asking::fresh(),
            case_id: $case.to_string(),
            $($field: $value,)*
            ..Default::default()
        }
    };
    ($case:expr, $request:ident) => { $crate::support::ask!($case, $request {}) };
}
pub(crate) use ask;

/// Gives a command twice with the same request id: `give!(stage, who, method, request)`.
macro_rules! give {
    ($stage:expr, $who:expr, $method:ident, $request:expr) => {
        $stage
            .twice($who, $request, |mut client, request| async move {
                client.$method(request).await
            })
            .await
    };
}
pub(crate) use give;

impl Stage {
    /// Delivers a request twice: both get the same answer, and the second one changes nothing.
    pub(crate) async fn twice<R, A, F, Fut>(
        &self,
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
        let deliver = || async {
            let answer = call(self.client(), by(who, message.clone())).await;
            answer.map(Response::into_inner)
        };
        let first = deliver().await;
        let kept = self.events_kept().await;
        let second = deliver().await;
        match (&first, &second) {
            (Ok(first), Ok(second)) => assert_eq!(first, second),
            (Err(first), Err(second)) => {
                let told = |status: &Status| {
                    (
                        status.code(),
                        status::reason_of(status),
                        status.message().to_owned(),
                    )
                };
                assert_eq!(told(first), told(second));
                assert_ne!(first.code(), Code::Internal, "{first:?}");
            }
            _ => panic!("two answers to one request: {first:?} and {second:?}"),
        }
        assert_eq!(
            self.events_kept().await,
            kept,
            "the second delivery kept an event"
        );
        second
    }
}
