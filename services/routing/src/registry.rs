//! The registry's unit of work: one act on one enterprise, its record in the log, its answer under the request id.
//!
//! Acts are few and no case commands, so they do not go through the writer; they keep its rules: locked before decided,
//! decided without a storage handle, saved by compare-and-set with the event in the same transaction.

use std::sync::Arc;
use std::time::Duration;

use case::Uscc;
use chassis::principal::Principal;
use chassis::sensitive::Sensitive;
use chassis::store::Pool;
use chassis::store::batch::{EventRow, Save, SaveError, save};
use chassis::store::opening;
use chassis::store::requests::{Answered, Key};
use chassis::telemetry;
use docket::work::actor;
use prost::Message;
use sqlx::Connection as _;
use tokio::sync::Notify;

use crate::domain::enterprise::{Act, Enterprise, Refusal, decide};
use crate::readiness::OnceReady;
use crate::store::record::{self, Recording};
use crate::store::{enterprises, time};

const MOST_ATTEMPTS: u32 = 6;

/// Carries out acts on enterprises.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    pub(crate) pool: Pool,
    /// Wakes the relay.
    pub(crate) relay: Arc<Notify>,
    /// The registry topic.
    pub(crate) topic: String,
    /// The space whose clock dates the records.
    pub(crate) space: String,
    /// Time is stepped.
    pub(crate) stepped: bool,
    /// Nothing is done before the service has been ready.
    pub(crate) readiness: Arc<OnceReady>,
}

/// One act, as a gRPC handler hands it over after its fields were checked.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) principal: Principal,
    pub(crate) method: &'static str,
    pub(crate) request_id: String,
    /// SHA-256 of the request as it came.
    pub(crate) body_hash: Vec<u8>,
    pub(crate) uscc: Uscc,
    pub(crate) etag: Option<String>,
    pub(crate) act: Act,
    /// Why, in words; kept, in no event.
    pub(crate) reason: Option<Sensitive<String>>,
}

/// Why an act was not carried out.
#[derive(Debug)]
pub(crate) enum Error {
    Refused(Refusal),
    /// The etag now.
    EtagDiffers(String),
    RequestIdReused,
    /// The service reads its own words, or has not yet.
    Recovering,
    /// Another replica was quicker again and again, or the store does not answer.
    Busy(SaveError),
}

impl From<SaveError> for Error {
    fn from(error: SaveError) -> Self {
        Error::Busy(error)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Error::Busy(error.into())
    }
}

impl Registry {
    /// Carries out an act and gives the encoded record; an equal request gets the answer it had.
    pub(crate) async fn carry_out(&self, ask: &Ask) -> Result<Vec<u8>, Error> {
        if !self.readiness.reached() {
            return Err(Error::Recovering);
        }
        let mut wait = Duration::from_millis(10);
        for _ in 1..MOST_ATTEMPTS {
            match self.attempt(ask).await {
                Err(Error::Busy(error)) if passes(&error) => tokio::time::sleep(wait).await,
                outcome => return outcome,
            }
            wait *= 2;
        }
        self.attempt(ask).await
    }

    async fn attempt(&self, ask: &Ask) -> Result<Vec<u8>, Error> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin().await?;
        let current = enterprises::lock(&mut transaction, &ask.uscc).await?;
        let key = Key {
            principal: ask.principal.key(),
            method: ask.method.to_owned(),
            request_id: ask.request_id.clone(),
        };
        // After the lock, so that this statement sees what the request's twin did.
        let (recovering, answered) = opening::requests(&mut transaction, &[&key]).await?;
        if recovering {
            return Err(Error::Recovering);
        }
        if let Some(before) = answered.into_iter().next() {
            return if before.body_hash == ask.body_hash {
                Ok(before.response)
            } else {
                Err(Error::RequestIdReused)
            };
        }
        let now = time::now(&mut transaction, self.stepped, &self.space).await?;
        let next = next(current.as_ref().map(|kept| &kept.enterprise), ask, now)?;

        let recording = Recording {
            space: &self.space,
            at: next.updated_at,
            by: &actor(&ask.principal),
            cause: ask.request_id.clone(),
            traceparent: telemetry::inject(&tracing::Span::current()),
        };
        let (kept, envelope) =
            record::of_enterprise(next, current.as_ref().map(|kept| &kept.chain), &recording);
        if enterprises::keep_newer(&mut transaction, &[&kept]).await? != 1 {
            return Err(Error::Busy(SaveError::Missed));
        }
        if let Some(reason) = &ask.reason {
            enterprises::keep_reason(&mut transaction, &kept.enterprise, reason.as_ref()).await?;
        }
        let response = record::enterprise_message(&kept.enterprise).encode_to_vec();
        let answered = Answered {
            key,
            body_hash: ask.body_hash.clone(),
            response: response.clone(),
        };
        let events = vec![EventRow {
            envelope,
            publish: Some(self.topic.clone()),
        }];
        save(
            &mut transaction,
            &Save {
                requests: vec![answered],
                events,
                ..Save::default()
            },
        )
        .await?;
        transaction.commit().await?;
        self.relay.notify_one();
        Ok(response)
    }
}

/// Decides, with no storage handle in scope.
fn next(
    current: Option<&Enterprise>,
    ask: &Ask,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Enterprise, Error> {
    if let (Some(current), Some(etag)) = (current, &ask.etag)
        && current.etag() != *etag
    {
        return Err(Error::EtagDiffers(current.etag()));
    }
    decide(current, &ask.act, now).map_err(Error::Refused)
}

/// Whether trying again may help: after a lost race or an unreachable store, not where the data itself is at fault.
pub(crate) fn passes(error: &SaveError) -> bool {
    match error {
        SaveError::Database(sqlx::Error::Database(database)) => match database.code().as_deref() {
            // A twin was quicker.
            Some("23505") => true,
            Some(code) => !code.starts_with("22") && !code.starts_with("23"),
            None => true,
        },
        SaveError::Database(
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_),
        ) => false,
        SaveError::Database(_) => true,
        other => matches!(other, SaveError::Missed),
    }
}
