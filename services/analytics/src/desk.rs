//! What analytics adds to the work on a case: the difference it makes to the sums.

use case::state::Service;
use chassis::store::batch::{Outboxed, Save, SaveError};
use docket::Desk;
use docket::desk::Change;
use docket::text::NewText;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::rollup::Rollups;
use crate::store::{facts, rollups};

/// Analytics' desk. It only consumes: no order, no fact to load, no archive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnalyticsDesk;

impl Desk for AnalyticsDesk {
    type Extra = ();
    type Loaded = ();
    /// Differences of the sums, over all cases of the batch.
    type Rows = Rollups;

    const SERVICE: Service = Service::Analytics;

    fn project(&self, change: &Change<'_>, rows: &mut Rollups) {
        let event_count = facts::event_count(change.position);
        let taken_in = i64::try_from(change.events.len()).expect("batches are small");
        rows.take_in(change.before, change.after, event_count, taken_in);
    }

    fn has_rows(&self, rows: &Rollups) -> bool {
        rows.has_differences()
    }

    fn needs_transaction(&self, _rows: &Rollups) -> bool {
        false
    }

    /// Orders bring texts along, and analytics takes none.
    async fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        _texts: &[(Uuid, NewText)],
        rows: &Rollups,
    ) -> Result<Outboxed, SaveError> {
        rollups::save(connection, batch, rows).await
    }
}
