//! The desk: what one service adds to the work every service does with a case.

use std::future::Future;

use case::state::Service;
use case::{Body, Case, Facts, Recorded};
use chassis::admission::Position;
use chassis::envelope::Envelope;
use chassis::store::batch::{Outboxed, Save, SaveError};
use chassis::work::Undecodable;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::order::Order;
use crate::text::NewText;

/// A case of a batch, as facts are asked for.
pub type Asked<'a, X> = chassis::work::Asked<'a, Case, Order<X>>;
/// A changed case of a batch, as projections see it.
pub type Change<'a> = chassis::work::Change<'a, Case, Recorded>;

/// What one service adds. Everything but `load` and `save` is pure.
pub trait Desk: Send + Sync + 'static {
    /// What comes with an order beside texts: rows to keep, values to answer with.
    type Extra: Default + Send + Sync;
    /// What was loaded for a batch.
    type Loaded: Default + Send + Sync;
    /// Rows of the service's own tables.
    type Rows: Default + Send + Sync;

    /// Which service this is.
    const SERVICE: Service;
    /// Whether events of other services are kept too.
    const ARCHIVES: bool = false;

    /// Whether facts have to be loaded for this case: `command` is `None` when its own step may be asked.
    fn needs_load(&self, _case: Option<&Case>, _command: Option<&Body>) -> bool {
        false
    }

    /// Loads what the asked cases and commands need, in one statement where possible.
    fn load(
        &self,
        _connection: &mut PgConnection,
        _asked: &[Asked<'_, Self::Extra>],
    ) -> impl Future<Output = sqlx::Result<Self::Loaded>> + Send {
        async { Ok(Self::Loaded::default()) }
    }

    /// The facts of one command from what was loaded; `None` when they were not.
    fn facts(
        &self,
        _subject: Uuid,
        _case: Option<&Case>,
        _body: &Body,
        _loaded: &Self::Loaded,
    ) -> Option<Facts> {
        Some(Facts::None)
    }

    /// The answer to an order that was taken: by default the case's revision.
    fn respond(
        &self,
        _order: &Order<Self::Extra>,
        subject: Uuid,
        case: &Case,
        position: &Position,
    ) -> Vec<u8> {
        crate::answer::revision_bytes(subject, case, position)
    }

    /// The service's own rows of an order that was taken.
    fn order_rows(&self, _order: &Order<Self::Extra>, _subject: Uuid, _rows: &mut Self::Rows) {}

    /// The rows of a changed case.
    fn project(&self, change: &Change<'_>, rows: &mut Self::Rows);

    /// A record of the registry; ignored by default.
    ///
    /// # Errors
    /// When this release does not understand it.
    fn registry(&self, _envelope: &Envelope, _rows: &mut Self::Rows) -> Result<(), Undecodable> {
        Ok(())
    }

    /// Whether there is anything to save.
    fn has_rows(&self, rows: &Self::Rows) -> bool;

    /// Whether [`save`](Self::save) makes more than one statement of these rows: they then stand or fall together only in a
    /// transaction.
    fn needs_transaction(&self, rows: &Self::Rows) -> bool;

    /// Saves a batch with its texts and the service's rows, sorted by key: [`save_batch`](crate::save_batch) takes all of
    /// them into one statement.
    fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        texts: &[(Uuid, NewText)],
        rows: &Self::Rows,
    ) -> impl Future<Output = Result<Outboxed, SaveError>> + Send;

    /// What these own events refer to beside texts and the database does not hold, each with its code.
    fn missing<'a>(
        &self,
        _connection: &mut PgConnection,
        _events: &[&'a Recorded],
    ) -> impl Future<Output = sqlx::Result<Vec<(&'a Recorded, &'static str)>>> + Send {
        async { Ok(Vec::new()) }
    }
}
