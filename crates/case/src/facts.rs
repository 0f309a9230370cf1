//! What a command needs to know beyond the case: closed structs, loaded before `decide` runs.

use law::directory::{AuthorityId, Level, UnitId};
use law::jurisdiction::Basis;

use crate::ids::Uscc;
use crate::state::HoldReason;

/// An active ODR enterprise for the respondent of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveEnterprise {
    /// Who negotiates.
    pub enterprise: Uscc,
    /// The respondent, when its delegate negotiates.
    pub on_behalf_of: Option<Uscc>,
    /// Version of the registry record.
    pub registry_version: u64,
}

/// An authority a case can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The authority.
    pub authority: AuthorityId,
    /// Its level.
    pub level: Level,
    /// Its superiors, nearest first.
    pub ancestors: Vec<AuthorityId>,
    /// Its receiving unit.
    pub unit: UnitId,
    /// Which rule decides.
    pub basis: Basis,
    /// Version of the directory.
    pub directory_version: u64,
}

/// Where the jurisdiction rules lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Jurisdiction {
    /// To this authority.
    Decided(Destination),
    /// To nobody: the receiving unit of `holder` decides by hand.
    Held {
        /// Deepest known ancestor, else the state level.
        holder: AuthorityId,
        /// Why.
        reason: HoldReason,
    },
}

/// Facts by command family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// The command needs none.
    None,
    /// For `Route`.
    Route {
        /// The active ODR enterprise for the respondent, if there is one.
        enterprise: Option<ActiveEnterprise>,
        /// Where an authority would come from.
        jurisdiction: Jurisdiction,
        /// ODR failed in the prior case of this dispute.
        prior_odr_failed: bool,
    },
    /// For `RouteByHand`.
    RouteByHand {
        /// The authority that was named, if the directory has it.
        destination: Option<Destination>,
    },
}
