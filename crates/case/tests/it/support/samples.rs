//! Contents: a filing, terms, facts.

use case::facts::{ActiveEnterprise, Destination, Jurisdiction};
use case::filing::{Channel, Claim, Consents, IdentityLevel, Respondent, SalesMode, ShownAddress};
use case::state::HoldReason;
use case::terms::{Payer, Relief, ReliefKind, Terms};
use case::{Facts, Fen, Filing, PartyRef, TextRef};
use chrono::{DateTime, NaiveDate, Utc};
use law::directory::{AuthorityId, Level, UnitId};
use law::jurisdiction::{Basis, Role};
use uuid::Uuid;

use super::people::{CITY, COUNTY, ENTERPRISE, OTHER, RESPONDENT, STATE, uscc};

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub(crate) fn text(number: u128) -> TextRef {
    TextRef {
        id: Uuid::from_u128(number),
        hash: [7; 32],
    }
}

pub(crate) fn party(text: &str) -> PartyRef {
    PartyRef::parse(text).expect("a party")
}

pub(crate) fn authority(text: &str) -> AuthorityId {
    AuthorityId::parse(text).expect("an authority")
}

/// A complaint whose consumer chose ODR and did not agree to escalate by itself.
pub(crate) fn filing() -> Filing {
    Filing {
        case_number: "TS-0001".to_owned(),
        complainant: party("party-1"),
        representatives: vec![party("party-2")],
        consumer_region: None,
        identity: IdentityLevel::RealName,
        respondent: Respondent {
            uscc: Some(uscc(RESPONDENT)),
            role: Role::Ordinary,
            business: None,
            domicile: None,
            shown_address: ShownAddress::Unstated,
            platform_uscc: None,
            platform_domicile: None,
        },
        problem: "quality".to_owned(),
        category: "shoes".to_owned(),
        tree_version: 1,
        claims: vec![Claim::Refund],
        paid: Fen(20_000),
        claimed: Fen(20_000),
        disputed_on: Some(day("2016-01-01")),
        knew_on: Some(day("2016-01-01")),
        sales_mode: SalesMode::Shop,
        place_of_event: None,
        channel: Channel::Web,
        sub_channel: None,
        source_system: None,
        source_number: None,
        consents: Consents {
            odr: Some(instant("2016-01-01T00:00:00Z")),
            ..Consents::default()
        },
        contains_report: false,
        joint: false,
        by_agent: false,
        prior_case: None,
        pledge: None,
        texts: vec![text(1)],
    }
}

/// A refund, to be performed by a day.
pub(crate) fn refund(amount: i64, perform_by: NaiveDate) -> Terms {
    Terms {
        reliefs: vec![Relief {
            kind: ReliefKind::Refund,
            amount: Fen(amount),
        }],
        payer: Payer::Enterprise,
        perform_by,
        text: None,
    }
}

pub(crate) fn destination(name: &str) -> Destination {
    let (level, above): (Level, &[&str]) = match name {
        STATE => (Level::State, &[]),
        CITY => (Level::City, &[STATE]),
        OTHER => (Level::County, &["city-2", STATE]),
        _ => (Level::County, &[CITY, STATE]),
    };
    Destination {
        authority: authority(name),
        level,
        ancestors: above.iter().map(|name| authority(name)).collect(),
        unit: UnitId::parse("unit-1").expect("a unit"),
        basis: Basis::BusinessPlace,
        directory_version: 1,
    }
}

pub(crate) fn decided(name: &str) -> Jurisdiction {
    Jurisdiction::Decided(destination(name))
}

pub(crate) fn held(holder: &str) -> Jurisdiction {
    Jurisdiction::Held {
        holder: authority(holder),
        reason: HoldReason::RegionNotCovered,
    }
}

/// An active ODR enterprise for the respondent, and the county as authority.
pub(crate) fn with_enterprise() -> Facts {
    Facts::Route {
        enterprise: Some(ActiveEnterprise {
            enterprise: uscc(ENTERPRISE),
            on_behalf_of: Some(uscc(RESPONDENT)),
            registry_version: 3,
        }),
        jurisdiction: decided(COUNTY),
        prior_odr_failed: false,
    }
}

pub(crate) fn without_enterprise(jurisdiction: Jurisdiction) -> Facts {
    Facts::Route {
        enterprise: None,
        jurisdiction,
        prior_odr_failed: false,
    }
}

pub(crate) fn by_hand(name: &str) -> Facts {
    Facts::RouteByHand {
        destination: Some(destination(name)),
    }
}
