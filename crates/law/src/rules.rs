//! The rule sets by date, the periods they give, and the settings for what they leave open.

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::period::{DayRange, Due, Period, due};

/// A version of the rules on complaints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleSet {
    /// Order 20 of the State Administration for Market Regulation, from 2020-01-01; earlier days use it too.
    Order20,
    /// Order 20 together with the Implementing Regulation of the Consumer Law, from 2024-07-01: mediation in 60 days.
    Order20Regulation,
    /// Order 121, from 2026-04-15.
    Order121,
}

impl RuleSet {
    /// Every rule set, oldest first.
    pub const ALL: [RuleSet; 3] = [
        RuleSet::Order20,
        RuleSet::Order20Regulation,
        RuleSet::Order121,
    ];

    /// The rule set in force on a day. Days before 2020-01-01 use Order 20 as well: no older rule is modelled.
    ///
    /// Order 121 has no transition clause: that the day of receipt decides is inferred.
    pub fn on(day: NaiveDate) -> RuleSet {
        RuleSet::ALL
            .into_iter()
            .rev()
            .find(|set| set.in_force_from() <= day)
            .unwrap_or(RuleSet::Order20)
    }

    /// The first day on which the set is in force.
    pub fn in_force_from(self) -> NaiveDate {
        let (year, month, day) = match self {
            RuleSet::Order20 => (2020, 1, 1),
            RuleSet::Order20Regulation => (2024, 7, 1),
            RuleSet::Order121 => (2026, 4, 15),
        };
        NaiveDate::from_ymd_opt(year, month, day).expect("three dates of the Gregorian calendar")
    }

    /// Name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            RuleSet::Order20 => "order_20",
            RuleSet::Order20Regulation => "order_20_regulation",
            RuleSet::Order121 => "order_121",
        }
    }

    /// The set with this name on the wire.
    pub fn from_code(code: &str) -> Option<RuleSet> {
        RuleSet::ALL.into_iter().find(|set| set.code() == code)
    }

    /// Time to accept or refuse, from receipt by the competent authority: 7 working days
    /// (Order 20 Art 14, Order 121 Art 15, Consumer Law Art 46).
    pub fn acceptance(self) -> Period {
        Period::WorkingDays(7)
    }

    /// Time in which mediation ends, from acceptance: 45 working days (Order 20 Art 21), or 60 days
    /// (Implementing Regulation Arts 43-47, Order 121 Art 23).
    pub fn mediation(self) -> Period {
        match self {
            RuleSet::Order20 => Period::WorkingDays(45),
            RuleSet::Order20Regulation | RuleSet::Order121 => Period::CalendarDays(60),
        }
    }

    /// Time to tell the parties that mediation has ended, from that decision: 7 working days.
    pub fn notice(self) -> Period {
        Period::WorkingDays(7)
    }
}

/// Settings for what the rules leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Time an ODR enterprise has to negotiate, from its receipt. 10 working days: a rule of the national platform.
    pub negotiation: Period,
    /// Time the consumer has to escalate, from the recorded failure. 15 days: inferred, no source.
    pub escalation_window: Period,
    /// Time after which a case held for routing is brought up for supervision. 3 working days: inferred, no source.
    pub routing: Period,
    /// Time after the day of performance at which an unconfirmed settlement is closed. 30 days: inferred, no source.
    pub performance_lapse: Period,
    /// Time an offer stays open if it names none. 5 working days: inferred, no source.
    pub offer_validity: Period,
    /// Time to perform if the terms name no day. 7 days: inferred from the refund limit of online returns.
    pub performance: Period,
    /// Whether a period of calendar days that ends on a plain weekend ends later. Order 121 Art 45 names statutory
    /// holidays only, so the default is no (inferred).
    pub roll_weekends: bool,
    /// Whether a rest day arranged around a festival counts as part of the statutory holiday for the end of a period.
    /// The default is yes (inferred: the offices are closed, and the later day harms nobody's right).
    pub roll_adjusted_rest: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            negotiation: Period::WorkingDays(10),
            escalation_window: Period::CalendarDays(15),
            routing: Period::WorkingDays(3),
            performance_lapse: Period::CalendarDays(30),
            offer_validity: Period::WorkingDays(5),
            performance: Period::CalendarDays(7),
            roll_weekends: false,
            roll_adjusted_rest: true,
        }
    }
}

/// What every due date is counted with: the calendar and the settings. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Law {
    /// Working days and holidays.
    pub calendar: Calendar,
    /// Settings for what the rules leave open.
    pub policy: Policy,
}

impl Default for Law {
    fn default() -> Self {
        Law {
            calendar: Calendar::built_in(),
            policy: Policy::default(),
        }
    }
}

impl Law {
    /// End of the enterprise's negotiation, from the day it receives the complaint.
    pub fn negotiation_due(&self, filed: NaiveDate, set: RuleSet) -> Due {
        due(filed, self.policy.negotiation, &[], set, self)
    }

    /// End of the consumer's time to escalate, from the day the failure was recorded.
    pub fn escalation_due(&self, failed: NaiveDate, set: RuleSet) -> Due {
        due(failed, self.policy.escalation_window, &[], set, self)
    }

    /// When a case held for routing since this day is overdue.
    pub fn routing_due(&self, held: NaiveDate, set: RuleSet) -> Due {
        due(held, self.policy.routing, &[], set, self)
    }

    /// End of the time to accept or refuse, from receipt by the competent authority.
    pub fn acceptance_due(&self, received: NaiveDate, set: RuleSet) -> Due {
        due(received, set.acceptance(), &[], set, self)
    }

    /// End of mediation, from acceptance; pauses are the days of appraisal or testing (Order 121 Art 22).
    pub fn mediation_due(&self, accepted: NaiveDate, set: RuleSet, pauses: &[DayRange]) -> Due {
        due(accepted, set.mediation(), pauses, set, self)
    }

    /// End of the time to give notice of a decision taken on this day.
    pub fn notice_due(&self, decided: NaiveDate, set: RuleSet) -> Due {
        due(decided, set.notice(), &[], set, self)
    }

    /// Until when an offer made on this day stays open if it names no day.
    pub fn offer_due(&self, proposed: NaiveDate, set: RuleSet) -> Due {
        due(proposed, self.policy.offer_validity, &[], set, self)
    }

    /// Until when terms agreed on this day are to be performed if they name no day.
    pub fn performance_due(&self, agreed: NaiveDate, set: RuleSet) -> Due {
        due(agreed, self.policy.performance, &[], set, self)
    }

    /// When a settlement that nobody confirmed or denied lapses, from its day of performance.
    pub fn performance_lapse_due(&self, perform_by: NaiveDate, set: RuleSet) -> Due {
        due(perform_by, self.policy.performance_lapse, &[], set, self)
    }
}
