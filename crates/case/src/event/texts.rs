//! Which texts an event refers to.

use super::Event;
use crate::ids::TextRef;

impl Event {
    /// The texts it refers to; they are kept by the service that appended it.
    pub fn texts(&self) -> Vec<&TextRef> {
        match self {
            Self::ComplaintFiled(filing) => filing.texts.iter().collect(),
            Self::NegotiationAnswered { text, .. }
            | Self::NegotiationDeclined { text, .. }
            | Self::ComplaintRefused { text, .. }
            | Self::SessionScheduled { place: text, .. }
            | Self::MediationRecorded { text, .. } => vec![text],
            Self::ProposalRejected { text, .. }
            | Self::CaseReturned { text, .. }
            | Self::MediationEnded { text, .. }
            | Self::BreachReported { text, .. }
            | Self::WithdrawalRequested { text, .. } => text.iter().collect(),
            Self::SettlementProposed { terms, .. }
            | Self::SettlementReached { terms, .. }
            | Self::TermsAgreed { terms, .. } => terms.text.iter().collect(),
            Self::HandlingReported {
                course,
                method,
                result,
                ..
            } => vec![course, method, result],
            Self::RoutedToEnterprise(_)
            | Self::RoutedToAuthority(_)
            | Self::RoutingHeld { .. }
            | Self::RoutingOverdue { .. }
            | Self::NegotiationAcknowledged
            | Self::ProposalAccepted { .. }
            | Self::ProposalExpired { .. }
            | Self::NegotiationExpired { .. }
            | Self::NegotiationEnded { .. }
            | Self::ComplaintEscalated { .. }
            | Self::ClosedUnescalated { .. }
            | Self::ComplaintAccepted { .. }
            | Self::AcceptanceOverdue { .. }
            | Self::MediationOverdue { .. }
            | Self::AgreementSigned { .. }
            | Self::AgreementSealed { .. }
            | Self::AgreementWaived { .. }
            | Self::PerformanceDeclared { .. }
            | Self::AgreementPerformed { .. }
            | Self::PerformanceLapsed { .. }
            | Self::ComplaintWithdrawn { .. }
            | Self::WithdrawalRefused { .. }
            | Self::EvidenceAdded { .. }
            | Self::HandlingRated { .. } => Vec::new(),
        }
    }
}
