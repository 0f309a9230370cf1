//! Cases and a directory for the unit tests.

use std::path::Path;

use case::event::EventMeta;
use case::filing::{Channel, Consents, IdentityLevel, SalesMode, ShownAddress};
use case::{Actor, ActorKind, Case, CaseId, Event, Fen, Filing, PartyRef, Recorded, Service, Uscc};
use chrono::{DateTime, NaiveDate, Utc};
use law::directory::{Directory, RegionCode};
use law::jurisdiction::Role;
use law::{RuleSet, day::start_of};
use uuid::Uuid;

pub(crate) const RESPONDENT: &str = "91110000600037341L";
pub(crate) const HEAD_OFFICE: &str = "91350100M000100Y43";

/// The invented directory of the United States.
pub(crate) fn directory() -> Directory {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/directories/us");
    crate::directory::load(&folder).expect("the directory is right")
}

pub(crate) fn uscc(text: &str) -> Uscc {
    Uscc::parse(text).expect("a right code")
}

pub(crate) fn region(code: &str) -> Option<RegionCode> {
    Some(code)
        .filter(|code| !code.is_empty())
        .map(|code| RegionCode::parse(code).expect("a code's shape"))
}

/// Noon at +08:00.
pub(crate) fn noon(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    start_of(NaiveDate::from_ymd_opt(year, month, day).expect("a day"))
        + chrono::TimeDelta::hours(12)
}

/// An ordinary operator in Alabama; the consumer chose ODR.
pub(crate) fn filing() -> Filing {
    Filing {
        case_number: "T-AL-20261124-000001-1".into(),
        complainant: PartyRef::parse("c-1").expect("a reference"),
        representatives: Vec::new(),
        consumer_region: region("AL"),
        identity: IdentityLevel::RealName,
        respondent: case::filing::Respondent {
            uscc: Some(uscc(RESPONDENT)),
            role: Role::Ordinary,
            business: region("AL"),
            domicile: None,
            shown_address: ShownAddress::Unstated,
            platform_uscc: None,
            platform_domicile: None,
        },
        problem: "quality".into(),
        category: "phone".into(),
        tree_version: 1,
        claims: Vec::new(),
        paid: Fen(100),
        claimed: Fen(100),
        disputed_on: None,
        knew_on: None,
        sales_mode: SalesMode::Shop,
        place_of_event: None,
        channel: Channel::Web,
        sub_channel: None,
        source_system: None,
        source_number: None,
        consents: Consents {
            odr: Some(noon(2026, 11, 24)),
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

/// The case of a filing, filed at an instant.
pub(crate) fn filed(filing: Filing, at: DateTime<Utc>) -> Case {
    let by = Actor {
        kind: ActorKind::Consumer,
        org: None,
        subject: Some("c-1".into()),
    };
    append(
        None,
        Event::ComplaintFiled(std::sync::Arc::new(filing)),
        Service::Intake,
        by,
        at,
    )
}

/// The case after one more decision of the system's.
pub(crate) fn after(case: &Case, event: Event) -> Case {
    append(
        Some(case.clone()),
        event,
        case.state.owner(),
        Actor::system(),
        case.at,
    )
}

fn append(
    case: Option<Case>,
    event: Event,
    source: Service,
    actor: Actor,
    at: DateTime<Utc>,
) -> Case {
    let meta = EventMeta {
        space: "main".into(),
        occurred_at: at,
        recorded_at: at,
        actor,
        cause: "r".into(),
        rule_set: RuleSet::on(law::day::day_of(at)),
        imported: false,
        notice_heads: Default::default(),
    };
    let sequence = case.as_ref().map_or(0, |case| case.version) + 1;
    let recorded = Recorded {
        id: Uuid::now_v7(),
        case_id: CaseId(Uuid::from_u128(7)),
        source,
        sequence,
        meta,
        event,
    };
    case::evolve(case, &recorded).expect("a case")
}
