//! What mediation adds to the work on a case: the rows of its lists, and the answer to an offer.

use std::collections::{BTreeMap, BTreeSet};

use case::state::Service;
use case::{Body, Case};
use chassis::admission::Position;
use chassis::store::batch::{Outboxed, Save, SaveError};
use docket::desk::Change;
use docket::text::NewText;
use docket::{Desk, Order};
use prost::Message;
use proto::mediation::v1::ProposeSettlementResponse;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::listing::{self, Entry, Listing};
use crate::store::lists;

/// Mediation's desk. It archives the events of all services and needs no facts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediationDesk;

/// Rows of the lists, by case.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Entries of new cases.
    pub(crate) new: BTreeMap<Uuid, Entry>,
    /// Changed entries.
    pub(crate) changed: BTreeMap<Uuid, Entry>,
    /// Parties of new cases.
    pub(crate) parties: BTreeSet<(Uuid, String)>,
    /// New and changed scopes, with the entry they show.
    pub(crate) scopes: BTreeMap<(Uuid, String), Entry>,
    /// Scopes that no longer hold.
    pub(crate) gone: Vec<(Uuid, String)>,
}

impl Desk for MediationDesk {
    type Extra = ();
    type Loaded = ();
    type Rows = Rows;

    const SERVICE: Service = Service::Mediation;
    const ARCHIVES: bool = true;

    fn respond(
        &self,
        order: &Order<()>,
        subject: Uuid,
        case: &Case,
        position: &Position,
    ) -> Vec<u8> {
        let revision = docket::answer::revision(subject, case, position);
        match &order.command.body {
            Body::ProposeSettlement { proposal, .. } => ProposeSettlementResponse {
                case: Some(revision),
                proposal_id: proposal.to_string(),
            }
            .encode_to_vec(),
            _ => revision.encode_to_vec(),
        }
    }

    fn project(&self, change: &Change<'_>, rows: &mut Rows) {
        let case_id = change.subject;
        if change.before.is_none() {
            let parties = listing::parties(change.after);
            rows.parties
                .extend(parties.map(|party| (case_id, party.to_owned())));
        }
        let after = Listing::of(change.after);
        let before = change.before.map(Listing::of);
        if before.as_ref() == Some(&after) {
            return;
        }
        let dropped = before.into_iter().flat_map(|before| before.scopes);
        rows.gone.extend(
            dropped
                .filter(|scope| !after.scopes.contains(scope))
                .map(|scope| (case_id, scope)),
        );
        for scope in after.scopes {
            rows.scopes.insert((case_id, scope), after.entry.clone());
        }
        let entries = match change.before {
            None => &mut rows.new,
            Some(_) => &mut rows.changed,
        };
        entries.insert(case_id, after.entry);
    }

    fn has_rows(&self, rows: &Rows) -> bool {
        !(rows.new.is_empty() && rows.changed.is_empty())
    }

    fn needs_transaction(&self, rows: &Rows) -> bool {
        !(rows.scopes.is_empty() && rows.gone.is_empty())
    }

    async fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        texts: &[(Uuid, NewText)],
        rows: &Rows,
    ) -> Result<Outboxed, SaveError> {
        let outboxed = lists::save_entries(connection, batch, texts, rows).await?;
        if self.needs_transaction(rows) {
            lists::save_scopes(connection, rows).await?;
        }
        Ok(outboxed)
    }
}
