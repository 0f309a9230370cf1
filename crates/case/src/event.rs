//! What happened: the closed list of events.

mod frame;
mod texts;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use law::Due;
use law::directory::{AuthorityId, Level, UnitId};
use law::grounds::{EndingGround, RefusalGround};
use law::jurisdiction::Basis;
use law::rules::RuleSet;
use uuid::Uuid;

use crate::actor::Side;
use crate::coded::coded;
use crate::filing::Filing;
use crate::ids::{Fen, TextRef, Uscc};
use crate::lifecycle::EventKind;
use crate::state::{
    DeclineReason, FailedWhy, HoldReason, Performed, ReturnReason, WithdrawalReason,
};
use crate::terms::Terms;

pub use frame::{ClockKind, EventMeta, Head, Heads, Kind, Recorded, StoppedClock};

/// Routed to an ODR enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutedToEnterprise {
    /// Who negotiates.
    pub enterprise: Uscc,
    /// The respondent, when a delegate negotiates.
    pub on_behalf_of: Option<Uscc>,
    /// Version of the enterprise's registry record.
    pub registry_version: u64,
    /// Negotiation clock.
    pub due: Due,
}

/// Routed to an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutedToAuthority {
    /// The authority.
    pub authority: AuthorityId,
    /// Its level.
    pub level: Level,
    /// Its superiors, nearest first.
    pub ancestors: Vec<AuthorityId>,
    /// Its receiving unit.
    pub unit: UnitId,
    /// When it counts as received.
    pub received_at: DateTime<Utc>,
    /// Acceptance clock.
    pub decide_by: Due,
    /// Pinned rules.
    pub rule_set: RuleSet,
    /// Which jurisdiction rule decided.
    pub basis: Basis,
    /// Which receipt of the case this is.
    pub nth: u32,
    /// Version of the directory it was read from.
    pub directory_version: u64,
}

/// Everything that can happen to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Version 1.
    ComplaintFiled(Arc<Filing>),
    /// To the ODR enterprise.
    RoutedToEnterprise(RoutedToEnterprise),
    /// To an authority.
    RoutedToAuthority(RoutedToAuthority),
    /// Held for a hand.
    RoutingHeld {
        /// Whose receiving unit.
        holder: AuthorityId,
        /// Why.
        reason: HoldReason,
        /// Supervision date.
        due: Due,
    },
    /// The hold's supervision date passed.
    RoutingOverdue {
        /// The date.
        due: Due,
    },
    /// The enterprise has seen it.
    NegotiationAcknowledged,
    /// The enterprise answered.
    NegotiationAnswered {
        /// The answer.
        text: TextRef,
        /// By a machine.
        machine: bool,
    },
    /// An offer was made.
    SettlementProposed {
        /// Its id.
        proposal: Uuid,
        /// Who made it.
        by: Side,
        /// What is offered.
        terms: Terms,
        /// Until when.
        valid_until: DateTime<Utc>,
    },
    /// One side accepted a mediator's proposal; the other has not yet.
    ProposalAccepted {
        /// Which.
        proposal: Uuid,
        /// Who accepted.
        by: Side,
    },
    /// An offer was rejected.
    ProposalRejected {
        /// Which.
        proposal: Uuid,
        /// Who rejected.
        by: Side,
        /// Why, if told.
        text: Option<TextRef>,
    },
    /// An offer's time passed.
    ProposalExpired {
        /// Which.
        proposal: Uuid,
        /// When it was due.
        due: DateTime<Utc>,
    },
    /// Direct settlement.
    SettlementReached {
        /// Accepted proposal.
        proposal: Uuid,
        /// Terms.
        terms: Terms,
        /// Lapse of performance.
        lapse: Due,
        /// Negotiation clock, unless it had stopped before.
        stopped: Option<StoppedClock>,
    },
    /// Terms agreed in mediation.
    TermsAgreed {
        /// Accepted proposal.
        proposal: Uuid,
        /// Terms.
        terms: Terms,
    },
    /// Notice: the enterprise's handling report.
    HandlingReported {
        /// When it was handled.
        handled_at: DateTime<Utc>,
        /// Course.
        course: TextRef,
        /// Method.
        method: TextRef,
        /// Result.
        result: TextRef,
    },
    /// The enterprise declined.
    NegotiationDeclined {
        /// Why.
        reason: DeclineReason,
        /// The reason's text.
        text: TextRef,
        /// Window.
        escalate_by: Due,
        /// Clock.
        stopped: StoppedClock,
    },
    /// The negotiation's time passed.
    NegotiationExpired {
        /// How.
        why: FailedWhy,
        /// Window.
        escalate_by: Due,
        /// Clock.
        stopped: StoppedClock,
    },
    /// The consumer ended the negotiation.
    NegotiationEnded {
        /// How.
        why: FailedWhy,
        /// Window.
        escalate_by: Due,
        /// Clock.
        stopped: StoppedClock,
    },
    /// On to an authority.
    ComplaintEscalated {
        /// By prior consent, without being asked.
        automatic: bool,
    },
    /// The consumer let it rest.
    ClosedUnescalated {
        /// The window's end.
        due: Due,
    },
    /// Accepted (受理).
    ComplaintAccepted {
        /// Mediation clock.
        due: Due,
        /// Acceptance clock.
        stopped: StoppedClock,
    },
    /// Not accepted (不予受理).
    ComplaintRefused {
        /// Ground.
        ground: RefusalGround,
        /// Its number under the rules.
        number: u8,
        /// Reasons and other ways.
        text: TextRef,
        /// Acceptance clock, if one ran.
        stopped: Option<StoppedClock>,
    },
    /// Returned to the superior's receiving unit.
    CaseReturned {
        /// Whose receiving unit.
        holder: AuthorityId,
        /// Why.
        reason: ReturnReason,
        /// The reason's text, if told.
        text: Option<TextRef>,
        /// Supervision date.
        due: Due,
    },
    /// The acceptance date passed.
    AcceptanceOverdue {
        /// The date.
        due: Due,
    },
    /// A session was scheduled.
    SessionScheduled {
        /// When.
        at: DateTime<Utc>,
        /// Online.
        online: bool,
        /// Place or room.
        place: TextRef,
        /// Days to ask for recusal.
        recusal_days: u32,
    },
    /// Mediation ended (终止调解).
    MediationEnded {
        /// Ground.
        ground: EndingGround,
        /// Its number under the rules.
        number: u8,
        /// How it came to that ground.
        basis: EndingBasis,
        /// Reasons.
        text: Option<TextRef>,
        /// Mediation clock.
        stopped: StoppedClock,
    },
    /// The mediation date passed.
    MediationOverdue {
        /// The date.
        due: Due,
    },
    /// One side signed.
    AgreementSigned {
        /// Who.
        by: Side,
        /// Document hash.
        document: [u8; 32],
    },
    /// The authority sealed the agreement both signed.
    AgreementSealed {
        /// Document hash.
        document: [u8; 32],
        /// Lapse of performance.
        lapse: Due,
        /// Mediation clock.
        stopped: StoppedClock,
    },
    /// One side waived a written agreement; the second waiver settles the case.
    AgreementWaived {
        /// Who.
        by: Side,
        /// On the second waiver.
        settled: Option<Box<Settling>>,
    },
    /// The authority recorded the mediation instead.
    MediationRecorded {
        /// The record.
        text: TextRef,
        /// Lapse and clock.
        settled: Box<Settling>,
    },
    /// The enterprise says it has performed.
    PerformanceDeclared {
        /// Evidence id, if any.
        evidence: Option<Uuid>,
    },
    /// The consumer confirms performance.
    AgreementPerformed {
        /// Yes or partly.
        performed: Performed,
        /// Recovered, at most the terms.
        recovered: Fen,
    },
    /// The consumer reports that it was not performed.
    BreachReported {
        /// The window, for a direct settlement.
        escalate_by: Option<Due>,
        /// Text.
        text: Option<TextRef>,
    },
    /// Nobody said whether it was performed.
    PerformanceLapsed {
        /// The date.
        due: Due,
    },
    /// Withdrawn.
    ComplaintWithdrawn {
        /// Why.
        reason: WithdrawalReason,
        /// The clock it stopped.
        stopped: Option<StoppedClock>,
    },
    /// A withdrawal came too late: terms are agreed.
    WithdrawalRefused {
        /// The reason that was given for withdrawing.
        reason: WithdrawalReason,
    },
    /// Notice: the consumer asks to withdraw.
    WithdrawalRequested {
        /// Why.
        reason: WithdrawalReason,
        /// Text.
        text: Option<TextRef>,
    },
    /// Notice: evidence (metadata).
    EvidenceAdded {
        /// Its id.
        evidence: Uuid,
        /// SHA-256 of the bytes.
        hash: [u8; 32],
        /// Media type, at most 100 characters.
        media_type: String,
        /// Bytes.
        size_bytes: u64,
        /// Whose.
        by: Side,
    },
    /// The consumer rated the handling.
    HandlingRated {
        /// 1 to 5.
        stars: u8,
    },
}

coded! {
    /// How a mediation came to its ending ground.
    pub enum EndingBasis {
        /// The official decided.
        Decided => "decided",
        /// The parties settled themselves (ground 1), counted apart from success.
        SelfSettled => "self_settled",
        /// The consumer withdrew (ground 1).
        Withdrawn => "withdrawn",
    }
}

/// What the act that settles a mediation also starts and stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settling {
    /// Lapse of performance.
    pub lapse: Due,
    /// Mediation clock.
    pub stopped: StoppedClock,
}

impl Event {
    /// Decision or notice; fixed per type.
    pub fn kind(&self) -> Kind {
        if matches!(
            self,
            Self::HandlingReported { .. }
                | Self::WithdrawalRequested { .. }
                | Self::EvidenceAdded { .. }
        ) {
            Kind::Notice
        } else {
            Kind::Decision
        }
    }

    /// The event's type, without its content.
    pub fn event_kind(&self) -> EventKind {
        EventKind::of(self)
    }
}
