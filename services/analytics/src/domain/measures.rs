//! What is counted of cases: whole numbers that are added up, so that a case can be taken out of a sum again.

use case::milestones::{Handling, Negotiation};
use case::state::{FailedWhy, Outcome, Performed};
use case::terms::SettledHow;
use law::grounds::EndingGround;

use crate::domain::fact::{Fact, SettlementKind};

/// The most one case adds to what was recovered, in fen: what a complaint may be about. No two parties can make a sum overflow.
pub const MOST_RECOVERED_FEN: i64 = 1_000_000_000_000;

/// The measures: a struct, its names, and its values in the order of the names.
macro_rules! measures {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Sums over cases. The order is that of the columns of `analytics.rollups`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Measures { $($(#[doc = $doc])+ pub $name: i64,)+ }

        impl Measures {
            /// Names of the measures.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)+];
            /// How many there are.
            pub const COUNT: usize = Self::NAMES.len();

            /// The values in the order of the names.
            pub const fn values(&self) -> [i64; Self::COUNT] {
                [$(self.$name,)+]
            }

            /// The sum.
            #[must_use]
            pub const fn plus(&self, other: &Self) -> Self {
                Self { $($name: self.$name + other.$name,)+ }
            }

            /// The difference.
            #[must_use]
            pub const fn minus(&self, other: &Self) -> Self {
                Self { $($name: self.$name - other.$name,)+ }
            }
        }
    };
}

measures! {
    /// Complaints filed.
    filed,
    /// The last settlement is direct, with explanations at best.
    direct_explanation,
    /// The last settlement is direct, with no more than an answer.
    direct_closed,
    /// The last settlement is direct, with a relief that is no money.
    direct_non_monetary,
    /// The last settlement is direct, with money.
    direct_monetary,
    /// Given to an ODR enterprise.
    negotiated,
    /// Negotiations that ended, settled or failed or withdrawn.
    negotiations_ended,
    /// Of these, with a first answer in time.
    negotiations_answered,
    /// Negotiations that failed; a broken settlement is a failure too.
    negotiations_failed,
    /// Negotiations whose time passed.
    negotiations_expired,
    /// Of these, with the enterprise silent.
    negotiations_silent,
    /// Taken on to an authority.
    escalated,
    /// Held for a hand.
    held,
    /// Accepted or refused by the authority that received it.
    decided,
    /// Of these, before the day after the last day in time.
    decided_in_time,
    /// Accepted.
    accepted,
    /// The last settlement came about in mediation.
    mediated,
    /// Mediations that ended, agreed or not.
    mediations_ended,
    /// Of these, in time.
    mediations_in_time,
    /// Of these, because the parties settled themselves.
    self_settled,
    /// Of these, because the consumer withdrew.
    withdrawn_in_mediation,
    /// Closed: done.
    performed_yes,
    /// Closed: done in part.
    performed_partly,
    /// Closed: not done.
    performed_no,
    /// Closed: nobody said.
    performed_unknown,
    /// Rated.
    rated,
    /// Stars given.
    star_sum,
    /// Events.
    event_count,
    /// Days from filing to closing.
    handling_days_sum,
    /// Recovered as confirmed, in fen.
    recovered_fen,
}

impl Measures {
    /// What one case counts as.
    pub fn of(fact: &Fact) -> Self {
        let mut measures = Self {
            filed: 1,
            escalated: one(fact.milestones.escalated_at.is_some()),
            held: one(fact.held),
            rated: one(fact.stars > 0),
            star_sum: i64::from(fact.stars),
            event_count: fact.event_count,
            handling_days_sum: fact.handling_days().map_or(0, i64::from),
            recovered_fen: fact.recovered_fen.clamp(0, MOST_RECOVERED_FEN),
            ..Self::default()
        };
        measures.settlement(fact);
        measures.performance(fact.performed);
        if let Some(negotiation) = &fact.milestones.negotiation {
            measures.negotiation(negotiation);
        }
        if let Some(handling) = &fact.milestones.handling {
            measures.handling(handling);
            measures.ending_of_mediation(fact, handling);
        }
        measures
    }

    /// Whether nothing is counted.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// Settled directly, by whatever kind of answer.
    pub const fn settled_directly(&self) -> i64 {
        self.direct_explanation
            + self.direct_closed
            + self.direct_non_monetary
            + self.direct_monetary
    }

    /// Counts the last settlement, from the moment it is reached: whether it is performed changes nothing here.
    fn settlement(&mut self, fact: &Fact) {
        let how = fact.milestones.settlement.as_ref().map(|last| last.how);
        let count = match (how, fact.settlement) {
            (Some(SettledHow::Mediated), _) => &mut self.mediated,
            (Some(SettledHow::Direct), Some(kind)) => match kind {
                SettlementKind::Explanation => &mut self.direct_explanation,
                SettlementKind::Closed => &mut self.direct_closed,
                SettlementKind::NonMonetary => &mut self.direct_non_monetary,
                SettlementKind::Monetary => &mut self.direct_monetary,
            },
            _ => return,
        };
        *count = 1;
    }

    fn performance(&mut self, performed: Option<Performed>) {
        let count = match performed {
            Some(Performed::Yes) => &mut self.performed_yes,
            Some(Performed::Partly) => &mut self.performed_partly,
            Some(Performed::No) => &mut self.performed_no,
            Some(Performed::Unknown) => &mut self.performed_unknown,
            Some(Performed::NotApplicable) | None => return,
        };
        *count = 1;
    }

    fn negotiation(&mut self, negotiation: &Negotiation) {
        self.negotiated = 1;
        let Some(ended_at) = negotiation.ended_at else {
            return;
        };
        let due = negotiation.due.at;
        self.negotiations_ended = 1;
        self.negotiations_answered = one(negotiation.answered_at.is_some_and(|at| at < due));
        self.negotiations_failed = one(negotiation.failed.is_some());
        // A passed deadline ends a negotiation before anything else can, so nothing but expiry ends one late. The reason
        // of the failure would forget it: an offer accepted after expiry and then broken fails a second time.
        self.negotiations_expired = one(ended_at >= due);
        self.negotiations_silent = one(negotiation.failed == Some(FailedWhy::EnterpriseSilent));
    }

    fn handling(&mut self, handling: &Handling) {
        self.accepted = one(handling.accepted_at.is_some());
        if let Some(decided_at) = handling.decided_at {
            self.decided = 1;
            self.decided_in_time = one(decided_at < handling.decide_by.at);
        }
        if let Some(ended_at) = handling.ended_at {
            let due = handling.mediation_due.as_ref();
            self.mediations_ended = 1;
            self.mediations_in_time = one(due.is_none_or(|due| ended_at < due.at));
        }
    }

    fn ending_of_mediation(&mut self, fact: &Fact, handling: &Handling) {
        let ground = EndingGround::WithdrawnOrSelfSettled;
        let on_that_ground = fact.outcome == Some(Outcome::MediationEnded(ground));
        if on_that_ground && handling.ended_at.is_some() {
            self.self_settled = one(fact.self_settled);
            self.withdrawn_in_mediation = one(!fact.self_settled);
        }
    }
}

const fn one(holds: bool) -> i64 {
    holds as i64
}
