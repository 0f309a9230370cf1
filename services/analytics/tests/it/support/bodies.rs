//! Contents of commands.

use case::filing::{Channel, Claim, Consents, IdentityLevel, Respondent, SalesMode, ShownAddress};
use case::state::{DeclineReason, Performed, ReturnReason, WithdrawalReason};
use case::terms::{Payer, Relief, ReliefKind, Terms};
use case::{Body, Fen, Filing, PartyRef, TextRef};
use chrono::{DateTime, NaiveDate, Utc};
use law::grounds::{EndingGround, RefusalGround};
use law::jurisdiction::Role;
use uuid::Uuid;

use super::people::{RESPONDENT, uscc};

pub(crate) const DOCUMENT: [u8; 32] = [9; 32];

pub(crate) fn text() -> TextRef {
    TextRef {
        id: Uuid::from_u128(1),
        hash: [7; 32],
    }
}

/// A complaint; ODR is chosen or not.
pub(crate) fn filing(odr: bool, at: DateTime<Utc>) -> Filing {
    Filing {
        case_number: "TS-0001".to_owned(),
        complainant: PartyRef::parse("party-1").unwrap(),
        representatives: Vec::new(),
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
        disputed_on: None,
        knew_on: None,
        sales_mode: SalesMode::Shop,
        place_of_event: None,
        channel: Channel::Web,
        sub_channel: None,
        source_system: None,
        source_number: None,
        consents: Consents {
            odr: odr.then_some(at),
            ..Consents::default()
        },
        contains_report: false,
        joint: false,
        by_agent: false,
        prior_case: None,
        pledge: None,
        texts: vec![text()],
    }
}

pub(crate) fn terms(kinds: &[ReliefKind], amount: i64, perform_by: NaiveDate) -> Terms {
    let relief = |kind: &ReliefKind| Relief {
        kind: *kind,
        amount: Fen(if kind.is_monetary() { amount } else { 0 }),
    };
    Terms {
        reliefs: kinds.iter().map(relief).collect(),
        payer: Payer::Enterprise,
        perform_by,
        text: None,
    }
}

pub(crate) fn propose(proposal: Uuid, terms: Terms) -> Body {
    Body::ProposeSettlement {
        proposal,
        terms,
        valid_until: None,
    }
}

pub(crate) fn answer() -> Body {
    Body::AnswerNegotiation {
        text: text(),
        machine: false,
    }
}

pub(crate) fn decline() -> Body {
    Body::DeclineNegotiation {
        reason: DeclineReason::ClaimDisputed,
        text: text(),
    }
}

pub(crate) fn confirm(performed: Performed, recovered: i64) -> Body {
    Body::ConfirmPerformance {
        performed,
        recovered: Fen(recovered),
    }
}

pub(crate) fn refuse(ground: RefusalGround) -> Body {
    Body::RefuseComplaint {
        ground,
        text: text(),
    }
}

pub(crate) fn return_case() -> Body {
    Body::ReturnCase {
        reason: ReturnReason::NotCompetent,
        text: None,
    }
}

pub(crate) fn end_mediation(ground: EndingGround) -> Body {
    Body::EndMediation {
        ground,
        text: text(),
    }
}

pub(crate) fn ask_withdrawal(reason: WithdrawalReason) -> Body {
    Body::RequestWithdrawal { reason, text: None }
}

pub(crate) fn report(at: DateTime<Utc>) -> Body {
    Body::ReportHandling {
        handled_at: at,
        course: text(),
        method: text(),
        result: text(),
    }
}

pub(crate) fn evidence() -> Body {
    Body::AddEvidence {
        evidence: Uuid::from_u128(5),
        hash: [1; 32],
        media_type: "image/png".to_owned(),
        size_bytes: 1_000,
    }
}
