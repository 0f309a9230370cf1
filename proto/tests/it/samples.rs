//! One fixed value of everything: parts here, events and cases in the files beside.

mod cases;
mod events;

use case::event::{ClockKind, Settling, StoppedClock};
use case::filing::{
    Channel, Claim, Consents, Filing, IdentityLevel, Respondent, SalesMode, ShownAddress,
};
use case::ids::{CaseId, Fen, PartyRef, TextRef, Uscc};
use case::state::Receipt;
use case::terms::{Agreed, Offer, Payer, Relief, ReliefKind, Terms};
use case::{Actor, ActorKind, EventMeta, Head, Heads, Service, Side};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use law::directory::{AuthorityId, Level, RegionCode, UnitId};
use law::jurisdiction::Role;
use law::{Due, RuleSet};
use uuid::Uuid;

pub(crate) use cases::cases;
pub(crate) use events::events;

pub(crate) fn at(day: u32, hour: u32) -> DateTime<Utc> {
    let at = Utc.with_ymd_and_hms(2026, 5, day, hour, 30, 15).unwrap();
    at + chrono::TimeDelta::microseconds(123_456)
}

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, day).unwrap()
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) fn hash(byte: u8) -> [u8; 32] {
    std::array::from_fn(|place| byte.wrapping_add(place as u8))
}

pub(crate) fn text(number: u8) -> TextRef {
    TextRef {
        id: id(0x7e00 + u128::from(number)),
        hash: hash(number),
    }
}

pub(crate) fn enterprise() -> Uscc {
    Uscc::parse("91110000600037341L").unwrap()
}

pub(crate) fn head_office() -> Uscc {
    Uscc::parse("91350100M000100Y43").unwrap()
}

pub(crate) fn region(code: &str) -> RegionCode {
    RegionCode::parse(code).unwrap()
}

pub(crate) fn authority(id: &str) -> AuthorityId {
    AuthorityId::parse(id).unwrap()
}

pub(crate) fn due(last: u32) -> Due {
    Due {
        at: Utc.with_ymd_and_hms(2026, 5, last, 16, 0, 0).unwrap(),
        last_day: day(last),
        rule_set: RuleSet::Order121,
        calendar_version: 3,
        provisional: last > 28,
    }
}

pub(crate) fn stopped(kind: ClockKind) -> StoppedClock {
    StoppedClock {
        kind,
        rule_set: RuleSet::Order20Regulation,
        started_at: at(2, 1),
        due: due(12),
        paused_days: 2,
        late_days: 1,
    }
}

pub(crate) fn settling() -> Settling {
    Settling {
        lapse: due(30),
        stopped: stopped(ClockKind::Mediation),
    }
}

pub(crate) fn reliefs() -> Vec<Relief> {
    let relief = |kind, amount| Relief {
        kind,
        amount: Fen(amount),
    };
    vec![
        relief(ReliefKind::Refund, 129_900),
        relief(ReliefKind::Apology, 0),
    ]
}

pub(crate) fn terms() -> Terms {
    Terms {
        reliefs: reliefs(),
        payer: Payer::Pool,
        perform_by: day(20),
        text: Some(text(9)),
    }
}

pub(crate) fn offer(number: u128, by: Side) -> Offer {
    Offer {
        id: id(number),
        by,
        terms: terms(),
        valid_until: at(15, 4),
        at: at(8, 4),
        accepted_by: if by == Side::Mediator {
            vec![Side::Consumer]
        } else {
            Vec::new()
        },
    }
}

pub(crate) fn agreed() -> Agreed {
    Agreed {
        terms: terms(),
        document: Some(hash(40)),
        at: at(16, 2),
        signed_by: vec![Side::Enterprise],
        waived_by: vec![Side::Consumer],
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        authority: authority("A-110105"),
        level: Level::County,
        ancestors: vec![authority("A-110100"), authority("A-000000")],
        unit: UnitId::parse("A-110105-R").unwrap(),
        received_at: at(14, 6),
        decide_by: due(25),
        rule_set: RuleSet::Order121,
        nth: 2,
    }
}

pub(crate) fn heads() -> Heads {
    Heads::from([
        (
            Service::Intake,
            Head {
                sequence: 2,
                chain: hash(60),
            },
        ),
        (
            Service::Mediation,
            Head {
                sequence: 1,
                chain: hash(70),
            },
        ),
    ])
}

pub(crate) fn meta() -> EventMeta {
    EventMeta {
        space: "main".to_owned(),
        occurred_at: at(10, 9),
        recorded_at: at(10, 10),
        actor: Actor {
            kind: ActorKind::Official,
            org: Some("A-110105".to_owned()),
            subject: Some("official-7".to_owned()),
        },
        cause: "request-000017".to_owned(),
        rule_set: RuleSet::Order121,
        imported: true,
        notice_heads: heads(),
    }
}

/// Everything that may be said is said.
pub(crate) fn filing() -> Filing {
    Filing {
        case_number: "TS11010520260502000017X".to_owned(),
        complainant: PartyRef::parse("party:0196").unwrap(),
        representatives: vec![PartyRef::parse("agent.1").unwrap()],
        consumer_region: Some(region("310115")),
        identity: IdentityLevel::RealName,
        respondent: Respondent {
            uscc: Some(enterprise()),
            role: Role::PlatformSeller,
            business: Some(region("110105")),
            domicile: Some(region("110108")),
            shown_address: ShownAddress::Shown(region("110106")),
            platform_uscc: Some(head_office()),
            platform_domicile: Some(region("350100")),
        },
        problem: "quality.defect".to_owned(),
        category: "goods.phone".to_owned(),
        tree_version: 4,
        claims: vec![Claim::Refund, Claim::Compensation],
        paid: Fen(129_900),
        claimed: Fen(259_800),
        disputed_on: Some(day(1)),
        knew_on: Some(day(2)),
        sales_mode: SalesMode::LiveStream,
        place_of_event: Some(region("310115")),
        channel: Channel::MiniProgram,
        sub_channel: Some("partner-3".to_owned()),
        source_system: Some("hotline".to_owned()),
        source_number: Some("2026-0042".to_owned()),
        consents: Consents {
            odr: Some(at(2, 1)),
            publication: Some(at(2, 2)),
            entrusted_mediation: Some(at(2, 3)),
            auto_escalation: Some(at(2, 4)),
        },
        contains_report: true,
        joint: true,
        by_agent: true,
        prior_case: Some(CaseId(id(5))),
        pledge: Some("seven-days".to_owned()),
        texts: vec![text(1), text(2)],
    }
}

/// Nothing is said that need not be.
pub(crate) fn bare_filing() -> Filing {
    Filing {
        case_number: "TS1".to_owned(),
        complainant: PartyRef::parse("p").unwrap(),
        representatives: Vec::new(),
        consumer_region: None,
        identity: IdentityLevel::Stated,
        respondent: Respondent {
            uscc: None,
            role: Role::Ordinary,
            business: None,
            domicile: None,
            shown_address: ShownAddress::Unstated,
            platform_uscc: None,
            platform_domicile: None,
        },
        problem: "p".to_owned(),
        category: "c".to_owned(),
        tree_version: 0,
        claims: vec![Claim::Other],
        paid: Fen(0),
        claimed: Fen(0),
        disputed_on: None,
        knew_on: None,
        sales_mode: SalesMode::Other,
        place_of_event: None,
        channel: Channel::Web,
        sub_channel: None,
        source_system: None,
        source_number: None,
        consents: Consents::default(),
        contains_report: false,
        joint: false,
        by_agent: false,
        prior_case: None,
        pledge: None,
        texts: Vec::new(),
    }
}
