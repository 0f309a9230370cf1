//! Closed lists on the wire: each value of the domain has one number, 0 is never one. Both directions are exhaustive
//! matches, so that a value without a counterpart does not compile.

use crate::odr::case::v1;
use crate::odr::{mediation, routing};

/// A closed list of the domain that has numbers on the wire.
pub trait Listed: Copy {
    /// Its number; never 0.
    fn number(self) -> i32;

    /// The value of a number; `None` for 0 (UNSPECIFIED) and for numbers that are not in the list.
    fn from_number(number: i32) -> Option<Self>;
}

macro_rules! listed {
    ($($domain:ty => $wire:ty { $($variant:ident)+ })+) => {
        $(
            impl From<$domain> for $wire {
                fn from(value: $domain) -> Self {
                    match value { $(<$domain>::$variant => <$wire>::$variant,)+ }
                }
            }

            impl Listed for $domain {
                fn number(self) -> i32 {
                    <$wire>::from(self) as i32
                }

                fn from_number(number: i32) -> Option<Self> {
                    match <$wire>::try_from(number).ok()? {
                        <$wire>::Unspecified => None,
                        $(<$wire>::$variant => Some(<$domain>::$variant),)+
                    }
                }
            }
        )+

        /// How many numbers above 0 each list has on the wire, and how many of them mean something: must be equal.
        #[cfg(test)]
        fn coverage() -> Vec<(&'static str, usize, usize, usize)> {
            vec![$((
                stringify!($domain),
                (1..1000).filter(|number| <$wire>::try_from(*number).is_ok()).count(),
                (1..1000).filter_map(<$domain>::from_number).filter(|value| <$domain>::ALL.contains(value)).count(),
                <$domain>::ALL.len(),
            ),)+]
        }

        /// Whether a list reads 0, a negative number or one beyond it as a value.
        #[cfg(test)]
        fn reads_strangers() -> Vec<&'static str> {
            let strangers = [0, -1, 1000, i32::MIN, i32::MAX];
            let mut reading = Vec::new();
            $(if strangers.into_iter().any(|number| <$domain>::from_number(number).is_some()) {
                reading.push(stringify!($domain));
            })+
            reading
        }
    };
}

listed! {
    case::ActorKind => v1::ActorKind { Consumer Enterprise Official Staff Agency Operator System }
    case::Side => v1::Side { Consumer Enterprise Mediator }
    case::Service => v1::Service { Intake Routing Mediation Analytics }
    case::Kind => mediation::v1::RecordKind { Decision Notice }
    law::RuleSet => v1::RuleSet { Order20 Order20Regulation Order121 }
    case::event::ClockKind => v1::ClockKind { Negotiation Acceptance Mediation }
    case::filing::IdentityLevel => v1::IdentityLevel { Stated PhoneVerified RealName }
    case::filing::Claim => v1::Claim {
        Repair Redo Replace ReturnGoods MakeUpQuantity Refund Compensation Other
    }
    case::filing::SalesMode => v1::SalesMode { Shop Platform OwnSite LiveStream Distance Other }
    case::filing::Channel => v1::Channel { Web App MiniProgram Phone Mail Fax Visit Referral Hotline }
    law::jurisdiction::Role => v1::RespondentRole { Ordinary Platform OwnSite PlatformSeller }
    law::jurisdiction::Basis => v1::JurisdictionBasis {
        BusinessPlace Domicile PlatformDomicile ShownAddress ByHand
    }
    law::directory::Level => v1::AuthorityLevel { State Province City County }
    law::directory::UnitKind => routing::v1::UnitKind { Department Office }
    law::grounds::RefusalGround => v1::RefusalGround {
        OutsideCompetence AlreadyHandled NotDailyConsumption OverThreeYears MaterialMissingOrFalse IdentityMisused
        OtherLaw
    }
    law::grounds::EndingGround => v1::EndingGround {
        WithdrawnOrSelfSettled PartyAbsentOrRefuses NoAgreementPossible NoAgreementOnAppraisalCost TimeExpired
        RefusalCaseFound PartyGone OtherLaw
    }
    case::event::EndingBasis => v1::EndingBasis { Decided SelfSettled Withdrawn }
    case::terms::ReliefKind => v1::ReliefKind {
        Refund Exchange Repair Redo MakeUp Compensation Apology Explanation Answer Other
    }
    case::terms::Payer => v1::Payer { Enterprise Pool Maker Platform }
    case::terms::Document => v1::Document { Proposal Agreement Waived Recorded }
    case::terms::SettledHow => v1::SettledHow { Direct Mediated }
    case::state::HoldReason => v1::HoldReason { RegionNotCovered RegionUnknown Returned }
    case::state::ReturnReason => v1::ReturnReason { NotCompetent AddressUnclear ElementMissing Duplicate Other }
    case::state::FailedWhy => v1::FailedWhy {
        EnterpriseSilent NotAgreedInTime Declined ConsumerUnsatisfied ConsumerSilent ConsumerLeftBeforeAnswer
        WrongRespondent EnterpriseLeft Broken
    }
    case::state::DeclineReason => v1::DeclineReason { ClaimDisputed WrongRespondent HandledElsewhere Other }
    case::state::WithdrawalReason => v1::WithdrawalReason { SettledOutside Mistake PressedByOperator Other }
    case::state::LastAct => v1::LastAct {
        EnterpriseAnswered EnterpriseProposed EnterpriseRejected ConsumerProposed ConsumerRejected
    }
    case::state::Performed => v1::Performed { Yes Partly No Unknown NotApplicable }
    case::DeadlineKind => v1::DueDateKind {
        RoutingOverdue Negotiation Proposal Escalation Acceptance Mediation Performance
    }
    case::StateKind => v1::CaseStateKind {
        Filed HeldForRouting InNegotiation NegotiationFailed Escalated AtAuthority InMediation Settled Closed
    }
    case::CommandKind => v1::CommandKind {
        FileComplaint Route RouteByHand MarkRoutingOverdue AcknowledgeNegotiation AnswerNegotiation ProposeSettlement
        AcceptProposal RejectProposal ExpireProposal ReportHandling DeclineNegotiation ExpireNegotiation EndNegotiation
        Escalate CloseUnescalated AcceptComplaint RefuseComplaint ReturnCase MarkAcceptanceOverdue ScheduleSession
        EndMediation MarkMediationOverdue SignAgreement SealAgreement WaiveAgreement RecordMediation
        RecordSelfSettlement DeclarePerformance ConfirmPerformance ReportBreach LapsePerformance RequestWithdrawal
        Withdraw RefuseWithdrawal AddEvidence RateHandling
    }
    case::EventKind => v1::EventKind {
        ComplaintFiled RoutedToEnterprise RoutedToAuthority RoutingHeld RoutingOverdue NegotiationAcknowledged
        NegotiationAnswered SettlementProposed ProposalAccepted ProposalRejected ProposalExpired SettlementReached
        TermsAgreed HandlingReported NegotiationDeclined NegotiationExpired NegotiationEnded ComplaintEscalated
        ClosedUnescalated ComplaintAccepted ComplaintRefused CaseReturned AcceptanceOverdue SessionScheduled
        MediationEnded MediationOverdue AgreementSigned AgreementSealed AgreementWaived MediationRecorded
        PerformanceDeclared AgreementPerformed BreachReported PerformanceLapsed ComplaintWithdrawn WithdrawalRefused
        WithdrawalRequested EvidenceAdded HandlingRated
    }
}

#[cfg(test)]
mod tests {
    use super::{coverage, reads_strangers};

    #[test]
    fn every_value_has_a_number_and_every_number_a_value() {
        for (list, numbers, meaning, values) in coverage() {
            assert_eq!(numbers, values, "{list}: numbers on the wire");
            assert_eq!(meaning, values, "{list}: numbers that are read");
        }
    }

    #[test]
    fn unspecified_and_unknown_numbers_are_no_values() {
        assert_eq!(reads_strangers(), Vec::<&str>::new());
    }
}
