//! What each state takes, line by line.

use case::lifecycle::row;
use case::state::Performed;
use case::{Body, CommandKind as C, EventKind as E, StateKind as S};
use law::grounds::{EndingGround, RefusalGround};

use super::line::{Line, line};
use crate::support::At;
use crate::support::bodies::{self, end_mediation, refuse};
use crate::support::people::{
    CITY, COUNTY, enterprise, official, representative, respondent, system,
};
use crate::support::samples::{self, authority, with_enterprise};

pub(crate) fn accepted() -> Vec<Line> {
    let mut lines = vec![
        line(At::Nothing, C::FileComplaint).yields(E::ComplaintFiled, S::Filed),
        line(At::Filed, C::Route)
            .facts(with_enterprise())
            .yields(E::RoutedToEnterprise, S::InNegotiation),
        line(At::Filed, C::Route).yields(E::RoutedToAuthority, S::AtAuthority),
        line(At::Filed, C::Route)
            .facts(samples::without_enterprise(samples::held(CITY)))
            .yields(E::RoutingHeld, S::HeldForRouting),
        line(At::Escalated, C::Route)
            .facts(with_enterprise())
            .yields(E::RoutedToAuthority, S::AtAuthority),
        line(At::Held, C::RouteByHand).yields(E::RoutedToAuthority, S::AtAuthority),
        line(At::Held, C::RouteByHand)
            .with(|body, _| {
                *body = Body::RouteByHand {
                    authority: authority(CITY),
                };
            })
            .yields(E::RoutedToAuthority, S::AtAuthority),
        line(At::Held, C::MarkRoutingOverdue)
            .after_days(10)
            .yields(E::RoutingOverdue, S::HeldForRouting),
        line(At::Negotiating, C::AcknowledgeNegotiation)
            .yields(E::NegotiationAcknowledged, S::InNegotiation),
        line(At::Negotiating, C::AnswerNegotiation)
            .yields(E::NegotiationAnswered, S::InNegotiation),
        line(At::Negotiating, C::ProposeSettlement).yields(E::SettlementProposed, S::InNegotiation),
        line(At::Negotiating, C::ProposeSettlement)
            .by(representative())
            .yields(E::SettlementProposed, S::InNegotiation),
        line(At::Mediating, C::ProposeSettlement)
            .by(respondent())
            .yields(E::SettlementProposed, S::InMediation),
        line(At::Mediating, C::ProposeSettlement)
            .by(official(COUNTY))
            .yields(E::SettlementProposed, S::InMediation),
        line(At::Offered, C::AcceptProposal).yields(E::SettlementReached, S::Settled),
        line(At::Asked, C::AcceptProposal)
            .by(enterprise())
            .yields(E::SettlementReached, S::Settled),
        line(At::FailedWithOffer, C::AcceptProposal).yields(E::SettlementReached, S::Settled),
        line(At::OfferedInMediation, C::AcceptProposal).yields(E::TermsAgreed, S::InMediation),
        line(At::Suggested, C::AcceptProposal).yields(E::ProposalAccepted, S::InMediation),
        line(At::SuggestedAcceptedOnce, C::AcceptProposal)
            .by(respondent())
            .yields(E::TermsAgreed, S::InMediation),
        line(At::Offered, C::RejectProposal).yields(E::ProposalRejected, S::InNegotiation),
        line(At::Asked, C::RejectProposal)
            .by(enterprise())
            .yields(E::ProposalRejected, S::InNegotiation),
        line(At::FailedWithOffer, C::RejectProposal)
            .yields(E::ProposalRejected, S::NegotiationFailed),
        line(At::SuggestedAcceptedOnce, C::RejectProposal)
            .yields(E::ProposalRejected, S::InMediation),
        line(At::Offered, C::ExpireProposal)
            .after_days(10)
            .yields(E::ProposalExpired, S::InNegotiation),
        line(At::FailedWithOffer, C::ExpireProposal)
            .after_days(10)
            .yields(E::ProposalExpired, S::NegotiationFailed),
        line(At::Suggested, C::ExpireProposal)
            .after_days(10)
            .yields(E::ProposalExpired, S::InMediation),
        line(At::Negotiating, C::DeclineNegotiation)
            .yields(E::NegotiationDeclined, S::NegotiationFailed),
        line(At::Negotiating, C::ExpireNegotiation)
            .after_days(20)
            .yields(E::NegotiationExpired, S::NegotiationFailed),
        line(At::Negotiating, C::EndNegotiation).yields(E::NegotiationEnded, S::NegotiationFailed),
        line(At::Silent, C::Escalate).yields(E::ComplaintEscalated, S::Escalated),
        line(At::SilentAutomatic, C::Escalate)
            .by(system())
            .yields(E::ComplaintEscalated, S::Escalated),
        line(At::Silent, C::CloseUnescalated)
            .after_days(20)
            .yields(E::ClosedUnescalated, S::Closed),
        line(At::County, C::AcceptComplaint).yields(E::ComplaintAccepted, S::InMediation),
        line(At::CountyOverdue, C::AcceptComplaint).yields(E::ComplaintAccepted, S::InMediation),
        line(At::County, C::RefuseComplaint).yields(E::ComplaintRefused, S::Closed),
        line(At::Held, C::RefuseComplaint)
            .by(official(CITY))
            .with(|body, _| *body = refuse(RefusalGround::OutsideCompetence))
            .yields(E::ComplaintRefused, S::Closed),
        line(At::County, C::ReturnCase).yields(E::CaseReturned, S::HeldForRouting),
        line(At::County, C::MarkAcceptanceOverdue)
            .after_days(20)
            .yields(E::AcceptanceOverdue, S::AtAuthority),
        line(At::Mediating, C::ScheduleSession).yields(E::SessionScheduled, S::InMediation),
        line(At::Mediating, C::EndMediation).yields(E::MediationEnded, S::Closed),
        line(At::Agreed, C::EndMediation).yields(E::MediationEnded, S::Closed),
        line(At::MediationOverdue, C::EndMediation)
            .with(|body, _| *body = end_mediation(EndingGround::TimeExpired))
            .yields(E::MediationEnded, S::Closed),
        line(At::Mediating, C::MarkMediationOverdue)
            .after_days(80)
            .yields(E::MediationOverdue, S::InMediation),
        line(At::Agreed, C::SignAgreement).yields(E::AgreementSigned, S::InMediation),
        line(At::SignedOnce, C::SignAgreement)
            .by(respondent())
            .yields(E::AgreementSigned, S::InMediation),
        line(At::SignedTwice, C::SealAgreement).yields(E::AgreementSealed, S::Settled),
        line(At::Agreed, C::WaiveAgreement).yields(E::AgreementWaived, S::InMediation),
        line(At::WaivedOnce, C::WaiveAgreement)
            .by(respondent())
            .yields(E::AgreementWaived, S::Settled),
        line(At::SignedOnce, C::WaiveAgreement)
            .by(respondent())
            .yields(E::AgreementWaived, S::InMediation),
        line(At::Agreed, C::RecordMediation).yields(E::MediationRecorded, S::Settled),
        line(At::Mediating, C::RecordSelfSettlement).yields(E::MediationEnded, S::Closed),
        line(At::SettledDirectly, C::DeclarePerformance).yields(E::PerformanceDeclared, S::Settled),
        line(At::SettledMediated, C::DeclarePerformance)
            .by(respondent())
            .yields(E::PerformanceDeclared, S::Settled),
        line(At::SettledDirectly, C::ConfirmPerformance).yields(E::AgreementPerformed, S::Closed),
        line(At::Declared, C::ConfirmPerformance)
            .with(|body, _| *body = bodies::confirm(Performed::Partly, 0))
            .yields(E::AgreementPerformed, S::Closed),
        line(At::SettledDirectly, C::ReportBreach)
            .after_days(10)
            .yields(E::BreachReported, S::NegotiationFailed),
        line(At::SettledMediated, C::ReportBreach)
            .after_days(10)
            .yields(E::BreachReported, S::Closed),
        line(At::Declared, C::LapsePerformance)
            .after_days(60)
            .yields(E::PerformanceLapsed, S::Closed),
        line(At::SettledThenAskedToWithdraw, C::RefuseWithdrawal)
            .yields(E::WithdrawalRefused, S::Settled),
        line(At::Closed, C::RateHandling).yields(E::HandlingRated, S::Closed),
    ];
    for at in [
        At::HeldAfterNegotiation,
        At::Negotiating,
        At::Silent,
        At::Escalated,
        At::SettledDirectly,
        At::ClosedAfterNegotiation,
    ] {
        lines.push(line(at, C::ReportHandling).yields(E::HandlingReported, at.history().state()));
    }
    for &state in row(C::RequestWithdrawal).from {
        lines.push(line(At::of(state), C::RequestWithdrawal).yields(E::WithdrawalRequested, state));
    }
    for &state in row(C::AddEvidence).from {
        lines.push(line(At::of(state), C::AddEvidence).yields(E::EvidenceAdded, state));
        lines.push(
            line(At::of(state), C::AddEvidence)
                .by(if state == S::InNegotiation {
                    enterprise()
                } else {
                    respondent()
                })
                .yields(E::EvidenceAdded, state),
        );
    }
    lines
}
