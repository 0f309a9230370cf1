//! Grounds for refusing a complaint and for ending mediation: symbolic, since their numbers differ by rule set.

use crate::rules::RuleSet;

/// Why a complaint is not accepted (Order 20 Art 15, Order 121 Art 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalGround {
    /// Not among the duties of market regulation, or no competence.
    OutsideCompetence,
    /// The same dispute is or was before a court, arbitration, a regulator or other agency, or a consumer association.
    AlreadyHandled,
    /// Not bought for daily consumption, or no dispute with the respondent shown.
    NotDailyConsumption,
    /// More than three years since the consumer knew or should have known.
    OverThreeYears,
    /// Required material is missing or false.
    MaterialMissingOrFalse,
    /// Another person's name was used, or the identity check refused; only from Order 121.
    IdentityMisused,
    /// Another law, regulation or rule says so.
    OtherLaw,
}

impl RefusalGround {
    /// Every ground in the order of Order 121.
    pub const ALL: [RefusalGround; 7] = [
        RefusalGround::OutsideCompetence,
        RefusalGround::AlreadyHandled,
        RefusalGround::NotDailyConsumption,
        RefusalGround::OverThreeYears,
        RefusalGround::MaterialMissingOrFalse,
        RefusalGround::IdentityMisused,
        RefusalGround::OtherLaw,
    ];

    /// The item number in the article of a rule set; `None` where the set does not have the ground.
    pub fn number_in(self, set: RuleSet) -> Option<u8> {
        position(&Self::ALL, self, RefusalGround::IdentityMisused, set)
    }

    /// Name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            RefusalGround::OutsideCompetence => "outside_competence",
            RefusalGround::AlreadyHandled => "already_handled",
            RefusalGround::NotDailyConsumption => "not_daily_consumption",
            RefusalGround::OverThreeYears => "over_three_years",
            RefusalGround::MaterialMissingOrFalse => "material_missing_or_false",
            RefusalGround::IdentityMisused => "identity_misused",
            RefusalGround::OtherLaw => "other_law",
        }
    }

    /// The ground with this name on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.code() == code)
    }
}

/// Why mediation ends without an agreement (Order 20 Art 21, Order 121 Art 23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndingGround {
    /// The complaint is withdrawn, or the parties settle themselves.
    WithdrawnOrSelfSettled,
    /// A party stays away without good reason, or clearly refuses mediation.
    PartyAbsentOrRefuses,
    /// After mediation a party states that no agreement is possible.
    NoAgreementPossible,
    /// The parties do not agree who pays for the appraisal.
    NoAgreementOnAppraisalCost,
    /// No agreement within the time of mediation.
    TimeExpired,
    /// A case comes to light that should have been refused.
    RefusalCaseFound,
    /// A party dies or ceases to exist; only from Order 121.
    PartyGone,
    /// Another law, regulation or rule says so.
    OtherLaw,
}

impl EndingGround {
    /// Every ground in the order of Order 121.
    pub const ALL: [EndingGround; 8] = [
        EndingGround::WithdrawnOrSelfSettled,
        EndingGround::PartyAbsentOrRefuses,
        EndingGround::NoAgreementPossible,
        EndingGround::NoAgreementOnAppraisalCost,
        EndingGround::TimeExpired,
        EndingGround::RefusalCaseFound,
        EndingGround::PartyGone,
        EndingGround::OtherLaw,
    ];

    /// The item number in the article of a rule set; `None` where the set does not have the ground.
    pub fn number_in(self, set: RuleSet) -> Option<u8> {
        position(&Self::ALL, self, EndingGround::PartyGone, set)
    }

    /// Name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            EndingGround::WithdrawnOrSelfSettled => "withdrawn_or_self_settled",
            EndingGround::PartyAbsentOrRefuses => "party_absent_or_refuses",
            EndingGround::NoAgreementPossible => "no_agreement_possible",
            EndingGround::NoAgreementOnAppraisalCost => "no_agreement_on_appraisal_cost",
            EndingGround::TimeExpired => "time_expired",
            EndingGround::RefusalCaseFound => "refusal_case_found",
            EndingGround::PartyGone => "party_gone",
            EndingGround::OtherLaw => "other_law",
        }
    }

    /// The ground with this name on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.code() == code)
    }
}

/// Place of a ground from 1 among those the set has; `newest` is the one that only Order 121 has.
fn position<G: Copy + PartialEq>(all: &[G], ground: G, newest: G, set: RuleSet) -> Option<u8> {
    let has_newest = set >= RuleSet::Order121;
    (1..)
        .zip(all.iter().filter(|&&other| has_newest || other != newest))
        .find_map(|(number, &other)| (other == ground).then_some(number))
}
