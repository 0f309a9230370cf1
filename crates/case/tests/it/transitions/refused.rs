//! Every way to be refused for what a command says, line by line.

use case::state::Performed;
use case::{Body, CommandKind as C, Facts, Fen, Reason as R};
use chrono::TimeDelta;
use law::grounds::EndingGround;
use uuid::Uuid;

use super::line::{Line, line};
use crate::support::At;
use crate::support::bodies::{self, end_mediation};
use crate::support::people::{
    CITY, COUNTY, OTHER, STATE, consumer, enterprise, official, other_enterprise, respondent,
    stranger, system,
};
use crate::support::samples::{self, authority, with_enterprise};

pub(crate) fn refused() -> Vec<Line> {
    vec![
        line(At::Nothing, C::FileComplaint)
            .with(|body, _| filing(body).contains_report = true)
            .refused(R::ReportNotSupported),
        line(At::Nothing, C::FileComplaint)
            .with(|body, _| filing(body).joint = true)
            .refused(R::JointNotSupported),
        line(At::Nothing, C::FileComplaint)
            .with(|body, _| filing(body).by_agent = true)
            .refused(R::AgentNotSupported),
        line(At::Nothing, C::FileComplaint)
            .with(|body, _| filing(body).claimed = Fen(-1))
            .refused(R::AmountNotPossible),
        line(At::Nothing, C::FileComplaint)
            .with(|body, now| filing(body).knew_on = Some(bodies::ten_days_on(now)))
            .refused(R::DateNotPossible),
        line(At::Nothing, C::FileComplaint)
            .by(stranger())
            .refused(R::NotPartyToCase),
        line(At::Nothing, C::FileComplaint)
            .by(enterprise())
            .refused(R::ActorNotPermitted),
        line(At::Nothing, C::Route).refused(R::WrongState),
        line(At::Filed, C::Route)
            .facts(Facts::None)
            .refused(R::FactsMissing),
        line(At::Held, C::RouteByHand)
            .facts(with_enterprise())
            .refused(R::FactsMissing),
        line(At::Held, C::RouteByHand)
            .facts(samples::by_hand(OTHER))
            .refused(R::FactsMissing),
        line(At::Held, C::RouteByHand)
            .facts(Facts::RouteByHand { destination: None })
            .refused(R::AuthorityUnknown),
        line(At::Held, C::RouteByHand)
            .with(|body, _| {
                *body = Body::RouteByHand {
                    authority: authority(OTHER),
                };
            })
            .refused(R::AuthorityNotBelowHolder),
        line(At::Held, C::RouteByHand)
            .with(|body, _| {
                *body = Body::RouteByHand {
                    authority: authority(STATE),
                };
            })
            .refused(R::AuthorityNotBelowHolder),
        line(At::Held, C::RouteByHand)
            .by(official(COUNTY))
            .refused(R::NotHolder),
        line(At::Held, C::MarkRoutingOverdue).refused(R::NotDue),
        line(At::HeldOverdue, C::MarkRoutingOverdue).refused(R::NotDue),
        line(At::Negotiating, C::AcknowledgeNegotiation)
            .by(respondent())
            .refused(R::NotPartyToCase),
        line(At::Negotiating, C::AnswerNegotiation)
            .by(other_enterprise())
            .refused(R::NotPartyToCase),
        line(At::Acknowledged, C::AcknowledgeNegotiation).refused(R::AlreadyAcknowledged),
        line(At::Negotiating, C::ProposeSettlement)
            .by(official(COUNTY))
            .refused(R::ActorNotPermitted),
        line(At::Negotiating, C::ProposeSettlement)
            .by(stranger())
            .refused(R::NotPartyToCase),
        line(At::Mediating, C::ProposeSettlement)
            .by(official(OTHER))
            .refused(R::NotHolder),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, _| terms(body).reliefs.clear())
            .refused(R::ReliefsNotPossible),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, _| {
                let relief = terms(body).reliefs[0];
                terms(body).reliefs = vec![relief; 9];
            })
            .refused(R::ReliefsNotPossible),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, _| terms(body).reliefs[0].amount = Fen(-1))
            .refused(R::AmountNotPossible),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, _| terms(body).reliefs[0].amount = Fen(10_000_000_000_001))
            .refused(R::AmountNotPossible),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, _| terms(body).reliefs[0].kind = case::terms::ReliefKind::Apology)
            .refused(R::AmountNotPossible),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, now| terms(body).perform_by = law::day::day_of(now - TimeDelta::days(1)))
            .refused(R::DateNotPossible),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, _| terms(body).perform_by = chrono::NaiveDate::MAX)
            .refused(R::DateNotPossible),
        line(At::Negotiating, C::ProposeSettlement)
            .with(|body, now| {
                *body = bodies::propose_until(Uuid::nil(), bodies::ten_days_on(now), Some(now));
            })
            .refused(R::DateNotPossible),
        line(At::Agreed, C::ProposeSettlement)
            .by(respondent())
            .refused(R::TermsAlreadyAgreed),
        line(At::Agreed, C::AcceptProposal).refused(R::TermsAlreadyAgreed),
        line(At::Agreed, C::RejectProposal).refused(R::TermsAlreadyAgreed),
        line(At::Negotiating, C::AcceptProposal).refused(R::ProposalNotOpen),
        line(At::Offered, C::AcceptProposal)
            .by(enterprise())
            .refused(R::OwnProposal),
        line(At::Offered, C::RejectProposal)
            .by(enterprise())
            .refused(R::OwnProposal),
        line(At::Offered, C::AcceptProposal)
            .after_days(10)
            .refused(R::ProposalExpired),
        line(At::FailedWithOffer, C::AcceptProposal)
            .after_days(10)
            .refused(R::ProposalExpired),
        line(At::SuggestedAcceptedOnce, C::AcceptProposal).refused(R::ProposalAlreadyAccepted),
        line(At::Suggested, C::AcceptProposal)
            .by(official(COUNTY))
            .refused(R::ActorNotPermitted),
        line(At::Offered, C::ExpireProposal).refused(R::NotDue),
        line(At::Negotiating, C::ExpireProposal).refused(R::ProposalNotOpen),
        line(At::Negotiating, C::ReportHandling)
            .with(|body, now| *body = bodies::report(now + TimeDelta::days(1)))
            .refused(R::DateNotPossible),
        line(At::County, C::ReportHandling)
            .by(respondent())
            .refused(R::NotPartyToCase),
        line(At::Negotiating, C::DeclineNegotiation)
            .by(consumer())
            .refused(R::ActorNotPermitted),
        line(At::Negotiating, C::ExpireNegotiation).refused(R::NotDue),
        line(At::Negotiating, C::EndNegotiation)
            .by(stranger())
            .refused(R::NotPartyToCase),
        line(At::Silent, C::Escalate)
            .by(system())
            .refused(R::ActorNotPermitted),
        line(At::Silent, C::Escalate)
            .after_days(20)
            .refused(R::WindowPassed),
        line(At::Silent, C::CloseUnescalated).refused(R::NotDue),
        line(At::SilentAutomatic, C::CloseUnescalated)
            .after_days(20)
            .refused(R::NotDue),
        line(At::County, C::AcceptComplaint)
            .by(official(CITY))
            .refused(R::NotHolder),
        line(At::County, C::RefuseComplaint)
            .by(official(CITY))
            .refused(R::NotHolder),
        line(At::Held, C::RefuseComplaint)
            .by(official(CITY))
            .refused(R::GroundNotForCommand),
        line(At::Held, C::RefuseComplaint).refused(R::NotHolder),
        line(At::TopLevel, C::ReturnCase)
            .by(official(STATE))
            .refused(R::NoSuperior),
        line(At::County, C::MarkAcceptanceOverdue).refused(R::NotDue),
        line(At::CountyOverdue, C::MarkAcceptanceOverdue).refused(R::NotDue),
        line(At::Mediating, C::ScheduleSession)
            .with(|body, past| {
                if let Body::ScheduleSession { at, .. } = body {
                    *at = past;
                }
            })
            .refused(R::DateNotPossible),
        line(At::Mediating, C::ScheduleSession)
            .by(official(OTHER))
            .refused(R::NotHolder),
        line(At::Mediating, C::EndMediation)
            .with(|body, _| *body = end_mediation(EndingGround::WithdrawnOrSelfSettled))
            .refused(R::GroundNotForCommand),
        line(At::Mediating, C::EndMediation)
            .with(|body, _| *body = end_mediation(EndingGround::TimeExpired))
            .refused(R::NotDue),
        line(At::Mediating, C::MarkMediationOverdue).refused(R::NotDue),
        line(At::MediationOverdue, C::MarkMediationOverdue).refused(R::NotDue),
        line(At::Mediating, C::SignAgreement).refused(R::TermsNotAgreed),
        line(At::Mediating, C::SealAgreement).refused(R::TermsNotAgreed),
        line(At::Mediating, C::WaiveAgreement).refused(R::TermsNotAgreed),
        line(At::Mediating, C::RecordMediation).refused(R::TermsNotAgreed),
        line(At::SignedOnce, C::SignAgreement).refused(R::AlreadySigned),
        line(At::SignedOnce, C::WaiveAgreement).refused(R::AlreadySigned),
        line(At::WaivedOnce, C::SignAgreement).refused(R::AlreadyWaived),
        line(At::WaivedOnce, C::WaiveAgreement).refused(R::AlreadyWaived),
        line(At::SignedOnce, C::SignAgreement)
            .by(respondent())
            .with(|body, _| *body = Body::SignAgreement { document: [1; 32] })
            .refused(R::DocumentDiffers),
        line(At::SignedOnce, C::SealAgreement).refused(R::SignaturesMissing),
        line(At::SignedTwice, C::SealAgreement)
            .with(|body, _| *body = Body::SealAgreement { document: [1; 32] })
            .refused(R::DocumentDiffers),
        line(At::Declared, C::DeclarePerformance).refused(R::AlreadyDeclared),
        line(At::SettledDirectly, C::ConfirmPerformance)
            .with(|body, _| *body = bodies::confirm(Performed::Yes, 10_001))
            .refused(R::AmountNotPossible),
        line(At::SettledDirectly, C::ConfirmPerformance)
            .with(|body, _| *body = bodies::confirm(Performed::Yes, -1))
            .refused(R::AmountNotPossible),
        line(At::SettledDirectly, C::ConfirmPerformance)
            .with(|body, _| *body = bodies::confirm(Performed::Unknown, 0))
            .refused(R::GroundNotForCommand),
        line(At::SettledDirectly, C::ReportBreach)
            .after_days(9)
            .refused(R::PerformanceNotDue),
        line(At::SettledDirectly, C::LapsePerformance).refused(R::NotDue),
        line(At::Filed, C::Withdraw).refused(R::NoWithdrawalPending),
        line(At::SettledDirectly, C::RefuseWithdrawal).refused(R::NoWithdrawalPending),
        line(At::SettledDirectly, C::RequestWithdrawal).refused(R::WrongState),
        line(At::Filed, C::AddEvidence)
            .by(stranger())
            .refused(R::NotPartyToCase),
        line(At::Rated, C::RateHandling).refused(R::AlreadyRated),
        line(At::Closed, C::RateHandling)
            .with(|body, _| *body = Body::RateHandling { stars: 6 })
            .refused(R::AmountNotPossible),
        line(At::Closed, C::RateHandling)
            .by(stranger())
            .refused(R::NotPartyToCase),
    ]
}

fn terms(body: &mut Body) -> &mut case::terms::Terms {
    match body {
        Body::ProposeSettlement { terms, .. } => terms,
        _ => panic!("only a proposal has terms"),
    }
}

fn filing(body: &mut Body) -> &mut case::Filing {
    match body {
        Body::FileComplaint { filing, .. } => std::sync::Arc::make_mut(filing),
        _ => panic!("only a filing has a filing"),
    }
}
