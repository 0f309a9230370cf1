//! What analytics adds to the work on a case: its fact, and the difference it makes to the sums.

use std::collections::BTreeMap;

use case::state::Service;
use docket::Desk;
use docket::desk::Change;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::fact::Fact;
use crate::domain::rollup::Rollups;
use crate::store::{facts, rollups};

/// Analytics' desk. It only consumes: no order, no fact to load, no archive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnalyticsDesk;

/// What a batch changes.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// New and changed facts.
    pub(crate) facts: BTreeMap<Uuid, Fact>,
    /// Differences of the sums, over all cases of the batch.
    pub(crate) rollups: Rollups,
}

impl Desk for AnalyticsDesk {
    type Extra = ();
    type Loaded = ();
    type Rows = Rows;

    const SERVICE: Service = Service::Analytics;

    fn project(&self, change: &Change<'_>, rows: &mut Rows) {
        let position = change.position;
        let event_count = signed(position.version + position.notices());
        let taken_in = signed(change.events.len() as u64);
        let sums = &mut rows.rollups;
        let fact = sums.take_in(change.before, change.after, event_count, taken_in);
        rows.facts.insert(change.subject, fact);
    }

    fn has_rows(&self, rows: &Rows) -> bool {
        !rows.facts.is_empty()
    }

    async fn save(&self, connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
        facts::save(connection, rows.facts.values()).await?;
        rollups::add(connection, &rows.rollups).await?;
        if !rows.rollups.handling_days.is_empty() {
            rollups::add_handling_days(connection, &rows.rollups).await?;
        }
        Ok(())
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).expect("sequences of the log are below 2^63")
}
