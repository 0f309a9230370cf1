//! When what happened in a case: all that figures need after the state has moved on. Folded by `evolve`.

use chrono::{DateTime, Utc};
use law::Due;
use law::directory::AuthorityId;

use crate::ids::Uscc;
use crate::state::FailedWhy;
use crate::terms::{Relief, SettledHow};

/// A negotiation with the ODR enterprise, from receipt to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiation {
    /// Who negotiated.
    pub enterprise: Uscc,
    /// Registry version of the enterprise when it was chosen.
    pub registry_version: u64,
    /// When it received the case.
    pub started_at: DateTime<Utc>,
    /// When it had to be done.
    pub due: Due,
    /// First acknowledgement.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// First answer or proposal by the enterprise.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it ended, settled or failed.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub failed: Option<FailedWhy>,
}

/// A competent authority's handling, from the first receipt on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handling {
    /// The last authority that received it.
    pub authority: AuthorityId,
    /// Its receipt.
    pub received_at: DateTime<Utc>,
    /// Until when it had to decide.
    pub decide_by: Due,
    /// When it accepted or refused.
    pub decided_at: Option<DateTime<Utc>>,
    /// When it accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Until when mediation had to end.
    pub mediation_due: Option<Due>,
    /// When mediation ended, agreed or not.
    pub ended_at: Option<DateTime<Utc>>,
}

/// How and when terms were agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Directly or in mediation.
    pub how: SettledHow,
    /// When.
    pub at: DateTime<Utc>,
    /// What was agreed.
    pub reliefs: Vec<Relief>,
}

/// When what happened in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestones {
    /// Filed at.
    pub filed_at: DateTime<Utc>,
    /// The negotiation, if there was one.
    pub negotiation: Option<Negotiation>,
    /// When the consumer escalated, or the system for them.
    pub escalated_at: Option<DateTime<Utc>>,
    /// The authority's handling, if it came to one.
    pub handling: Option<Handling>,
    /// The last settlement; stays when it was broken.
    pub settlement: Option<Settlement>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}
