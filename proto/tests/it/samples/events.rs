//! One event of every kind, and the bare form of those that may say less. Names are those of the golden files.

use case::event::{ClockKind, EndingBasis, RoutedToAuthority, RoutedToEnterprise};
use case::ids::Fen;
use case::state::{
    DeclineReason, FailedWhy, HoldReason, Performed, ReturnReason, WithdrawalReason,
};
use case::{Actor, Event, EventMeta, Side};
use law::RuleSet;
use law::directory::{Level, UnitId};
use law::grounds::{EndingGround, RefusalGround};
use law::jurisdiction::Basis;

use super::*;

/// Name, metadata, event.
pub(crate) fn events() -> Vec<(String, EventMeta, Event)> {
    let full = full()
        .into_iter()
        .map(|event| (event.event_kind().code().to_owned(), meta(), event));
    let bare_meta = EventMeta {
        actor: Actor::system(),
        cause: String::new(),
        imported: false,
        notice_heads: Heads::new(),
        ..meta()
    };
    let bare = bare().into_iter().map(|event| {
        (
            format!("{}.bare", event.event_kind().code()),
            bare_meta.clone(),
            event,
        )
    });
    full.chain(bare).collect()
}

fn full() -> Vec<Event> {
    let mut events = routing();
    events.extend(negotiation());
    events.extend(handling());
    events.extend(settlement());
    events.extend(notices());
    events
}

fn routing() -> Vec<Event> {
    vec![
        Event::ComplaintFiled(std::sync::Arc::new(filing())),
        Event::RoutedToEnterprise(RoutedToEnterprise {
            enterprise: head_office(),
            on_behalf_of: Some(enterprise()),
            registry_version: 11,
            due: due(18),
        }),
        Event::RoutedToAuthority(RoutedToAuthority {
            authority: authority("A-110105"),
            level: Level::County,
            ancestors: vec![authority("A-110100"), authority("A-000000")],
            unit: UnitId::parse("A-110105-R").unwrap(),
            received_at: at(14, 6),
            decide_by: due(25),
            rule_set: RuleSet::Order20,
            basis: Basis::ShownAddress,
            nth: 2,
            directory_version: 6,
        }),
        Event::RoutingHeld {
            holder: authority("A-000000"),
            reason: HoldReason::RegionNotCovered,
            due: due(7),
        },
        Event::RoutingOverdue { due: due(7) },
    ]
}

fn negotiation() -> Vec<Event> {
    let clock = || stopped(ClockKind::Negotiation);
    vec![
        Event::NegotiationAcknowledged,
        Event::NegotiationAnswered {
            text: text(3),
            machine: true,
        },
        Event::SettlementProposed {
            proposal: id(21),
            by: Side::Enterprise,
            terms: terms(),
            valid_until: at(15, 4),
        },
        Event::ProposalAccepted {
            proposal: id(21),
            by: Side::Consumer,
        },
        Event::ProposalRejected {
            proposal: id(21),
            by: Side::Consumer,
            text: Some(text(4)),
        },
        Event::ProposalExpired {
            proposal: id(21),
            due: at(15, 4),
        },
        Event::SettlementReached {
            proposal: id(21),
            terms: terms(),
            lapse: due(30),
            stopped: Some(clock()),
        },
        Event::TermsAgreed {
            proposal: id(22),
            terms: terms(),
        },
        Event::NegotiationDeclined {
            reason: DeclineReason::HandledElsewhere,
            text: text(5),
            escalate_by: due(29),
            stopped: clock(),
        },
        Event::NegotiationExpired {
            why: FailedWhy::EnterpriseSilent,
            escalate_by: due(29),
            stopped: clock(),
        },
        Event::NegotiationEnded {
            why: FailedWhy::ConsumerUnsatisfied,
            escalate_by: due(29),
            stopped: clock(),
        },
        Event::ComplaintEscalated { automatic: true },
        Event::ClosedUnescalated { due: due(29) },
    ]
}

fn handling() -> Vec<Event> {
    vec![
        Event::ComplaintAccepted {
            due: due(30),
            stopped: stopped(ClockKind::Acceptance),
        },
        Event::ComplaintRefused {
            ground: RefusalGround::NotDailyConsumption,
            number: 3,
            text: text(6),
            stopped: Some(stopped(ClockKind::Acceptance)),
        },
        Event::CaseReturned {
            holder: authority("A-110100"),
            reason: ReturnReason::AddressUnclear,
            text: Some(text(7)),
            due: due(21),
        },
        Event::AcceptanceOverdue { due: due(25) },
        Event::SessionScheduled {
            at: at(26, 3),
            online: true,
            place: text(8),
            recusal_days: 3,
        },
        Event::MediationEnded {
            ground: EndingGround::NoAgreementPossible,
            number: 3,
            basis: EndingBasis::Decided,
            text: Some(text(9)),
            stopped: stopped(ClockKind::Mediation),
        },
        Event::MediationOverdue { due: due(30) },
    ]
}

fn settlement() -> Vec<Event> {
    vec![
        Event::AgreementSigned {
            by: Side::Enterprise,
            document: hash(40),
        },
        Event::AgreementSealed {
            document: hash(40),
            lapse: due(30),
            stopped: stopped(ClockKind::Mediation),
        },
        Event::AgreementWaived {
            by: Side::Consumer,
            settled: Some(Box::new(settling())),
        },
        Event::MediationRecorded {
            text: text(10),
            settled: Box::new(settling()),
        },
        Event::PerformanceDeclared {
            evidence: Some(id(31)),
        },
        Event::AgreementPerformed {
            performed: Performed::Partly,
            recovered: Fen(99_900),
        },
        Event::BreachReported {
            escalate_by: Some(due(29)),
            text: Some(text(11)),
        },
        Event::PerformanceLapsed { due: due(30) },
        Event::HandlingRated { stars: 4 },
    ]
}

fn notices() -> Vec<Event> {
    vec![
        Event::HandlingReported {
            handled_at: at(9, 1),
            course: text(12),
            method: text(13),
            result: text(14),
        },
        Event::WithdrawalRequested {
            reason: WithdrawalReason::PressedByOperator,
            text: Some(text(15)),
        },
        Event::EvidenceAdded {
            evidence: id(32),
            hash: hash(50),
            media_type: "image/png".to_owned(),
            size_bytes: 1_234_567,
            by: Side::Consumer,
        },
        Event::ComplaintWithdrawn {
            reason: WithdrawalReason::SettledOutside,
            stopped: Some(stopped(ClockKind::Acceptance)),
        },
        Event::WithdrawalRefused {
            reason: WithdrawalReason::Mistake,
        },
    ]
}

fn bare() -> Vec<Event> {
    vec![
        Event::ComplaintFiled(std::sync::Arc::new(bare_filing())),
        Event::RoutedToEnterprise(RoutedToEnterprise {
            enterprise: enterprise(),
            on_behalf_of: None,
            registry_version: 1,
            due: due(18),
        }),
        Event::ProposalRejected {
            proposal: id(21),
            by: Side::Enterprise,
            text: None,
        },
        Event::SettlementReached {
            proposal: id(21),
            terms: Terms {
                text: None,
                ..terms()
            },
            lapse: due(30),
            stopped: None,
        },
        Event::ComplaintRefused {
            ground: RefusalGround::OutsideCompetence,
            number: 1,
            text: text(6),
            stopped: None,
        },
        Event::CaseReturned {
            holder: authority("A-110100"),
            reason: ReturnReason::NotCompetent,
            text: None,
            due: due(21),
        },
        Event::MediationEnded {
            ground: EndingGround::WithdrawnOrSelfSettled,
            number: 1,
            basis: EndingBasis::Withdrawn,
            text: None,
            stopped: stopped(ClockKind::Mediation),
        },
        Event::AgreementWaived {
            by: Side::Enterprise,
            settled: None,
        },
        Event::PerformanceDeclared { evidence: None },
        Event::BreachReported {
            escalate_by: None,
            text: None,
        },
        Event::WithdrawalRequested {
            reason: WithdrawalReason::Other,
            text: None,
        },
        Event::ComplaintWithdrawn {
            reason: WithdrawalReason::Other,
            stopped: None,
        },
    ]
}
