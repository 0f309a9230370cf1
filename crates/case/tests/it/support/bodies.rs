//! Contents of commands, as they are usually given.

use case::state::{DeclineReason, Performed, ReturnReason, WithdrawalReason};
use case::{Actor, Body, CommandKind, Fen};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use law::day::day_of;
use law::grounds::{EndingGround, RefusalGround};
use uuid::Uuid;

use super::people::{self, COUNTY};
use super::samples::{authority, filing, refund, text};
use super::{history, situations::OFFER};

pub(crate) const DOCUMENT: [u8; 32] = [9; 32];

/// A refund of 100 yuan within ten days.
pub(crate) fn propose(proposal: Uuid, now: DateTime<Utc>) -> Body {
    propose_until(proposal, ten_days_on(now), None)
}

pub(crate) fn propose_until(
    proposal: Uuid,
    perform_by: NaiveDate,
    valid_until: Option<DateTime<Utc>>,
) -> Body {
    Body::ProposeSettlement {
        proposal,
        terms: refund(10_000, perform_by),
        valid_until,
    }
}

pub(crate) fn ten_days_on(now: DateTime<Utc>) -> NaiveDate {
    day_of(now + TimeDelta::days(10))
}

pub(crate) fn answer() -> Body {
    Body::AnswerNegotiation {
        text: text(2),
        machine: false,
    }
}

pub(crate) fn report(handled_at: DateTime<Utc>) -> Body {
    Body::ReportHandling {
        handled_at,
        course: text(3),
        method: text(4),
        result: text(5),
    }
}

pub(crate) fn withdraw_request() -> Body {
    Body::RequestWithdrawal {
        reason: WithdrawalReason::SettledOutside,
        text: None,
    }
}

pub(crate) fn withdraw() -> Body {
    Body::Withdraw {
        reason: WithdrawalReason::SettledOutside,
    }
}

pub(crate) fn refuse(ground: RefusalGround) -> Body {
    Body::RefuseComplaint {
        ground,
        text: text(6),
    }
}

pub(crate) fn end_mediation(ground: EndingGround) -> Body {
    Body::EndMediation {
        ground,
        text: text(7),
    }
}

pub(crate) fn confirm(performed: Performed, recovered: i64) -> Body {
    Body::ConfirmPerformance {
        performed,
        recovered: Fen(recovered),
    }
}

/// A command of every kind, with the actor who usually gives it.
pub(crate) fn usual(kind: CommandKind, now: DateTime<Utc>) -> (Actor, Body) {
    let proposal = OFFER;
    let (by, body): (fn() -> Actor, Body) = match kind {
        CommandKind::FileComplaint => (people::consumer, history::file(filing())),
        CommandKind::Route => (people::system, Body::Route),
        CommandKind::RouteByHand => {
            let authority = authority(COUNTY);
            return (
                people::official(people::CITY),
                Body::RouteByHand { authority },
            );
        }
        CommandKind::MarkRoutingOverdue => (people::system, Body::MarkRoutingOverdue),
        CommandKind::AcknowledgeNegotiation => (people::enterprise, Body::AcknowledgeNegotiation),
        CommandKind::AnswerNegotiation => (people::enterprise, answer()),
        CommandKind::ProposeSettlement => (people::enterprise, propose(proposal, now)),
        CommandKind::AcceptProposal => (people::consumer, Body::AcceptProposal { proposal }),
        CommandKind::RejectProposal => {
            let text = None;
            (people::consumer, Body::RejectProposal { proposal, text })
        }
        CommandKind::ExpireProposal => (people::system, Body::ExpireProposal { proposal }),
        CommandKind::ReportHandling => (people::enterprise, report(now)),
        CommandKind::DeclineNegotiation => {
            let reason = DeclineReason::ClaimDisputed;
            let text = text(8);
            (
                people::enterprise,
                Body::DeclineNegotiation { reason, text },
            )
        }
        CommandKind::ExpireNegotiation => (people::system, Body::ExpireNegotiation),
        CommandKind::EndNegotiation => (people::consumer, Body::EndNegotiation),
        CommandKind::Escalate => (people::consumer, Body::Escalate),
        CommandKind::CloseUnescalated => (people::system, Body::CloseUnescalated),
        CommandKind::AcceptComplaint => (county, Body::AcceptComplaint),
        CommandKind::RefuseComplaint => (county, refuse(RefusalGround::NotDailyConsumption)),
        CommandKind::ReturnCase => {
            let reason = ReturnReason::NotCompetent;
            (county, Body::ReturnCase { reason, text: None })
        }
        CommandKind::MarkAcceptanceOverdue => (people::system, Body::MarkAcceptanceOverdue),
        CommandKind::ScheduleSession => {
            let body = Body::ScheduleSession {
                at: now + TimeDelta::days(5),
                online: true,
                place: text(9),
                recusal_days: 2,
            };
            (county, body)
        }
        CommandKind::EndMediation => (county, end_mediation(EndingGround::NoAgreementPossible)),
        CommandKind::MarkMediationOverdue => (people::system, Body::MarkMediationOverdue),
        CommandKind::SignAgreement => {
            let document = DOCUMENT;
            (people::consumer, Body::SignAgreement { document })
        }
        CommandKind::SealAgreement => {
            let document = DOCUMENT;
            (county, Body::SealAgreement { document })
        }
        CommandKind::WaiveAgreement => (people::consumer, Body::WaiveAgreement),
        CommandKind::RecordMediation => (county, Body::RecordMediation { text: text(10) }),
        CommandKind::RecordSelfSettlement => (county, Body::RecordSelfSettlement),
        CommandKind::DeclarePerformance => {
            let evidence = None;
            (people::enterprise, Body::DeclarePerformance { evidence })
        }
        CommandKind::ConfirmPerformance => (people::consumer, confirm(Performed::Yes, 10_000)),
        CommandKind::ReportBreach => (people::consumer, Body::ReportBreach { text: None }),
        CommandKind::LapsePerformance => (people::system, Body::LapsePerformance),
        CommandKind::RequestWithdrawal => (people::consumer, withdraw_request()),
        CommandKind::Withdraw => (people::system, withdraw()),
        CommandKind::RefuseWithdrawal => {
            let reason = WithdrawalReason::Other;
            (people::system, Body::RefuseWithdrawal { reason })
        }
        CommandKind::AddEvidence => {
            let body = Body::AddEvidence {
                evidence: Uuid::from_u128(77),
                hash: [1; 32],
                media_type: "image/png".to_owned(),
                size_bytes: 1_000,
            };
            (people::consumer, body)
        }
        CommandKind::RateHandling => (people::consumer, Body::RateHandling { stars: 4 }),
    };
    (by(), body)
}

fn county() -> Actor {
    people::official(COUNTY)
}
