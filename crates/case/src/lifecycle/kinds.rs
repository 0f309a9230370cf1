//! Kinds: states, commands and events without their content.

use crate::coded::coded;
use crate::command::Body;
use crate::event::Event;
use crate::state::{CaseState, Service};

coded! {
    /// A state without its content.
    pub enum StateKind {
        /// Accepted by intake, nothing decided yet.
        Filed => "Filed",
        /// No rule decides, or a holder returned it; the receiving unit of `holder` routes it by hand.
        HeldForRouting => "HeldForRouting",
        /// With the ODR enterprise.
        InNegotiation => "InNegotiation",
        /// Waiting for the consumer: escalate or let it rest.
        NegotiationFailed => "NegotiationFailed",
        /// On its way to an authority.
        Escalated => "Escalated",
        /// The competent authority must accept or refuse.
        AtAuthority => "AtAuthority",
        /// Accepted, being mediated; `agreed` holds the terms once agreed.
        InMediation => "InMediation",
        /// Terms agreed; performance outstanding.
        Settled => "Settled",
        /// Final; rating, handling report and late notices may follow.
        Closed => "Closed",
    }
}

coded! {
    /// A command without its content.
    pub enum CommandKind {
        /// `FileComplaint`.
        FileComplaint => "FileComplaint",
        /// `Route`.
        Route => "Route",
        /// `RouteByHand`.
        RouteByHand => "RouteByHand",
        /// `MarkRoutingOverdue`.
        MarkRoutingOverdue => "MarkRoutingOverdue",
        /// `AcknowledgeNegotiation`.
        AcknowledgeNegotiation => "AcknowledgeNegotiation",
        /// `AnswerNegotiation`.
        AnswerNegotiation => "AnswerNegotiation",
        /// `ProposeSettlement`.
        ProposeSettlement => "ProposeSettlement",
        /// `AcceptProposal`.
        AcceptProposal => "AcceptProposal",
        /// `RejectProposal`.
        RejectProposal => "RejectProposal",
        /// `ExpireProposal`.
        ExpireProposal => "ExpireProposal",
        /// `ReportHandling`.
        ReportHandling => "ReportHandling",
        /// `DeclineNegotiation`.
        DeclineNegotiation => "DeclineNegotiation",
        /// `ExpireNegotiation`.
        ExpireNegotiation => "ExpireNegotiation",
        /// `EndNegotiation`.
        EndNegotiation => "EndNegotiation",
        /// `Escalate`.
        Escalate => "Escalate",
        /// `CloseUnescalated`.
        CloseUnescalated => "CloseUnescalated",
        /// `AcceptComplaint`.
        AcceptComplaint => "AcceptComplaint",
        /// `RefuseComplaint`.
        RefuseComplaint => "RefuseComplaint",
        /// `ReturnCase`.
        ReturnCase => "ReturnCase",
        /// `MarkAcceptanceOverdue`.
        MarkAcceptanceOverdue => "MarkAcceptanceOverdue",
        /// `ScheduleSession`.
        ScheduleSession => "ScheduleSession",
        /// `EndMediation`.
        EndMediation => "EndMediation",
        /// `MarkMediationOverdue`.
        MarkMediationOverdue => "MarkMediationOverdue",
        /// `SignAgreement`.
        SignAgreement => "SignAgreement",
        /// `SealAgreement`.
        SealAgreement => "SealAgreement",
        /// `WaiveAgreement`.
        WaiveAgreement => "WaiveAgreement",
        /// `RecordMediation`.
        RecordMediation => "RecordMediation",
        /// `RecordSelfSettlement`.
        RecordSelfSettlement => "RecordSelfSettlement",
        /// `DeclarePerformance`.
        DeclarePerformance => "DeclarePerformance",
        /// `ConfirmPerformance`.
        ConfirmPerformance => "ConfirmPerformance",
        /// `ReportBreach`.
        ReportBreach => "ReportBreach",
        /// `LapsePerformance`.
        LapsePerformance => "LapsePerformance",
        /// `RequestWithdrawal`.
        RequestWithdrawal => "RequestWithdrawal",
        /// `Withdraw`.
        Withdraw => "Withdraw",
        /// `RefuseWithdrawal`.
        RefuseWithdrawal => "RefuseWithdrawal",
        /// `AddEvidence`.
        AddEvidence => "AddEvidence",
        /// `RateHandling`.
        RateHandling => "RateHandling",
    }
}

coded! {
    /// An event type without its content.
    pub enum EventKind {
        /// `ComplaintFiled`.
        ComplaintFiled => "ComplaintFiled",
        /// `RoutedToEnterprise`.
        RoutedToEnterprise => "RoutedToEnterprise",
        /// `RoutedToAuthority`.
        RoutedToAuthority => "RoutedToAuthority",
        /// `RoutingHeld`.
        RoutingHeld => "RoutingHeld",
        /// `RoutingOverdue`.
        RoutingOverdue => "RoutingOverdue",
        /// `NegotiationAcknowledged`.
        NegotiationAcknowledged => "NegotiationAcknowledged",
        /// `NegotiationAnswered`.
        NegotiationAnswered => "NegotiationAnswered",
        /// `SettlementProposed`.
        SettlementProposed => "SettlementProposed",
        /// `ProposalAccepted`.
        ProposalAccepted => "ProposalAccepted",
        /// `ProposalRejected`.
        ProposalRejected => "ProposalRejected",
        /// `ProposalExpired`.
        ProposalExpired => "ProposalExpired",
        /// `SettlementReached`.
        SettlementReached => "SettlementReached",
        /// `TermsAgreed`.
        TermsAgreed => "TermsAgreed",
        /// `HandlingReported`.
        HandlingReported => "HandlingReported",
        /// `NegotiationDeclined`.
        NegotiationDeclined => "NegotiationDeclined",
        /// `NegotiationExpired`.
        NegotiationExpired => "NegotiationExpired",
        /// `NegotiationEnded`.
        NegotiationEnded => "NegotiationEnded",
        /// `ComplaintEscalated`.
        ComplaintEscalated => "ComplaintEscalated",
        /// `ClosedUnescalated`.
        ClosedUnescalated => "ClosedUnescalated",
        /// `ComplaintAccepted`.
        ComplaintAccepted => "ComplaintAccepted",
        /// `ComplaintRefused`.
        ComplaintRefused => "ComplaintRefused",
        /// `CaseReturned`.
        CaseReturned => "CaseReturned",
        /// `AcceptanceOverdue`.
        AcceptanceOverdue => "AcceptanceOverdue",
        /// `SessionScheduled`.
        SessionScheduled => "SessionScheduled",
        /// `MediationEnded`.
        MediationEnded => "MediationEnded",
        /// `MediationOverdue`.
        MediationOverdue => "MediationOverdue",
        /// `AgreementSigned`.
        AgreementSigned => "AgreementSigned",
        /// `AgreementSealed`.
        AgreementSealed => "AgreementSealed",
        /// `AgreementWaived`.
        AgreementWaived => "AgreementWaived",
        /// `MediationRecorded`.
        MediationRecorded => "MediationRecorded",
        /// `PerformanceDeclared`.
        PerformanceDeclared => "PerformanceDeclared",
        /// `AgreementPerformed`.
        AgreementPerformed => "AgreementPerformed",
        /// `BreachReported`.
        BreachReported => "BreachReported",
        /// `PerformanceLapsed`.
        PerformanceLapsed => "PerformanceLapsed",
        /// `ComplaintWithdrawn`.
        ComplaintWithdrawn => "ComplaintWithdrawn",
        /// `WithdrawalRefused`.
        WithdrawalRefused => "WithdrawalRefused",
        /// `WithdrawalRequested`.
        WithdrawalRequested => "WithdrawalRequested",
        /// `EvidenceAdded`.
        EvidenceAdded => "EvidenceAdded",
        /// `HandlingRated`.
        HandlingRated => "HandlingRated",
    }
}

impl StateKind {
    /// The kind of a state.
    pub const fn of(state: &CaseState) -> Self {
        match state {
            CaseState::Filed => Self::Filed,
            CaseState::HeldForRouting { .. } => Self::HeldForRouting,
            CaseState::InNegotiation { .. } => Self::InNegotiation,
            CaseState::NegotiationFailed { .. } => Self::NegotiationFailed,
            CaseState::Escalated { .. } => Self::Escalated,
            CaseState::AtAuthority { .. } => Self::AtAuthority,
            CaseState::InMediation { .. } => Self::InMediation,
            CaseState::Settled { .. } => Self::Settled,
            CaseState::Closed { .. } => Self::Closed,
        }
    }

    /// The only place that says which service may append the next decision.
    pub const fn owner(self) -> Service {
        match self {
            Self::Filed | Self::HeldForRouting | Self::Escalated => Service::Routing,
            Self::InNegotiation
            | Self::NegotiationFailed
            | Self::AtAuthority
            | Self::InMediation
            | Self::Settled
            | Self::Closed => Service::Mediation,
        }
    }
}

impl CommandKind {
    /// The kind of a command.
    pub const fn of(body: &Body) -> Self {
        match body {
            Body::FileComplaint { .. } => Self::FileComplaint,
            Body::Route => Self::Route,
            Body::RouteByHand { .. } => Self::RouteByHand,
            Body::MarkRoutingOverdue => Self::MarkRoutingOverdue,
            Body::AcknowledgeNegotiation => Self::AcknowledgeNegotiation,
            Body::AnswerNegotiation { .. } => Self::AnswerNegotiation,
            Body::ProposeSettlement { .. } => Self::ProposeSettlement,
            Body::AcceptProposal { .. } => Self::AcceptProposal,
            Body::RejectProposal { .. } => Self::RejectProposal,
            Body::ExpireProposal { .. } => Self::ExpireProposal,
            Body::ReportHandling { .. } => Self::ReportHandling,
            Body::DeclineNegotiation { .. } => Self::DeclineNegotiation,
            Body::ExpireNegotiation => Self::ExpireNegotiation,
            Body::EndNegotiation => Self::EndNegotiation,
            Body::Escalate => Self::Escalate,
            Body::CloseUnescalated => Self::CloseUnescalated,
            Body::AcceptComplaint => Self::AcceptComplaint,
            Body::RefuseComplaint { .. } => Self::RefuseComplaint,
            Body::ReturnCase { .. } => Self::ReturnCase,
            Body::MarkAcceptanceOverdue => Self::MarkAcceptanceOverdue,
            Body::ScheduleSession { .. } => Self::ScheduleSession,
            Body::EndMediation { .. } => Self::EndMediation,
            Body::MarkMediationOverdue => Self::MarkMediationOverdue,
            Body::SignAgreement { .. } => Self::SignAgreement,
            Body::SealAgreement { .. } => Self::SealAgreement,
            Body::WaiveAgreement => Self::WaiveAgreement,
            Body::RecordMediation { .. } => Self::RecordMediation,
            Body::RecordSelfSettlement => Self::RecordSelfSettlement,
            Body::DeclarePerformance { .. } => Self::DeclarePerformance,
            Body::ConfirmPerformance { .. } => Self::ConfirmPerformance,
            Body::ReportBreach { .. } => Self::ReportBreach,
            Body::LapsePerformance => Self::LapsePerformance,
            Body::RequestWithdrawal { .. } => Self::RequestWithdrawal,
            Body::Withdraw { .. } => Self::Withdraw,
            Body::RefuseWithdrawal { .. } => Self::RefuseWithdrawal,
            Body::AddEvidence { .. } => Self::AddEvidence,
            Body::RateHandling { .. } => Self::RateHandling,
        }
    }
}

impl EventKind {
    /// The kind of an event.
    pub const fn of(event: &Event) -> Self {
        match event {
            Event::ComplaintFiled(_) => Self::ComplaintFiled,
            Event::RoutedToEnterprise(_) => Self::RoutedToEnterprise,
            Event::RoutedToAuthority(_) => Self::RoutedToAuthority,
            Event::RoutingHeld { .. } => Self::RoutingHeld,
            Event::RoutingOverdue { .. } => Self::RoutingOverdue,
            Event::NegotiationAcknowledged => Self::NegotiationAcknowledged,
            Event::NegotiationAnswered { .. } => Self::NegotiationAnswered,
            Event::SettlementProposed { .. } => Self::SettlementProposed,
            Event::ProposalAccepted { .. } => Self::ProposalAccepted,
            Event::ProposalRejected { .. } => Self::ProposalRejected,
            Event::ProposalExpired { .. } => Self::ProposalExpired,
            Event::SettlementReached { .. } => Self::SettlementReached,
            Event::TermsAgreed { .. } => Self::TermsAgreed,
            Event::HandlingReported { .. } => Self::HandlingReported,
            Event::NegotiationDeclined { .. } => Self::NegotiationDeclined,
            Event::NegotiationExpired { .. } => Self::NegotiationExpired,
            Event::NegotiationEnded { .. } => Self::NegotiationEnded,
            Event::ComplaintEscalated { .. } => Self::ComplaintEscalated,
            Event::ClosedUnescalated { .. } => Self::ClosedUnescalated,
            Event::ComplaintAccepted { .. } => Self::ComplaintAccepted,
            Event::ComplaintRefused { .. } => Self::ComplaintRefused,
            Event::CaseReturned { .. } => Self::CaseReturned,
            Event::AcceptanceOverdue { .. } => Self::AcceptanceOverdue,
            Event::SessionScheduled { .. } => Self::SessionScheduled,
            Event::MediationEnded { .. } => Self::MediationEnded,
            Event::MediationOverdue { .. } => Self::MediationOverdue,
            Event::AgreementSigned { .. } => Self::AgreementSigned,
            Event::AgreementSealed { .. } => Self::AgreementSealed,
            Event::AgreementWaived { .. } => Self::AgreementWaived,
            Event::MediationRecorded { .. } => Self::MediationRecorded,
            Event::PerformanceDeclared { .. } => Self::PerformanceDeclared,
            Event::AgreementPerformed { .. } => Self::AgreementPerformed,
            Event::BreachReported { .. } => Self::BreachReported,
            Event::PerformanceLapsed { .. } => Self::PerformanceLapsed,
            Event::ComplaintWithdrawn { .. } => Self::ComplaintWithdrawn,
            Event::WithdrawalRefused { .. } => Self::WithdrawalRefused,
            Event::WithdrawalRequested { .. } => Self::WithdrawalRequested,
            Event::EvidenceAdded { .. } => Self::EvidenceAdded,
            Event::HandlingRated { .. } => Self::HandlingRated,
        }
    }
}
