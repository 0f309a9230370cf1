//! Closed lists of reasons and other words of a case.

use crate::coded::coded;

coded! {
    /// The services; the codes are the sources in the event log.
    pub enum Service {
        /// Takes submissions.
        Intake => "intake",
        /// Chooses every holder.
        Routing => "routing",
        /// Negotiation, authority handling, mediation, performance.
        Mediation => "mediation",
        /// Figures.
        Analytics => "analytics",
    }
}

coded! {
    /// Why a case waits for a hand that routes it.
    pub enum HoldReason {
        /// No authority covers the region.
        RegionNotCovered => "region_not_covered",
        /// The filing names no region that decides.
        RegionUnknown => "region_unknown",
        /// The authority that held it returned it.
        Returned => "returned",
    }
}

coded! {
    /// Why an authority returns a case to its superior's receiving unit (退回).
    pub enum ReturnReason {
        /// Not within its competence.
        NotCompetent => "not_competent",
        /// The address is unclear.
        AddressUnclear => "address_unclear",
        /// Something needed is missing.
        ElementMissing => "element_missing",
        /// A duplicate of another case.
        Duplicate => "duplicate",
        /// Another reason, told in the text.
        Other => "other",
    }
}

coded! {
    /// Why a negotiation failed.
    pub enum FailedWhy {
        /// No answer, proposal or handling report came; an acknowledgement alone is silence.
        EnterpriseSilent => "enterprise_silent",
        /// The parties talked, and time ran out.
        NotAgreedInTime => "not_agreed_in_time",
        /// The enterprise declined.
        Declined => "declined",
        /// The consumer ended it after an answer.
        ConsumerUnsatisfied => "consumer_unsatisfied",
        /// The last act was an enterprise's proposal, neither accepted nor rejected.
        ConsumerSilent => "consumer_silent",
        /// The consumer ended it before any answer.
        ConsumerLeftBeforeAnswer => "consumer_left_before_answer",
        /// The enterprise is not the one the dispute is with.
        WrongRespondent => "wrong_respondent",
        /// The enterprise left the ODR system.
        EnterpriseLeft => "enterprise_left",
        /// A direct settlement was not performed.
        Broken => "broken",
    }
}

coded! {
    /// Why an enterprise declines.
    pub enum DeclineReason {
        /// It does not agree with the claim.
        ClaimDisputed => "claim_disputed",
        /// It is not the respondent.
        WrongRespondent => "wrong_respondent",
        /// The dispute is handled elsewhere.
        HandledElsewhere => "handled_elsewhere",
        /// Another reason, told in the text.
        Other => "other",
    }
}

impl FailedWhy {
    /// How a negotiation fails that the enterprise declines.
    pub const fn of_decline(reason: DeclineReason) -> Self {
        match reason {
            DeclineReason::WrongRespondent => Self::WrongRespondent,
            _ => Self::Declined,
        }
    }
}

coded! {
    /// Why a consumer withdraws.
    pub enum WithdrawalReason {
        /// Settled outside the platform.
        SettledOutside => "settled_outside",
        /// Filed by mistake.
        Mistake => "mistake",
        /// Pressed by the operator.
        PressedByOperator => "pressed_by_operator",
        /// Another reason, told in the text.
        Other => "other",
    }
}

coded! {
    /// The last act in a negotiation.
    pub enum LastAct {
        /// The enterprise answered.
        EnterpriseAnswered => "enterprise_answered",
        /// The enterprise proposed.
        EnterpriseProposed => "enterprise_proposed",
        /// The enterprise rejected a proposal.
        EnterpriseRejected => "enterprise_rejected",
        /// The consumer proposed.
        ConsumerProposed => "consumer_proposed",
        /// The consumer rejected a proposal.
        ConsumerRejected => "consumer_rejected",
    }
}

coded! {
    /// Whether what was agreed was done.
    pub enum Performed {
        /// In full.
        Yes => "yes",
        /// In part.
        Partly => "partly",
        /// Not.
        No => "no",
        /// Nobody said.
        Unknown => "unknown",
        /// Nothing was agreed.
        NotApplicable => "not_applicable",
    }
}
