//! Contents: filings, facts of routing, offers.

use case::facts::{ActiveEnterprise, Destination, Jurisdiction};
use case::filing::{Channel, Claim, Consents, IdentityLevel, Respondent, SalesMode, ShownAddress};
use case::state::HoldReason;
use case::{Facts, Fen, Filing, PartyRef, TextRef, Uscc};
use chrono::{DateTime, Utc};
use law::directory::{AuthorityId, Level, UnitId};
use law::jurisdiction::{Basis, Role};
use proto::mediation::v1::OfferedTerms;
use proto::v1::{Relief, ReliefKind};
use uuid::Uuid;

use super::people::{ENTERPRISE_CODE, RESPONDENT_CODE};

/// A Tuesday under Order 20 with the Implementing Regulation.
pub(crate) const TUESDAY: &str = "2026-03-03T02:00:00Z";

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn authority(text: &str) -> AuthorityId {
    AuthorityId::parse(text).unwrap()
}

pub(crate) fn uscc(text: &str) -> Uscc {
    Uscc::parse(text).unwrap()
}

/// The complaint of party-1, with party-2 as representative; the consumer chose ODR.
pub(crate) fn filing() -> Filing {
    Filing {
        case_number: "TS-0001".to_owned(),
        complainant: PartyRef::parse("party-1").unwrap(),
        representatives: vec![PartyRef::parse("party-2").unwrap()],
        consumer_region: None,
        identity: IdentityLevel::RealName,
        respondent: Respondent {
            uscc: Some(uscc(RESPONDENT_CODE)),
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
        disputed_on: None,
        knew_on: None,
        sales_mode: SalesMode::Shop,
        place_of_event: None,
        channel: Channel::Web,
        sub_channel: None,
        source_system: None,
        source_number: None,
        consents: Consents {
            odr: Some(instant(TUESDAY)),
            ..Consents::default()
        },
        contains_report: false,
        joint: false,
        by_agent: false,
        prior_case: None,
        pledge: None,
        texts: vec![TextRef {
            id: Uuid::now_v7(),
            hash: [7; 32],
        }],
    }
}

/// The same by another complainant, without a representative.
pub(crate) fn filing_of(party: &str) -> Filing {
    Filing {
        complainant: PartyRef::parse(party).unwrap(),
        representatives: Vec::new(),
        ..filing()
    }
}

fn destination(name: &str) -> Destination {
    let (level, above): (Level, &[&str]) = match name {
        "state-1" => (Level::State, &[]),
        "city-1" => (Level::City, &["state-1"]),
        "county-2" => (Level::County, &["city-2", "state-1"]),
        _ => (Level::County, &["city-1", "state-1"]),
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

/// An enterprise negotiates, on behalf of the respondent.
pub(crate) fn to_enterprise(code: &str) -> Facts {
    Facts::Route {
        enterprise: Some(ActiveEnterprise {
            enterprise: uscc(code),
            on_behalf_of: (code == ENTERPRISE_CODE).then(|| uscc(RESPONDENT_CODE)),
            registry_version: 3,
        }),
        jurisdiction: Jurisdiction::Decided(destination("county-1")),
        prior_odr_failed: false,
    }
}

/// No enterprise; this authority is competent.
pub(crate) fn to_authority(name: &str) -> Facts {
    Facts::Route {
        enterprise: None,
        jurisdiction: Jurisdiction::Decided(destination(name)),
        prior_odr_failed: false,
    }
}

/// Nobody is competent; the city's receiving unit decides.
pub(crate) fn to_hold() -> Facts {
    Facts::Route {
        enterprise: None,
        jurisdiction: Jurisdiction::Held {
            holder: authority("city-1"),
            reason: HoldReason::RegionNotCovered,
        },
        prior_odr_failed: false,
    }
}

/// The named authority, for a hand.
pub(crate) fn by_hand(name: &str) -> Facts {
    Facts::RouteByHand {
        destination: Some(destination(name)),
    }
}

/// A refund of 100 yuan; no day is named.
pub(crate) fn refund() -> OfferedTerms {
    OfferedTerms {
        reliefs: vec![Relief {
            kind: ReliefKind::Refund.into(),
            amount_fen: 10_000,
        }],
        text: "within a week, to the card that paid".to_owned(),
        ..Default::default()
    }
}
