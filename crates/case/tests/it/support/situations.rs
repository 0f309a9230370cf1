//! Situations a case can be in, each reached by commands alone.

use case::state::{Performed, ReturnReason};
use case::{Body, CommandKind, Facts, StateKind};
use uuid::Uuid;

use super::History;
use super::bodies::{DOCUMENT, answer, confirm, propose, usual, withdraw_request};
use super::people::{CITY, COUNTY, STATE, consumer, enterprise, official};
use super::samples::{decided, filing, held, instant, with_enterprise, without_enterprise};

/// The proposal that is open where a situation has one.
pub(crate) const OFFER: Uuid = Uuid::from_u128(0x0FFE);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Nothing,
    Filed,
    /// Held at the city.
    Held,
    HeldOverdue,
    /// Returned by the county to the city.
    Returned,
    /// Negotiated, escalated, and held.
    HeldAfterNegotiation,
    Negotiating,
    Acknowledged,
    Answered,
    /// The enterprise's offer is open.
    Offered,
    /// The consumer's offer is open.
    Asked,
    /// The enterprise stayed silent.
    Silent,
    /// The same, and the consumer agreed beforehand to escalate.
    SilentAutomatic,
    /// Failed while an enterprise's offer is open.
    FailedWithOffer,
    Escalated,
    County,
    CountyOverdue,
    TopLevel,
    Mediating,
    MediationOverdue,
    /// In mediation, the enterprise's offer is open.
    OfferedInMediation,
    /// In mediation, the mediator's offer is open.
    Suggested,
    /// The same, and the consumer accepted it.
    SuggestedAcceptedOnce,
    Agreed,
    SignedOnce,
    SignedTwice,
    WaivedOnce,
    SettledDirectly,
    SettledMediated,
    Declared,
    SettledThenAskedToWithdraw,
    Closed,
    ClosedAfterNegotiation,
    Rated,
}

impl At {
    /// The plainest situation of a state.
    pub(crate) fn of(state: StateKind) -> Self {
        match state {
            StateKind::Filed => At::Filed,
            StateKind::HeldForRouting => At::Held,
            StateKind::InNegotiation => At::Negotiating,
            StateKind::NegotiationFailed => At::Silent,
            StateKind::Escalated => At::Escalated,
            StateKind::AtAuthority => At::County,
            StateKind::InMediation => At::Mediating,
            StateKind::Settled => At::SettledDirectly,
            StateKind::Closed => At::Closed,
        }
    }

    pub(crate) fn history(self) -> History {
        match self {
            At::Nothing => History::new(),
            At::Filed => History::new().filed(),
            At::Held => At::Filed.history().route(&without_enterprise(held(CITY))),
            At::HeldOverdue => awake(At::Held, 10),
            At::Returned => {
                let reason = ReturnReason::NotCompetent;
                let back = Body::ReturnCase { reason, text: None };
                At::County.history().then(official(COUNTY), back)
            }
            At::HeldAfterNegotiation => At::Escalated
                .history()
                .route(&without_enterprise(held(CITY))),
            At::Negotiating => At::Filed.history().route(&with_enterprise()),
            At::Acknowledged => usually(At::Negotiating, CommandKind::AcknowledgeNegotiation),
            At::Answered => At::Negotiating.history().then(enterprise(), answer()),
            At::Offered => usually(At::Negotiating, CommandKind::ProposeSettlement),
            At::Asked => {
                let history = At::Negotiating.history();
                let body = propose(OFFER, history.now);
                history.then(consumer(), body)
            }
            At::Silent => awake(At::Negotiating, 20),
            At::SilentAutomatic => silent_automatic(),
            At::FailedWithOffer => usually(At::Offered, CommandKind::EndNegotiation),
            At::Escalated => usually(At::Silent, CommandKind::Escalate),
            At::County => At::Filed
                .history()
                .route(&without_enterprise(decided(COUNTY))),
            At::CountyOverdue => awake(At::County, 20),
            At::TopLevel => At::Filed
                .history()
                .route(&without_enterprise(decided(STATE))),
            _ => self.in_mediation_or_later(),
        }
    }

    fn in_mediation_or_later(self) -> History {
        match self {
            At::Mediating => usually(At::County, CommandKind::AcceptComplaint),
            At::MediationOverdue => awake(At::Mediating, 80),
            At::OfferedInMediation => usually(At::Mediating, CommandKind::ProposeSettlement),
            At::Suggested => {
                let history = At::Mediating.history();
                let body = propose(OFFER, history.now);
                history.then(official(COUNTY), body)
            }
            At::SuggestedAcceptedOnce => usually(At::Suggested, CommandKind::AcceptProposal),
            At::Agreed => usually(At::OfferedInMediation, CommandKind::AcceptProposal),
            At::SignedOnce => usually(At::Agreed, CommandKind::SignAgreement),
            At::SignedTwice => {
                let document = DOCUMENT;
                At::SignedOnce
                    .history()
                    .then(enterprise_respondent(), Body::SignAgreement { document })
            }
            At::WaivedOnce => usually(At::Agreed, CommandKind::WaiveAgreement),
            At::SettledDirectly => usually(At::Offered, CommandKind::AcceptProposal),
            At::SettledMediated => usually(At::Agreed, CommandKind::RecordMediation),
            At::Declared => usually(At::SettledDirectly, CommandKind::DeclarePerformance),
            At::SettledThenAskedToWithdraw => settled_then_asked(),
            At::Closed => usually(At::County, CommandKind::RefuseComplaint),
            At::ClosedAfterNegotiation => At::SettledDirectly
                .history()
                .then(consumer(), confirm(Performed::Yes, 10_000)),
            At::Rated => usually(At::Closed, CommandKind::RateHandling),
            _ => panic!("{self:?} has no history"),
        }
    }
}

fn enterprise_respondent() -> case::Actor {
    super::people::respondent()
}

fn usually(before: At, kind: CommandKind) -> History {
    let history = before.history();
    let (by, mut body) = usual(kind, history.now);
    // In mediation without a negotiation the respondent speaks for itself.
    let by = if history.case().enterprise().is_none() && by == enterprise() {
        enterprise_respondent()
    } else {
        by
    };
    if let Body::ProposeSettlement { proposal, .. } = &mut body {
        *proposal = OFFER;
    }
    history.then(by, body)
}

fn awake(before: At, days: i64) -> History {
    let mut history = before.history().after_days(days);
    history.wake();
    history
}

fn silent_automatic() -> History {
    let mut filing = filing();
    filing.consents.auto_escalation = Some(instant("2016-01-01T00:00:00Z"));
    let mut history = History::new()
        .file(filing)
        .must(super::people::system(), Body::Route, &with_enterprise())
        .after_days(20);
    history.wake();
    history
}

/// Intake had not read the settlement when it took the request.
fn settled_then_asked() -> History {
    let mut settled = At::SettledDirectly.history();
    let mut intake = At::Offered.history();
    let asked = intake
        .give(consumer(), withdraw_request(), &Facts::None)
        .expect("an open case takes the request");
    settled.record(consumer(), asked);
    settled
}
