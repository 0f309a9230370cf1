//! Why a command is refused: one closed list. Services never render its text, clients do.

use crate::coded::coded;

coded! {
    /// What was wrong.
    pub enum Reason {
        /// The case's state does not take this command.
        WrongState => "WRONG_STATE",
        /// The case is closed.
        CaseClosed => "CASE_CLOSED",
        /// The actor's kind may not do this.
        ActorNotPermitted => "ACTOR_NOT_PERMITTED",
        /// The case is not the actor's.
        NotPartyToCase => "NOT_PARTY_TO_CASE",
        /// The case is held by another authority.
        NotHolder => "NOT_HOLDER",
        /// This service does not own the case's state.
        NotOwner => "NOT_OWNER",
        /// The case exists already.
        CaseExists => "CASE_EXISTS",
        /// Filings that contain a report are not taken yet.
        ReportNotSupported => "REPORT_NOT_SUPPORTED",
        /// Joint complaints are not taken yet.
        JointNotSupported => "JOINT_NOT_SUPPORTED",
        /// Complaints by an agent are not taken yet.
        AgentNotSupported => "AGENT_NOT_SUPPORTED",
        /// No such open proposal.
        ProposalNotOpen => "PROPOSAL_NOT_OPEN",
        /// The proposal's time has passed.
        ProposalExpired => "PROPOSAL_EXPIRED",
        /// Nobody accepts or rejects their own proposal.
        OwnProposal => "OWN_PROPOSAL",
        /// This side accepted the mediator's proposal before.
        ProposalAlreadyAccepted => "PROPOSAL_ALREADY_ACCEPTED",
        /// Terms are agreed; nothing more is proposed, accepted or rejected.
        TermsAlreadyAgreed => "TERMS_ALREADY_AGREED",
        /// No terms are agreed yet.
        TermsNotAgreed => "TERMS_NOT_AGREED",
        /// A date lies where it cannot (validity in the past, performance before today, session in the past).
        DateNotPossible => "DATE_NOT_POSSIBLE",
        /// A number lies outside what is possible: an amount that is negative, belongs to a relief that is no money or
        /// exceeds what was agreed; stars outside 1 to 5.
        AmountNotPossible => "AMOUNT_NOT_POSSIBLE",
        /// No relief, or too many.
        ReliefsNotPossible => "RELIEFS_NOT_POSSIBLE",
        /// Acknowledged before.
        AlreadyAcknowledged => "ALREADY_ACKNOWLEDGED",
        /// The document is not the one that was signed.
        DocumentDiffers => "DOCUMENT_DIFFERS",
        /// This side signed before.
        AlreadySigned => "ALREADY_SIGNED",
        /// This side waived before.
        AlreadyWaived => "ALREADY_WAIVED",
        /// Both sides must sign first.
        SignaturesMissing => "SIGNATURES_MISSING",
        /// The ground does not exist under the rules in force for this case.
        GroundNotInRuleSet => "GROUND_NOT_IN_RULE_SET",
        /// The ground is not for this command.
        GroundNotForCommand => "GROUND_NOT_FOR_COMMAND",
        /// The escalation window has passed.
        WindowPassed => "WINDOW_PASSED",
        /// The authority is not in the directory.
        AuthorityUnknown => "AUTHORITY_UNKNOWN",
        /// The authority is neither the holder nor below it.
        AuthorityNotBelowHolder => "AUTHORITY_NOT_BELOW_HOLDER",
        /// The authority has no superior to return to.
        NoSuperior => "NO_SUPERIOR",
        /// Performance was declared before.
        AlreadyDeclared => "ALREADY_DECLARED",
        /// It is not time yet.
        NotDue => "NOT_DUE",
        /// A breach can be reported from the performance date on.
        PerformanceNotDue => "PERFORMANCE_NOT_DUE",
        /// Rated before.
        AlreadyRated => "ALREADY_RATED",
        /// A withdrawal request is waiting for its answer.
        WithdrawalPending => "WITHDRAWAL_PENDING",
        /// No withdrawal request is waiting.
        NoWithdrawalPending => "NO_WITHDRAWAL_PENDING",
        /// The facts the command needs were not loaded.
        FactsMissing => "FACTS_MISSING",
    }
}

/// A refusal: the reason, and the values a client needs to word it. Never a person's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// What was wrong.
    pub reason: Reason,
    /// Names and values for the client's text.
    pub params: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal without parameters.
    pub const fn new(reason: Reason) -> Self {
        Self {
            reason,
            params: Vec::new(),
        }
    }

    /// Adds one parameter.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::new(reason)
    }
}
