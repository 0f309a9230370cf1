//! What somebody asks for: the closed list of commands.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use law::directory::AuthorityId;
use law::grounds::{EndingGround, RefusalGround};
use uuid::Uuid;

use crate::actor::Actor;
use crate::filing::Filing;
use crate::ids::{CaseId, Fen, TextRef};
use crate::lifecycle::CommandKind;
use crate::state::{DeclineReason, Performed, ReturnReason, WithdrawalReason};
use crate::terms::Terms;

/// Who asks for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Who acts.
    pub by: Actor,
    /// What is asked for.
    pub body: Body,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// File a complaint (version 1).
    FileComplaint {
        /// The case's id.
        id: CaseId,
        /// Space of the case.
        space: String,
        /// What is filed.
        filing: Arc<Filing>,
    },
    /// Route by rule; needs `Facts::Route`.
    Route,
    /// Route by hand; needs `Facts::RouteByHand`.
    RouteByHand {
        /// To whom.
        authority: AuthorityId,
    },
    /// Deadline.
    MarkRoutingOverdue,
    /// The enterprise has seen it.
    AcknowledgeNegotiation,
    /// The enterprise answers.
    AnswerNegotiation {
        /// The answer.
        text: TextRef,
        /// By a machine.
        machine: bool,
    },
    /// An offer.
    ProposeSettlement {
        /// Its id.
        proposal: Uuid,
        /// What is offered.
        terms: Terms,
        /// Until when; the policy's validity when absent.
        valid_until: Option<DateTime<Utc>>,
    },
    /// Accept the other side's offer.
    AcceptProposal {
        /// Which.
        proposal: Uuid,
    },
    /// Reject the other side's offer.
    RejectProposal {
        /// Which.
        proposal: Uuid,
        /// Why.
        text: Option<TextRef>,
    },
    /// Deadline.
    ExpireProposal {
        /// Which.
        proposal: Uuid,
    },
    /// Time, course, method, result.
    ReportHandling {
        /// When it was handled.
        handled_at: DateTime<Utc>,
        /// Course.
        course: TextRef,
        /// Method.
        method: TextRef,
        /// Result.
        result: TextRef,
    },
    /// The enterprise declines.
    DeclineNegotiation {
        /// Why.
        reason: DeclineReason,
        /// In words.
        text: TextRef,
    },
    /// Deadline.
    ExpireNegotiation,
    /// The consumer ends the negotiation.
    EndNegotiation,
    /// On to an authority.
    Escalate,
    /// Deadline.
    CloseUnescalated,
    /// Accept (受理).
    AcceptComplaint,
    /// Do not accept (不予受理).
    RefuseComplaint {
        /// Ground.
        ground: RefusalGround,
        /// Reasons and other ways.
        text: TextRef,
    },
    /// Return to the superior's receiving unit.
    ReturnCase {
        /// Why.
        reason: ReturnReason,
        /// In words.
        text: Option<TextRef>,
    },
    /// Deadline.
    MarkAcceptanceOverdue,
    /// Schedule a session.
    ScheduleSession {
        /// When.
        at: DateTime<Utc>,
        /// Online.
        online: bool,
        /// Place or room.
        place: TextRef,
        /// Days to ask for recusal.
        recusal_days: u32,
    },
    /// End mediation.
    EndMediation {
        /// Ground.
        ground: EndingGround,
        /// Reasons.
        text: TextRef,
    },
    /// Deadline.
    MarkMediationOverdue,
    /// Sign the agreement.
    SignAgreement {
        /// Hash of the document that is signed.
        document: [u8; 32],
    },
    /// Seal the signed agreement.
    SealAgreement {
        /// Hash of the document that is sealed.
        document: [u8; 32],
    },
    /// Waive a written agreement.
    WaiveAgreement,
    /// Record the mediation instead of a written agreement.
    RecordMediation {
        /// The record.
        text: TextRef,
    },
    /// The parties settled themselves.
    RecordSelfSettlement,
    /// The enterprise says it has performed.
    DeclarePerformance {
        /// Evidence id.
        evidence: Option<Uuid>,
    },
    /// The consumer confirms performance.
    ConfirmPerformance {
        /// Yes or partly.
        performed: Performed,
        /// Recovered; at most the terms.
        recovered: Fen,
    },
    /// The consumer reports that it was not performed.
    ReportBreach {
        /// In words.
        text: Option<TextRef>,
    },
    /// Deadline.
    LapsePerformance,
    /// The consumer asks to withdraw (a notice).
    RequestWithdrawal {
        /// Why.
        reason: WithdrawalReason,
        /// In words.
        text: Option<TextRef>,
    },
    /// Answer a withdrawal request: withdraw. A step.
    Withdraw {
        /// Why.
        reason: WithdrawalReason,
    },
    /// Answer a withdrawal request that came after terms were agreed. A step.
    RefuseWithdrawal {
        /// The reason that was given for withdrawing.
        reason: WithdrawalReason,
    },
    /// Evidence (metadata; a notice).
    AddEvidence {
        /// Its id.
        evidence: Uuid,
        /// SHA-256 of the bytes.
        hash: [u8; 32],
        /// Media type.
        media_type: String,
        /// Bytes.
        size_bytes: u64,
    },
    /// Rate the handling.
    RateHandling {
        /// 1 to 5.
        stars: u8,
    },
}

impl Body {
    /// The command's kind, without its content.
    pub fn kind(&self) -> CommandKind {
        CommandKind::of(self)
    }
}
