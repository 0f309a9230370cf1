//! A case in every state. Names are those of the golden files.

use case::milestones::{Handling, Milestones, Negotiation, Settlement};
use case::state::{
    FailedWhy, HoldReason, LastAct, Outcome, Performed, Rating, WithdrawalReason, WithdrawalRequest,
};
use case::terms::{Document, SettledHow};
use case::{Case, CaseState, StateKind};
use law::grounds::{EndingGround, RefusalGround};

use super::*;

/// Name, case: every state with everything said, some with the least, and every way to end.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let full = full()
        .into_iter()
        .map(|state| (StateKind::of(&state).code().to_owned(), full_case(state)));
    let bare = bare().into_iter().map(|state| {
        (
            format!("{}.bare", StateKind::of(&state).code()),
            bare_case(state),
        )
    });
    let ends = outcomes().into_iter().map(|outcome| {
        let state = CaseState::Closed {
            outcome,
            performed: Performed::NotApplicable,
            at: at(20, 1),
            heads: Heads::new(),
        };
        (format!("Closed.{}", outcome.code()), bare_case(state))
    });
    full.chain(bare).chain(ends).collect()
}

fn full() -> Vec<CaseState> {
    vec![
        CaseState::Filed,
        CaseState::HeldForRouting {
            holder: authority("A-000000"),
            reason: HoldReason::Returned,
            since: at(3, 1),
            due: due(7),
            overdue_at: Some(at(8, 1)),
        },
        CaseState::InNegotiation {
            enterprise: head_office(),
            on_behalf_of: Some(enterprise()),
            since: at(3, 1),
            due: due(18),
            acknowledged_at: Some(at(4, 1)),
            last_answer_at: Some(at(5, 1)),
            last_act: Some(LastAct::ConsumerRejected),
            offers: vec![offer(21, Side::Consumer), offer(22, Side::Enterprise)],
        },
        CaseState::NegotiationFailed {
            why: FailedWhy::ConsumerSilent,
            at: at(18, 16),
            escalate_by: due(29),
            offer_open: Some(offer(22, Side::Enterprise)),
        },
        CaseState::Escalated { at: at(19, 1) },
        CaseState::AtAuthority {
            receipt: receipt(),
            overdue_at: Some(at(26, 1)),
        },
        CaseState::InMediation {
            receipt: receipt(),
            accepted_at: at(20, 1),
            due: due(30),
            overdue_at: Some(at(31, 1)),
            sessions: 2,
            offers: vec![offer(23, Side::Mediator)],
            agreed: Some(agreed()),
        },
        CaseState::Settled {
            how: SettledHow::Mediated,
            terms: terms(),
            document: Document::Agreement,
            at: at(21, 1),
            declared_at: Some(at(22, 1)),
            lapse: due(30),
        },
        CaseState::Closed {
            outcome: Outcome::Mediated,
            performed: Performed::Partly,
            at: at(23, 1),
            heads: heads(),
        },
    ]
}

fn bare() -> Vec<CaseState> {
    vec![
        CaseState::Filed,
        CaseState::InNegotiation {
            enterprise: enterprise(),
            on_behalf_of: None,
            since: at(3, 1),
            due: due(18),
            acknowledged_at: None,
            last_answer_at: None,
            last_act: None,
            offers: Vec::new(),
        },
        CaseState::NegotiationFailed {
            why: FailedWhy::EnterpriseSilent,
            at: at(18, 16),
            escalate_by: due(29),
            offer_open: None,
        },
        CaseState::InMediation {
            receipt: receipt(),
            accepted_at: at(20, 1),
            due: due(30),
            overdue_at: None,
            sessions: 0,
            offers: Vec::new(),
            agreed: None,
        },
        CaseState::Settled {
            how: SettledHow::Direct,
            terms: Terms {
                text: None,
                ..terms()
            },
            document: Document::Proposal,
            at: at(21, 1),
            declared_at: None,
            lapse: due(30),
        },
    ]
}

fn outcomes() -> Vec<Outcome> {
    vec![
        Outcome::SettledDirectly,
        Outcome::Mediated,
        Outcome::Refused(RefusalGround::IdentityMisused),
        Outcome::MediationEnded(EndingGround::PartyGone),
        Outcome::Withdrawn(WithdrawalReason::PressedByOperator),
        Outcome::NotEscalated,
    ]
}

fn full_case(state: CaseState) -> Case {
    Case {
        id: CaseId(id(1)),
        space: "main".to_owned(),
        version: 7,
        at: at(23, 1),
        filing: std::sync::Arc::new(filing()),
        state,
        odr_failed: true,
        last_receipt: Some(receipt()),
        receipts: 2,
        returns: 1,
        holds: 2,
        withdrawals: vec![WithdrawalRequest {
            source: Service::Intake,
            sequence: 2,
            reason: WithdrawalReason::Mistake,
            event_id: id(41),
        }],
        answered: heads(),
        handling_reported_at: Some(at(9, 1)),
        evidence: 3,
        rating: Some(Rating {
            stars: 5,
            at: at(24, 1),
        }),
        recovered: Fen(99_900),
        milestones: milestones(),
    }
}

fn bare_case(state: CaseState) -> Case {
    Case {
        id: CaseId(id(2)),
        space: "s".to_owned(),
        version: 1,
        at: at(2, 1),
        filing: std::sync::Arc::new(bare_filing()),
        state,
        odr_failed: false,
        last_receipt: None,
        receipts: 0,
        returns: 0,
        holds: 0,
        withdrawals: Vec::new(),
        answered: Heads::new(),
        handling_reported_at: None,
        evidence: 0,
        rating: None,
        recovered: Fen(0),
        milestones: Milestones {
            filed_at: at(2, 1),
            negotiation: None,
            escalated_at: None,
            handling: None,
            settlement: None,
            closed_at: None,
        },
    }
}

fn milestones() -> Milestones {
    Milestones {
        filed_at: at(2, 1),
        negotiation: Some(Negotiation {
            enterprise: head_office(),
            registry_version: 11,
            started_at: at(3, 1),
            due: due(18),
            acknowledged_at: Some(at(4, 1)),
            answered_at: Some(at(5, 1)),
            ended_at: Some(at(18, 16)),
            failed: Some(FailedWhy::ConsumerSilent),
        }),
        escalated_at: Some(at(19, 1)),
        handling: Some(Handling {
            authority: authority("A-110105"),
            received_at: at(14, 6),
            decide_by: due(25),
            decided_at: Some(at(20, 1)),
            accepted_at: Some(at(20, 1)),
            mediation_due: Some(due(30)),
            ended_at: Some(at(21, 1)),
        }),
        settlement: Some(Settlement {
            how: SettledHow::Mediated,
            at: at(21, 1),
            reliefs: reliefs(),
        }),
        closed_at: Some(at(23, 1)),
    }
}
