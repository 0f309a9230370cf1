//! The clerk: takes a request to the writer and back, and reads cases, for gRPC handlers.

use std::sync::Arc;
use std::time::Duration;

use case::{Body, Case, Command};
use chassis::admission::Position;
use chassis::principal::{self, Principal};
use chassis::server::Deadline;
use chassis::status;
use chassis::store::Pool;
use chassis::store::requests::Key;
use chassis::telemetry;
use chassis::waiting::{Waited, Waiters};
use chassis::writer::{Call, Writer};
use prost::Message;
use sha2::{Digest, Sha256};
use tonic::{Extensions, Status};
use uuid::Uuid;

use crate::desk::Desk;
use crate::order::Order;
use crate::text::NewText;
use crate::work::{Docket, actor};
use crate::{error, read};

/// How long before the caller's deadline a wait gives up, so that the answer still arrives.
const MARGIN: Duration = Duration::from_millis(100);

/// Takes requests to the writer and reads cases.
pub struct Clerk<D: Desk> {
    writer: Writer<Docket<D>>,
    waiters: Arc<Waiters>,
    pool: Pool,
}

impl<D: Desk> Clone for Clerk<D> {
    fn clone(&self) -> Self {
        Self {
            writer: self.writer.clone(),
            waiters: Arc::clone(&self.waiters),
            pool: self.pool.clone(),
        }
    }
}

/// One command as a gRPC handler hands it over, after its fields were checked.
pub struct Submission<X> {
    /// The RPC's name.
    pub method: &'static str,
    /// The caller's id for it.
    pub request_id: String,
    /// SHA-256 of the request as it came.
    pub body_hash: Vec<u8>,
    /// The case.
    pub case_id: Uuid,
    /// The case is new.
    pub creates: bool,
    /// Wait until the case is here at this version; 0 does not wait.
    pub min_version: u64,
    /// The etag the caller saw.
    pub etag: Option<String>,
    /// What is asked for.
    pub body: Body,
    /// Texts it brings.
    pub texts: Vec<NewText>,
    /// The service's own extra.
    pub extra: X,
}

impl<D: Desk> Clerk<D> {
    /// A clerk of a running engine.
    pub fn new(writer: Writer<Docket<D>>, waiters: Arc<Waiters>, pool: Pool) -> Self {
        Self {
            writer,
            waiters,
            pool,
        }
    }

    /// For the service's own reads.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Carries a command out and gives the answer's bytes.
    ///
    /// # Errors
    /// The status of whatever kept it from being taken.
    pub async fn submit(
        &self,
        extensions: &Extensions,
        submission: Submission<D::Extra>,
    ) -> Result<Vec<u8>, Status> {
        let principal = principal::of(extensions)?;
        self.wait(extensions, submission.case_id, submission.min_version)
            .await?;
        let (case_id, request_id) = (submission.case_id, submission.request_id.clone());
        let call = call(&principal, submission);
        let until = Deadline::of(extensions).before(MARGIN);
        let answer = tokio::time::timeout_at(until, self.writer.call(call)).await;
        // what still waits is given up; what is being written is answered when the request comes again
        let answer = answer.map_err(|_| {
            status::unavailable(
                "the store did not take it in time",
                Duration::from_millis(500),
            )
        })?;
        answer
            .map(|answer| answer.response)
            .map_err(|error| error::status_of(D::SERVICE, case_id, &request_id, error))
    }

    /// The same, with the answer decoded.
    ///
    /// # Errors
    /// As [`Clerk::submit`]; INTERNAL when a stored answer cannot be read.
    pub async fn submit_for<M: Message + Default>(
        &self,
        extensions: &Extensions,
        submission: Submission<D::Extra>,
    ) -> Result<M, Status> {
        let bytes = self.submit(extensions, submission).await?;
        M::decode(bytes.as_slice()).map_err(|_| status::defect("a stored answer cannot be read"))
    }

    /// Waits until the case is here at `min_version`, within the caller's deadline.
    ///
    /// # Errors
    /// UNAVAILABLE when it does not come in time; CASE_PARKED when it is blocked.
    pub async fn wait(
        &self,
        extensions: &Extensions,
        case_id: Uuid,
        min_version: u64,
    ) -> Result<(), Status> {
        if min_version == 0 {
            return Ok(());
        }
        let until = Deadline::of(extensions).before(MARGIN);
        match tokio::time::timeout_at(until, self.waiters.reach(case_id, min_version)).await {
            Ok(Waited::Reached) => Ok(()),
            Ok(Waited::Blocked(reason)) => {
                Err(error::parked(&format!("odr.{}", D::SERVICE), reason))
            }
            Ok(Waited::Stopped) => Err(status::unavailable(
                "the service stops",
                Duration::from_secs(1),
            )),
            Err(_) => Err(status::unavailable(
                "the version has not arrived yet",
                Duration::from_millis(200),
            )),
        }
    }

    /// Reads a case at `min_version` or later.
    ///
    /// # Errors
    /// NOT_FOUND for an unknown case, and as [`Clerk::wait`].
    pub async fn case(
        &self,
        extensions: &Extensions,
        case_id: Uuid,
        min_version: u64,
    ) -> Result<(Case, Position), Status> {
        self.wait(extensions, case_id, min_version).await?;
        let found = read::one(&self.pool, case_id)
            .await?
            .ok_or_else(|| status::not_found("case", case_id))?;
        if let Some(reason) = found.blocked {
            return Err(error::parked(&format!("odr.{}", D::SERVICE), reason));
        }
        let case = found
            .case
            .ok_or_else(|| status::not_found("case", case_id))?;
        Ok((case, found.position))
    }
}

/// SHA-256 of a request as it came: the same id with another body is told by it.
pub fn body_hash(request: &impl Message) -> Vec<u8> {
    Sha256::digest(request.encode_to_vec()).to_vec()
}

fn call<X>(principal: &Principal, submission: Submission<X>) -> Call<Order<X>> {
    let command = Command {
        by: actor(principal),
        body: submission.body,
    };
    Call {
        key: Key {
            principal: principal.key(),
            method: submission.method.to_owned(),
            request_id: submission.request_id.clone(),
        },
        body_hash: submission.body_hash,
        subject: submission.case_id,
        creates: submission.creates,
        etag: submission.etag,
        command: Order {
            command,
            cause: submission.request_id,
            texts: submission.texts,
            extra: submission.extra,
        },
        traceparent: telemetry::inject(&tracing::Span::current()),
    }
}
