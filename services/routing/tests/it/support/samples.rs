//! Filings, credit codes, applications.

use case::filing::{Channel, Consents, IdentityLevel, Respondent, SalesMode, ShownAddress};
use case::{Fen, Filing, PartyRef, Uscc};
use chrono::{DateTime, Utc};
use law::directory::RegionCode;
use law::jurisdiction::Role;
use proto::routing::v1::{FiveOnes, RegisterEnterpriseRequest};

use super::fresh;

/// A Tuesday under Order 20 with the Implementing Regulation.
pub(crate) const TUESDAY: &str = "2026-03-03T02:00:00Z";

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The n-th made-up credit code.
pub(crate) fn uscc(n: u32) -> String {
    let first = format!("91000000{n:09}");
    let check = Uscc::check_character(&first).unwrap();
    format!("{first}{check}")
}

/// A complaint against the n-th enterprise, an ordinary operator with its place of business in `region`.
pub(crate) fn filing(n: u32, region: &str, odr: bool) -> Filing {
    Filing {
        case_number: format!("TS-{n:06}"),
        complainant: PartyRef::parse("party-1").unwrap(),
        representatives: Vec::new(),
        consumer_region: None,
        identity: IdentityLevel::RealName,
        respondent: Respondent {
            uscc: Uscc::parse(&uscc(n)),
            role: Role::Ordinary,
            business: RegionCode::parse(region).ok(),
            domicile: None,
            shown_address: ShownAddress::Unstated,
            platform_uscc: None,
            platform_domicile: None,
        },
        problem: "quality".to_owned(),
        category: "shoes".to_owned(),
        tree_version: 1,
        claims: Vec::new(),
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
            odr: odr.then(|| instant(TUESDAY)),
            ..Consents::default()
        },
        contains_report: false,
        joint: false,
        by_agent: false,
        prior_case: None,
        pledge: None,
        texts: Vec::new(),
    }
}

/// The n-th enterprise applies; it has everything.
pub(crate) fn application(n: u32) -> RegisterEnterpriseRequest {
    RegisterEnterpriseRequest {
        request_id: fresh(),
        uscc: uscc(n),
        name: format!("Enterprise {n}"),
        region: "AL".to_owned(),
        industry: "retail".to_owned(),
        five_ones: Some(FiveOnes {
            fixed_place: true,
            staff: true,
            computer: true,
            telephone: true,
            rules: true,
        }),
        delegate_uscc: String::new(),
        synthetic: true,
    }
}
