//! Who takes a case: the ODR enterprise, if the registry has one; the competent authority; else whose hand decides.

use case::facts::{ActiveEnterprise, Destination, Jurisdiction};
use case::filing::{Filing, ShownAddress};
use case::state::HoldReason;
use case::{Case, Uscc};
use law::RuleSet;
use law::day::day_of;
use law::directory::{Authority, Competence, Directory, RegionCode};
use law::jurisdiction::{Basis, Places, Role, competent_regions};

use super::enterprise::Status;

/// What the registry says of a respondent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub status: Status,
    /// Version of its record.
    pub version: u64,
    /// Its delegate, if that one is registered.
    pub delegate: Option<Delegate>,
}

/// A delegate: the head office or platform that negotiates for a respondent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegate {
    /// Its credit code.
    pub uscc: Uscc,
    /// Where it stands.
    pub status: Status,
    /// Version of its record.
    pub version: u64,
}

/// The respondent whose standing decides, if ODR is open to the case at all: chosen by the consumer, not failed before.
/// What an earlier case of the dispute says is asked apart.
pub fn odr_respondent(case: &Case) -> Option<&Uscc> {
    let open = case.filing.consents.odr.is_some() && !case.odr_failed;
    case.filing.respondent.uscc.as_ref().filter(|_| open)
}

/// Who negotiates: the delegate that was named, if it is admitted, else the respondent itself.
///
/// A respondent that is suspended or removed has nobody negotiate for it; one that only applied may have its delegate do it.
pub fn negotiator(respondent: &Uscc, standing: &Standing) -> Option<ActiveEnterprise> {
    if !matches!(standing.status, Status::Applied | Status::Admitted) {
        return None;
    }
    if let Some(delegate) = standing
        .delegate
        .as_ref()
        .filter(|delegate| delegate.status == Status::Admitted)
    {
        return Some(ActiveEnterprise {
            enterprise: delegate.uscc.clone(),
            on_behalf_of: Some(respondent.clone()),
            registry_version: delegate.version,
        });
    }
    (standing.status == Status::Admitted).then(|| ActiveEnterprise {
        enterprise: respondent.clone(),
        on_behalf_of: None,
        registry_version: standing.version,
    })
}

/// The rules that say who is competent: those pinned by the first receipt, before it those of the day on which the case
/// came to routing (inferred: a case is routed at once).
pub fn rule_set(case: &Case) -> RuleSet {
    case.last_receipt
        .as_ref()
        .map_or_else(|| RuleSet::on(day_of(case.at)), |receipt| receipt.rule_set)
}

/// Where an authority would come from: the first region in order of preference that one covers. If none does, the case is
/// held at the nearest authority known around the first region, or at the state level when no region of the directory is named.
pub fn jurisdiction(
    filing: &Filing,
    set: RuleSet,
    directory: &Directory,
    version: u64,
) -> Jurisdiction {
    let regions = regions(filing, set);
    let mut held_at = None;
    for (basis, region) in regions
        .iter()
        .filter(|(_, region)| directory.region(region.as_str()).is_some())
    {
        match directory.competent(region) {
            Competence::Covered(authority) => {
                return Jurisdiction::Decided(destination(directory, version, authority, *basis));
            }
            Competence::Uncovered { deepest_known } => held_at = held_at.or(Some(deepest_known)),
        }
    }
    let (holder, reason) = match held_at {
        Some(authority) => (authority, HoldReason::RegionNotCovered),
        None => (directory.state(), HoldReason::RegionUnknown),
    };
    Jurisdiction::Held {
        holder: holder.id.clone(),
        reason,
    }
}

/// An authority as a case's destination.
pub fn destination(
    directory: &Directory,
    version: u64,
    authority: &Authority,
    basis: Basis,
) -> Destination {
    Destination {
        authority: authority.id.clone(),
        level: authority.level,
        ancestors: directory.ancestors(&authority.id),
        unit: authority.receiving_unit.clone(),
        basis,
        directory_version: version,
    }
}

/// The regions that count, in order of preference. Of an ordinary operator of whom no region is known, the place of the
/// event stands for the place of business (inferred).
fn regions(filing: &Filing, set: RuleSet) -> Vec<(Basis, RegionCode)> {
    let respondent = &filing.respondent;
    let (shown_address, shown_address_known) = match &respondent.shown_address {
        ShownAddress::Shown(region) => (Some(region), true),
        ShownAddress::Unstated | ShownAddress::NotShown => (None, false),
    };
    let places = Places {
        role: respondent.role,
        business: respondent.business.as_ref(),
        domicile: respondent.domicile.as_ref(),
        shown_address,
        shown_address_known,
        platform_domicile: respondent.platform_domicile.as_ref(),
    };
    let mut regions = competent_regions(&places, set);
    if regions.is_empty() && respondent.role == Role::Ordinary {
        regions.extend(
            filing
                .place_of_event
                .clone()
                .map(|region| (Basis::BusinessPlace, region)),
        );
    }
    regions
}

#[cfg(test)]
mod tests;
