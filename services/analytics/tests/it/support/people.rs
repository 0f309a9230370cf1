//! Who acts in the tests, and where cases may go.

use case::facts::{ActiveEnterprise, Destination, Jurisdiction};
use case::state::HoldReason;
use case::{Actor, ActorKind, Facts, Uscc};
use law::directory::{AuthorityId, Level, UnitId};
use law::jurisdiction::Basis;

/// Negotiates by itself, and for the respondent.
pub(crate) const DELEGATE: &str = "91110000600037341L";
/// The respondent of every complaint.
pub(crate) const RESPONDENT: &str = "91350100M000100Y43";
pub(crate) const COUNTY: &str = "county-1";
pub(crate) const OTHER: &str = "county-2";
pub(crate) const CITY: &str = "city-1";

pub(crate) fn uscc(text: &str) -> Uscc {
    Uscc::parse(text).unwrap()
}

pub(crate) fn authority(name: &str) -> AuthorityId {
    AuthorityId::parse(name).unwrap()
}

fn actor(kind: ActorKind, org: Option<&str>, subject: &str) -> Actor {
    Actor {
        kind,
        org: org.map(str::to_owned),
        subject: Some(subject.to_owned()),
    }
}

pub(crate) fn consumer() -> Actor {
    actor(ActorKind::Consumer, None, "party-1")
}

pub(crate) fn enterprise(code: &str) -> Actor {
    actor(ActorKind::Enterprise, Some(code), "clerk-1")
}

pub(crate) fn official(authority: &str) -> Actor {
    actor(ActorKind::Official, Some(authority), "official-1")
}

pub(crate) fn destination(name: &str) -> Destination {
    let (level, above): (Level, &[&str]) = match name {
        CITY => (Level::City, &["state-1"]),
        _ => (Level::County, &[CITY, "state-1"]),
    };
    Destination {
        authority: authority(name),
        level,
        ancestors: above.iter().map(|name| authority(name)).collect(),
        unit: UnitId::parse("unit-1").unwrap(),
        basis: Basis::BusinessPlace,
        directory_version: 1,
    }
}

/// To this enterprise where ODR may be tried, else to this authority.
pub(crate) fn to(enterprise: &str, name: &str) -> Facts {
    Facts::Route {
        enterprise: Some(ActiveEnterprise {
            enterprise: uscc(enterprise),
            on_behalf_of: (enterprise != RESPONDENT).then(|| uscc(RESPONDENT)),
            registry_version: 1,
        }),
        jurisdiction: Jurisdiction::Decided(destination(name)),
        prior_odr_failed: false,
    }
}

/// To an authority.
pub(crate) fn to_authority(name: &str) -> Facts {
    Facts::Route {
        enterprise: None,
        jurisdiction: Jurisdiction::Decided(destination(name)),
        prior_odr_failed: false,
    }
}

/// To nobody.
pub(crate) fn to_nobody() -> Facts {
    Facts::Route {
        enterprise: None,
        jurisdiction: Jurisdiction::Held {
            holder: authority(CITY),
            reason: HoldReason::RegionNotCovered,
        },
        prior_odr_failed: false,
    }
}
