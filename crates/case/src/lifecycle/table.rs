//! The one table of commands: who gives each, in which states, and what it leads to. `decide` starts here.

use crate::actor::ActorKind::{self, Agency, Consumer, Enterprise, Official, Staff, System};
use crate::lifecycle::{CommandKind as C, EventKind as E, StateKind as S};

/// An event a command can yield, and the state it leads to (`None`: the case stays where it is).
pub type Yield = (E, Option<S>);

/// One command.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The command.
    pub command: C,
    /// Who may give it.
    pub by: &'static [ActorKind],
    /// The states it is taken in; empty for the command that begins a case.
    pub from: &'static [S],
    /// What it can yield.
    pub yields: &'static [Yield],
    /// What the table cannot say.
    pub note: &'static str,
    /// Article of the regulation (Order 121 unless another is named); empty where there is none.
    pub article: &'static str,
}

/// The row of a command.
pub fn row(command: C) -> &'static Row {
    &ROWS[command as usize]
}

/// Every command, in the order of `CommandKind`.
pub const ROWS: &[Row] = &[
    Row {
        command: C::FileComplaint,
        by: &[Consumer, Staff, Agency],
        from: &[],
        yields: &[(E::ComplaintFiled, Some(S::Filed))],
        note: "Version 1, by intake. A filing that contains a report, is joint, or comes from an agent is refused by name.",
        article: "Art 10",
    },
    Row {
        command: C::Route,
        by: &[System],
        from: &[S::Filed, S::Escalated],
        yields: &[
            (E::RoutedToEnterprise, Some(S::InNegotiation)),
            (E::RoutedToAuthority, Some(S::AtAuthority)),
            (E::RoutingHeld, Some(S::HeldForRouting)),
        ],
        note: "To the enterprise only if it is an active ODR enterprise, the consumer chose it, and ODR has not failed in this dispute, the prior case included.",
        article: "Arts 13, 14",
    },
    Row {
        command: C::RouteByHand,
        by: &[Official],
        from: &[S::HeldForRouting],
        yields: &[(E::RoutedToAuthority, Some(S::AtAuthority))],
        note: "By the holder, to itself or below, never sideways.",
        article: "Art 41",
    },
    Row {
        command: C::MarkRoutingOverdue,
        by: &[System],
        from: &[S::HeldForRouting],
        yields: &[(E::RoutingOverdue, None)],
        note: "Deadline, a setting; supervision.",
        article: "",
    },
    Row {
        command: C::AcknowledgeNegotiation,
        by: &[Enterprise],
        from: &[S::InNegotiation],
        yields: &[(E::NegotiationAcknowledged, None)],
        note: "First-response time; an acknowledgement alone is silence.",
        article: "",
    },
    Row {
        command: C::AnswerNegotiation,
        by: &[Enterprise],
        from: &[S::InNegotiation],
        yields: &[(E::NegotiationAnswered, None)],
        note: "By a person or a machine.",
        article: "",
    },
    Row {
        command: C::ProposeSettlement,
        by: &[Consumer, Enterprise, Official],
        from: &[S::InNegotiation, S::InMediation],
        yields: &[(E::SettlementProposed, None)],
        note: "The official in mediation only. One open offer a side; a newer one replaces it. Not once terms are agreed.",
        article: "Art 18",
    },
    Row {
        command: C::AcceptProposal,
        by: &[Consumer, Enterprise],
        from: &[S::InNegotiation, S::NegotiationFailed, S::InMediation],
        yields: &[
            (E::SettlementReached, Some(S::Settled)),
            (E::ProposalAccepted, None),
            (E::TermsAgreed, None),
        ],
        note: "The other side's open offer. In mediation terms are agreed and the case stays; a mediator's proposal needs both sides.",
        article: "Art 18",
    },
    Row {
        command: C::RejectProposal,
        by: &[Consumer, Enterprise],
        from: &[S::InNegotiation, S::NegotiationFailed, S::InMediation],
        yields: &[(E::ProposalRejected, None)],
        note: "The other side's open offer. An enterprise's rejection is an answer.",
        article: "",
    },
    Row {
        command: C::ExpireProposal,
        by: &[System],
        from: &[S::InNegotiation, S::NegotiationFailed, S::InMediation],
        yields: &[(E::ProposalExpired, None)],
        note: "Deadline.",
        article: "",
    },
    Row {
        command: C::ReportHandling,
        by: &[Enterprise],
        from: &[
            S::HeldForRouting,
            S::InNegotiation,
            S::NegotiationFailed,
            S::Escalated,
            S::AtAuthority,
            S::InMediation,
            S::Settled,
            S::Closed,
        ],
        yields: &[(E::HandlingReported, None)],
        note: "A notice of mediation, by the enterprise that negotiates or negotiated: time, course, method and result.",
        article: "",
    },
    Row {
        command: C::DeclineNegotiation,
        by: &[Enterprise],
        from: &[S::InNegotiation],
        yields: &[(E::NegotiationDeclined, Some(S::NegotiationFailed))],
        note: "With a reason. The enterprise's own offer falls with it.",
        article: "",
    },
    Row {
        command: C::ExpireNegotiation,
        by: &[System],
        from: &[S::InNegotiation],
        yields: &[(E::NegotiationExpired, Some(S::NegotiationFailed))],
        note: "Deadline, 10 working days. Silence is an event and is counted.",
        article: "",
    },
    Row {
        command: C::EndNegotiation,
        by: &[Consumer],
        from: &[S::InNegotiation],
        yields: &[(E::NegotiationEnded, Some(S::NegotiationFailed))],
        note: "Unsatisfied after an answer, or left before any.",
        article: "",
    },
    Row {
        command: C::Escalate,
        by: &[Consumer, System],
        from: &[S::NegotiationFailed],
        yields: &[(E::ComplaintEscalated, Some(S::Escalated))],
        note: "Within the window, a setting. The system only where the enterprise was silent and the consumer agreed beforehand.",
        article: "",
    },
    Row {
        command: C::CloseUnescalated,
        by: &[System],
        from: &[S::NegotiationFailed],
        yields: &[(E::ClosedUnescalated, Some(S::Closed))],
        note: "Deadline.",
        article: "",
    },
    Row {
        command: C::AcceptComplaint,
        by: &[Official],
        from: &[S::AtAuthority],
        yields: &[(E::ComplaintAccepted, Some(S::InMediation))],
        note: "Within 7 working days of receipt by the competent authority; later too, and the lateness is recorded.",
        article: "Art 15",
    },
    Row {
        command: C::RefuseComplaint,
        by: &[Official],
        from: &[S::HeldForRouting, S::AtAuthority],
        yields: &[(E::ComplaintRefused, Some(S::Closed))],
        note: "The ground is symbolic, its number goes by rule set. The holder of a held case can only lack competence.",
        article: "Art 16",
    },
    Row {
        command: C::ReturnCase,
        by: &[Official],
        from: &[S::AtAuthority],
        yields: &[(E::CaseReturned, Some(S::HeldForRouting))],
        note: "To the receiving unit of the authority above.",
        article: "Art 41",
    },
    Row {
        command: C::MarkAcceptanceOverdue,
        by: &[System],
        from: &[S::AtAuthority],
        yields: &[(E::AcceptanceOverdue, None)],
        note: "Deadline; supervision, the case stays.",
        article: "Art 15",
    },
    Row {
        command: C::ScheduleSession,
        by: &[Official],
        from: &[S::InMediation],
        yields: &[(E::SessionScheduled, None)],
        note: "Time, place or online room, days to ask for recusal.",
        article: "Arts 20, 21",
    },
    Row {
        command: C::EndMediation,
        by: &[Official],
        from: &[S::InMediation],
        yields: &[(E::MediationEnded, Some(S::Closed))],
        note: "Never by the system alone. Expired time only once it has; withdrawal and self-settlement have their own commands. Drops agreed terms.",
        article: "Art 23",
    },
    Row {
        command: C::MarkMediationOverdue,
        by: &[System],
        from: &[S::InMediation],
        yields: &[(E::MediationOverdue, None)],
        note: "Deadline; asks the official for a decision.",
        article: "Art 23 (5)",
    },
    Row {
        command: C::SignAgreement,
        by: &[Consumer, Enterprise],
        from: &[S::InMediation],
        yields: &[(E::AgreementSigned, None)],
        note: "Terms are agreed. The first signature fixes the document; a side either signs or waives.",
        article: "Art 24",
    },
    Row {
        command: C::SealAgreement,
        by: &[Official],
        from: &[S::InMediation],
        yields: &[(E::AgreementSealed, Some(S::Settled))],
        note: "After both have signed the same document.",
        article: "Art 24",
    },
    Row {
        command: C::WaiveAgreement,
        by: &[Consumer, Enterprise],
        from: &[S::InMediation],
        yields: &[
            (E::AgreementWaived, None),
            (E::AgreementWaived, Some(S::Settled)),
        ],
        note: "Terms are agreed. The second waiver settles the case.",
        article: "Art 24",
    },
    Row {
        command: C::RecordMediation,
        by: &[Official],
        from: &[S::InMediation],
        yields: &[(E::MediationRecorded, Some(S::Settled))],
        note: "Terms are agreed, and performed at once or without paper.",
        article: "Art 24",
    },
    Row {
        command: C::RecordSelfSettlement,
        by: &[Official],
        from: &[S::InMediation],
        yields: &[(E::MediationEnded, Some(S::Closed))],
        note: "The first ground of the rules; counted apart from success.",
        article: "Art 23 (1)",
    },
    Row {
        command: C::DeclarePerformance,
        by: &[Enterprise],
        from: &[S::Settled],
        yields: &[(E::PerformanceDeclared, None)],
        note: "Once.",
        article: "",
    },
    Row {
        command: C::ConfirmPerformance,
        by: &[Consumer],
        from: &[S::Settled],
        yields: &[(E::AgreementPerformed, Some(S::Closed))],
        note: "Declared or not; in full or in part. Recovered is at most the terms.",
        article: "",
    },
    Row {
        command: C::ReportBreach,
        by: &[Consumer],
        from: &[S::Settled],
        yields: &[
            (E::BreachReported, Some(S::NegotiationFailed)),
            (E::BreachReported, Some(S::Closed)),
        ],
        note: "From the day of performance on. A direct settlement has failed; after a mediated one the way is suit or arbitration.",
        article: "Art 25",
    },
    Row {
        command: C::LapsePerformance,
        by: &[System],
        from: &[S::Settled],
        yields: &[(E::PerformanceLapsed, Some(S::Closed))],
        note: "Deadline, a setting after the day of performance; never counted as performed.",
        article: "",
    },
    Row {
        command: C::RequestWithdrawal,
        by: &[Consumer],
        from: &[
            S::Filed,
            S::HeldForRouting,
            S::InNegotiation,
            S::NegotiationFailed,
            S::Escalated,
            S::AtAuthority,
            S::InMediation,
        ],
        yields: &[(E::WithdrawalRequested, None)],
        note: "A notice of intake; the owner of the state answers it with a decision.",
        article: "Art 23 (1)",
    },
    Row {
        command: C::Withdraw,
        by: &[System],
        from: &[
            S::Filed,
            S::HeldForRouting,
            S::InNegotiation,
            S::NegotiationFailed,
            S::Escalated,
            S::AtAuthority,
            S::InMediation,
        ],
        yields: &[
            (E::ComplaintWithdrawn, Some(S::Closed)),
            (E::MediationEnded, Some(S::Closed)),
        ],
        note: "A step of the owner, before it routes or escalates. Drops agreed terms.",
        article: "Art 23 (1)",
    },
    Row {
        command: C::RefuseWithdrawal,
        by: &[System],
        from: &[S::Settled],
        yields: &[(E::WithdrawalRefused, None)],
        note: "A step of the owner: the request came when the case was settled.",
        article: "",
    },
    Row {
        command: C::AddEvidence,
        by: &[Consumer, Enterprise],
        from: &[
            S::Filed,
            S::HeldForRouting,
            S::InNegotiation,
            S::NegotiationFailed,
            S::Escalated,
            S::AtAuthority,
            S::InMediation,
            S::Settled,
        ],
        yields: &[(E::EvidenceAdded, None)],
        note: "A notice of intake: hash, kind and size.",
        article: "Art 10",
    },
    Row {
        command: C::RateHandling,
        by: &[Consumer],
        from: &[S::Closed],
        yields: &[(E::HandlingRated, None)],
        note: "Once, 1 to 5.",
        article: "",
    },
];

impl C {
    /// Whether it yields a notice, which any service may append whoever owns the state.
    pub const fn is_notice(self) -> bool {
        matches!(
            self,
            Self::ReportHandling | Self::RequestWithdrawal | Self::AddEvidence
        )
    }
}
