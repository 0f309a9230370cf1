//! What a case is: its state, who owns it, and what it has taken in so far.

mod words;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use law::Due;
use law::day::day_of;
use law::directory::{AuthorityId, Level, UnitId};
use law::grounds::{EndingGround, RefusalGround};
use law::rules::RuleSet;
use uuid::Uuid;

use crate::actor::Side;
use crate::event::Heads;
use crate::filing::Filing;
use crate::ids::{CaseId, Fen, Uscc};
use crate::lifecycle::StateKind;
use crate::milestones::Milestones;
use crate::terms::{Agreed, Document, Offer, SettledHow, Terms};

pub use words::{
    DeclineReason, FailedWhy, HoldReason, LastAct, Performed, ReturnReason, Service,
    WithdrawalReason,
};

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Settled directly between the parties (先行和解).
    SettledDirectly,
    /// Settled in mediation (调解成功).
    Mediated,
    /// Not accepted (不予受理).
    Refused(RefusalGround),
    /// Mediation ended (终止调解).
    MediationEnded(EndingGround),
    /// Withdrawn by the consumer.
    Withdrawn(WithdrawalReason),
    /// The consumer let it rest after a failed negotiation.
    NotEscalated,
}

impl Outcome {
    /// The outcome without its ground or reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SettledDirectly => "settled_directly",
            Self::Mediated => "mediated",
            Self::Refused(_) => "refused",
            Self::MediationEnded(_) => "mediation_ended",
            Self::Withdrawn(_) => "withdrawn",
            Self::NotEscalated => "not_escalated",
        }
    }
}

/// A competent authority's receipt of a case: what its clocks run from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The authority.
    pub authority: AuthorityId,
    /// Its level.
    pub level: Level,
    /// Its superiors, nearest first.
    pub ancestors: Vec<AuthorityId>,
    /// Its receiving unit, or the unit the case was assigned to.
    pub unit: UnitId,
    /// When it received the case.
    pub received_at: DateTime<Utc>,
    /// Until when it must accept or refuse (Order 121 Art 15: 7 working days).
    pub decide_by: Due,
    /// The rules pinned at the first receipt.
    pub rule_set: RuleSet,
    /// Which receipt of the case this is, from 1.
    pub nth: u32,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// Accepted by intake, nothing decided yet.
    Filed,
    /// No rule decides, or a holder returned it.
    HeldForRouting {
        /// Authority whose receiving unit routes it.
        holder: AuthorityId,
        /// Why.
        reason: HoldReason,
        /// Since when.
        since: DateTime<Utc>,
        /// Supervision date.
        due: Due,
        /// When the supervision date passed.
        overdue_at: Option<DateTime<Utc>>,
    },
    /// With the ODR enterprise.
    InNegotiation {
        /// Who negotiates.
        enterprise: Uscc,
        /// The respondent, when its delegate negotiates.
        on_behalf_of: Option<Uscc>,
        /// When the enterprise received it.
        since: DateTime<Utc>,
        /// 10 working days.
        due: Due,
        /// First acknowledgement.
        acknowledged_at: Option<DateTime<Utc>>,
        /// Last answer.
        last_answer_at: Option<DateTime<Utc>>,
        /// Last act by either side.
        last_act: Option<LastAct>,
        /// Open offers, at most one a side.
        offers: Vec<Offer>,
    },
    /// Waiting for the consumer: escalate or let it rest.
    NegotiationFailed {
        /// Why.
        why: FailedWhy,
        /// Since when.
        at: DateTime<Utc>,
        /// Until when the consumer may escalate.
        escalate_by: Due,
        /// An enterprise's offer that can still be accepted.
        offer_open: Option<Offer>,
    },
    /// On its way to an authority.
    Escalated {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// The competent authority must accept or refuse.
    AtAuthority {
        /// Who, since when, until when.
        receipt: Receipt,
        /// When `decide_by` passed.
        overdue_at: Option<DateTime<Utc>>,
    },
    /// Accepted, being mediated.
    InMediation {
        /// The receipt the case was accepted under.
        receipt: Receipt,
        /// When it was accepted.
        accepted_at: DateTime<Utc>,
        /// When mediation must end.
        due: Due,
        /// When `due` passed.
        overdue_at: Option<DateTime<Utc>>,
        /// Sessions scheduled so far.
        sessions: u32,
        /// Open offers, at most one a side.
        offers: Vec<Offer>,
        /// Terms once agreed.
        agreed: Option<Agreed>,
    },
    /// Terms agreed; performance outstanding.
    Settled {
        /// Directly or in mediation.
        how: SettledHow,
        /// What was agreed.
        terms: Terms,
        /// How it is documented.
        document: Document,
        /// When.
        at: DateTime<Utc>,
        /// When the enterprise declared performance.
        declared_at: Option<DateTime<Utc>>,
        /// When performance lapses into unknown.
        lapse: Due,
    },
    /// Final.
    Closed {
        /// How it ended.
        outcome: Outcome,
        /// Whether what was agreed was done.
        performed: Performed,
        /// When.
        at: DateTime<Utc>,
        /// Notice heads the closing decision had absorbed.
        heads: Heads,
    },
}

impl CaseState {
    /// The service that may append the next decision.
    pub const fn owner(&self) -> Service {
        StateKind::of(self).owner()
    }
}

/// A withdrawal asked for by notice and not yet answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithdrawalRequest {
    /// The service that took it.
    pub source: Service,
    /// Its sequence there.
    pub sequence: u64,
    /// Why.
    pub reason: WithdrawalReason,
    /// Its event.
    pub event_id: Uuid,
}

/// The consumer's rating (评价).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// 1 to 5.
    pub stars: u8,
    /// When.
    pub at: DateTime<Utc>,
}

/// One case, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The space it belongs to.
    pub space: String,
    /// Its last decision's number.
    pub version: u64,
    /// Time of its last event; never runs backwards.
    pub at: DateTime<Utc>,
    /// What was filed.
    pub filing: Arc<Filing>,
    /// Where it stands.
    pub state: CaseState,
    /// The negotiation failed once in this dispute: ODR is not offered again.
    pub odr_failed: bool,
    /// The last receipt by an authority; the same one keeps its clock.
    pub last_receipt: Option<Receipt>,
    /// Receipts by authorities so far.
    pub receipts: u32,
    /// Times it was returned.
    pub returns: u32,
    /// Times it waited for a hand that routes it, returns included.
    pub holds: u32,
    /// Unanswered withdrawal requests, in (source, sequence) order.
    pub withdrawals: Vec<WithdrawalRequest>,
    /// Notice heads absorbed by the last decision that answered a withdrawal request, at the highest by source.
    pub answered: Heads,
    /// A handling report came (time, course, method, result).
    pub handling_reported_at: Option<DateTime<Utc>>,
    /// Pieces of evidence.
    pub evidence: u32,
    /// The consumer's rating.
    pub rating: Option<Rating>,
    /// Recovered for the consumer, as confirmed, in fen.
    pub recovered: Fen,
    /// When what happened.
    pub milestones: Milestones,
}

impl Case {
    /// The rules of the day it was filed: they give the negotiation clock, and what comes before an authority.
    pub fn filing_rule_set(&self) -> RuleSet {
        RuleSet::on(day_of(self.milestones.filed_at))
    }

    /// The rules the case is under: pinned by the first receipt, before that those of the day it was filed.
    pub fn rule_set(&self) -> RuleSet {
        match &self.last_receipt {
            Some(receipt) => receipt.rule_set,
            None => self.filing_rule_set(),
        }
    }

    /// The enterprise that negotiates or negotiated: the one the case was routed to.
    pub fn enterprise(&self) -> Option<&Uscc> {
        self.milestones
            .negotiation
            .as_ref()
            .map(|negotiation| &negotiation.enterprise)
    }

    /// The authority that holds the case, if one does.
    pub fn authority(&self) -> Option<&AuthorityId> {
        match &self.state {
            CaseState::HeldForRouting { holder, .. } => Some(holder),
            CaseState::AtAuthority { receipt, .. } | CaseState::InMediation { receipt, .. } => {
                Some(&receipt.authority)
            }
            _ => None,
        }
    }

    /// The offers that are open.
    pub fn offers(&self) -> &[Offer] {
        match &self.state {
            CaseState::InNegotiation { offers, .. } | CaseState::InMediation { offers, .. } => {
                offers
            }
            CaseState::NegotiationFailed {
                offer_open: Some(offer),
                ..
            } => std::slice::from_ref(offer),
            _ => &[],
        }
    }
}

/// Both sides of a dispute, without the mediator.
pub const PARTIES: [Side; 2] = [Side::Consumer, Side::Enterprise];
