//! Who acts in the tests.

use case::{Actor, ActorKind, Uscc};

pub(crate) const ENTERPRISE: &str = "91110000600037341L";
pub(crate) const RESPONDENT: &str = "91350100M000100Y43";
pub(crate) const COUNTY: &str = "county-1";
pub(crate) const CITY: &str = "city-1";
pub(crate) const STATE: &str = "state-1";
pub(crate) const OTHER: &str = "county-2";

pub(crate) fn uscc(text: &str) -> Uscc {
    Uscc::parse(text).expect("a valid credit code")
}

pub(crate) fn actor(kind: ActorKind, org: Option<&str>, subject: Option<&str>) -> Actor {
    Actor {
        kind,
        org: org.map(str::to_owned),
        subject: subject.map(str::to_owned),
    }
}

pub(crate) fn consumer() -> Actor {
    actor(ActorKind::Consumer, None, Some("party-1"))
}

pub(crate) fn representative() -> Actor {
    actor(ActorKind::Consumer, None, Some("party-2"))
}

pub(crate) fn stranger() -> Actor {
    actor(ActorKind::Consumer, None, Some("party-9"))
}

/// The enterprise that negotiates, on behalf of the respondent.
pub(crate) fn enterprise() -> Actor {
    actor(ActorKind::Enterprise, Some(ENTERPRISE), Some("clerk-1"))
}

pub(crate) fn respondent() -> Actor {
    actor(ActorKind::Enterprise, Some(RESPONDENT), Some("clerk-2"))
}

pub(crate) fn other_enterprise() -> Actor {
    actor(
        ActorKind::Enterprise,
        Some("911100000000000000"),
        Some("clerk-3"),
    )
}

pub(crate) fn official(authority: &str) -> Actor {
    actor(ActorKind::Official, Some(authority), Some("official-1"))
}

pub(crate) fn system() -> Actor {
    Actor::system()
}
