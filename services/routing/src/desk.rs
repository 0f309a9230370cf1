//! The desk: the facts routing decides by, and what it keeps of the cases it sees.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use case::facts::{Destination, Jurisdiction};
use case::state::Service;
use case::{Body, Case, CaseState, Facts, Step, Uscc};
use chassis::envelope::Envelope;
use chassis::store::batch::{Outboxed, Save, SaveError};
use chassis::work::Undecodable;
use docket::Desk;
use docket::desk::{Asked, Change};
use docket::text::NewText;
use law::directory::{AuthorityId, Directory};
use law::jurisdiction::Basis;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::choice::{self, Standing};
use crate::store::disputes::{self, Dispute};
use crate::store::held::Held;
use crate::store::{Rows, enterprises};
use crate::{consumer, directory};

/// What routing adds to the docket.
pub(crate) struct RoutingDesk {
    directory: Arc<Directory>,
    directory_version: u64,
}

/// What the registry and earlier cases say about the cases of a batch.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    asked: HashSet<Uscc>,
    standings: HashMap<Uscc, Standing>,
    asked_priors: HashSet<Uuid>,
    failed_priors: HashSet<Uuid>,
}

impl RoutingDesk {
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        let directory_version = directory::version_number(&directory);
        Self {
            directory,
            directory_version,
        }
    }

    fn jurisdiction(&self, case: &Case) -> Jurisdiction {
        choice::jurisdiction(
            &case.filing,
            choice::rule_set(case),
            &self.directory,
            self.directory_version,
        )
    }

    fn destination(&self, authority: &AuthorityId) -> Option<Destination> {
        let authority = self.directory.authority(authority)?;
        Some(choice::destination(
            &self.directory,
            self.directory_version,
            authority,
            Basis::ByHand,
        ))
    }

    /// `None` when what the registry or an earlier case says was not loaded. Where ODR is not open nobody needs to know.
    fn route(&self, case: &Case, loaded: &Loaded) -> Option<Facts> {
        let mut facts = (None, false);
        if let Some(respondent) = choice::odr_respondent(case) {
            if !loaded.asked.contains(respondent) {
                return None;
            }
            let standing = loaded.standings.get(respondent);
            facts.0 = standing.and_then(|standing| choice::negotiator(respondent, standing));
            if let Some(prior) = case.filing.prior_case {
                if !loaded.asked_priors.contains(&prior.0) {
                    return None;
                }
                facts.1 = loaded.failed_priors.contains(&prior.0);
            }
        }
        Some(Facts::Route {
            enterprise: facts.0,
            jurisdiction: self.jurisdiction(case),
            prior_odr_failed: facts.1,
        })
    }
}

/// The respondent whose standing the case's own step asks for.
fn asks_for(case: &Case) -> Option<&Uscc> {
    let routes = case::next_step(case, Service::Routing) == Some(Step::Route);
    choice::odr_respondent(case).filter(|_| routes)
}

impl Desk for RoutingDesk {
    type Extra = ();
    type Loaded = Loaded;
    type Rows = Rows;

    const SERVICE: Service = Service::Routing;

    fn needs_load(&self, case: Option<&Case>, command: Option<&Body>) -> bool {
        command.is_none() && case.and_then(asks_for).is_some()
    }

    async fn load(
        &self,
        connection: &mut PgConnection,
        asked: &[Asked<'_, ()>],
    ) -> sqlx::Result<Loaded> {
        let routed: Vec<(&Case, &Uscc)> = asked
            .iter()
            .filter_map(|asked| Some((asked.state?, asks_for(asked.state?)?)))
            .collect();
        let respondents: BTreeSet<&Uscc> = routed.iter().map(|(_, uscc)| *uscc).collect();
        let codes: Vec<String> = respondents
            .iter()
            .map(|uscc| uscc.as_str().to_owned())
            .collect();
        let standings = enterprises::standings(connection, &codes).await?;
        let priors: BTreeSet<Uuid> = routed
            .iter()
            .filter_map(|(case, _)| Some(case.filing.prior_case?.0))
            .collect();
        let mut failed_priors = HashSet::new();
        if !priors.is_empty() {
            let priors: Vec<Uuid> = priors.iter().copied().collect();
            failed_priors = disputes::failed(connection, &priors).await?;
            // An earlier case that fails in this very batch is not in its table yet.
            let failing = asked
                .iter()
                .filter(|asked| asked.state.is_some_and(|case| case.odr_failed));
            failed_priors.extend(failing.map(|asked| asked.subject));
        }
        let asked = respondents.into_iter().cloned().collect();
        Ok(Loaded {
            asked,
            standings,
            asked_priors: priors.into_iter().collect(),
            failed_priors,
        })
    }

    fn facts(
        &self,
        _subject: Uuid,
        case: Option<&Case>,
        body: &Body,
        loaded: &Loaded,
    ) -> Option<Facts> {
        match (body, case) {
            (Body::Route, Some(case)) => self.route(case, loaded),
            (Body::RouteByHand { authority }, _) => Some(Facts::RouteByHand {
                destination: self.destination(authority),
            }),
            _ => Some(Facts::None),
        }
    }

    fn project(&self, change: &Change<'_>, rows: &mut Rows) {
        let (before, after) = (change.before.and_then(held), held(change.after));
        if before != after {
            rows.held.insert(change.subject, after);
        }
        let (before, after) = (change.before.and_then(dispute), dispute(change.after));
        if before != after {
            rows.disputes
                .extend(after.map(|dispute| (change.subject, dispute)));
        }
    }

    fn registry(&self, envelope: &Envelope, rows: &mut Rows) -> Result<(), Undecodable> {
        consumer::take(envelope, rows)
    }

    fn has_rows(&self, rows: &Rows) -> bool {
        !rows.is_empty()
    }

    fn needs_transaction(&self, rows: &Rows) -> bool {
        self.has_rows(rows)
    }

    async fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        texts: &[(Uuid, NewText)],
        rows: &Rows,
    ) -> Result<Outboxed, SaveError> {
        let outboxed = docket::text::save(connection, batch, texts).await?;
        rows.save(connection).await?;
        Ok(outboxed)
    }
}

fn held(case: &Case) -> Option<Held> {
    match &case.state {
        CaseState::HeldForRouting { holder, due, .. } => Some(Held {
            holder: holder.clone(),
            due_at: due.at,
        }),
        _ => None,
    }
}

fn dispute(case: &Case) -> Option<Dispute> {
    let prior_case = case.filing.prior_case.map(|prior| prior.0);
    (case.odr_failed || prior_case.is_some()).then_some(Dispute {
        prior_case,
        odr_failed: case.odr_failed,
    })
}

#[cfg(test)]
mod tests;
