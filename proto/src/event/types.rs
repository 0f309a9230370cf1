//! The type names of events, and which kind each one is.

use case::EventKind;

macro_rules! types {
    ($($kind:ident)+) => {
        /// The type of a kind of event: the full name of its message.
        pub const fn type_of(kind: EventKind) -> &'static str {
            match kind {
                $(EventKind::$kind => concat!("odr.case.v1.", stringify!($kind)),)+
            }
        }

        /// The kind of an event type; `None` for a type that is not understood.
        pub fn kind_of(event_type: &str) -> Option<EventKind> {
            match event_type.strip_prefix("odr.case.v1.")? {
                $(stringify!($kind) => Some(EventKind::$kind),)+
                _ => None,
            }
        }

        #[cfg(test)]
        fn message_names() -> Vec<(EventKind, String)> {
            use prost::Name;
            vec![$((EventKind::$kind, crate::odr::case::v1::$kind::full_name()),)+]
        }
    };
}

types! {
    ComplaintFiled RoutedToEnterprise RoutedToAuthority RoutingHeld
    RoutingOverdue NegotiationAcknowledged NegotiationAnswered SettlementProposed
    ProposalAccepted ProposalRejected ProposalExpired SettlementReached
    TermsAgreed HandlingReported NegotiationDeclined NegotiationExpired
    NegotiationEnded ComplaintEscalated ClosedUnescalated ComplaintAccepted
    ComplaintRefused CaseReturned AcceptanceOverdue SessionScheduled
    MediationEnded MediationOverdue AgreementSigned AgreementSealed
    AgreementWaived MediationRecorded PerformanceDeclared AgreementPerformed
    BreachReported PerformanceLapsed ComplaintWithdrawn WithdrawalRefused
    WithdrawalRequested EvidenceAdded HandlingRated
}

#[cfg(test)]
mod tests {
    use case::EventKind;
    use prost::Name;

    use super::{kind_of, message_names, type_of};
    use crate::event::{AUTHORITY_RECORDED, ENTERPRISE_RECORDED};
    use crate::odr::routing::v1::{AuthorityRecorded, EnterpriseRecorded};

    #[test]
    fn a_type_is_the_full_name_of_its_message() {
        for (kind, name) in message_names() {
            assert_eq!(type_of(kind), name);
            assert_eq!(kind_of(&name), Some(kind));
        }
        assert_eq!(message_names().len(), EventKind::ALL.len());
        assert_eq!(ENTERPRISE_RECORDED, EnterpriseRecorded::full_name());
        assert_eq!(AUTHORITY_RECORDED, AuthorityRecorded::full_name());
    }

    #[test]
    fn other_types_are_not_understood() {
        for name in [
            "",
            "ComplaintFiled",
            "odr.case.v1.",
            "odr.case.v2.ComplaintFiled",
            "odr.case.v1.Filing",
        ] {
            assert_eq!(kind_of(name), None, "{name}");
        }
    }
}
