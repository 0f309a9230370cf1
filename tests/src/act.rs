//! What people can do to a case: each act is one call.

use proto::intake::v1::{AddEvidenceRequest, RequestWithdrawalRequest};
use proto::mediation::v1::*;
use proto::routing::v1::{RefuseHeldCaseRequest, RouteByHandRequest};
use proto::v1::{
    CaseRevision, DeclineReason, EndingGround, Payer, Performed, RefusalGround, Relief, ReliefKind,
    ReturnReason, WithdrawalReason,
};
use sha2::{Digest, Sha256};
use tonic::{Response, Status};

use crate::clients::Clients;

/// What parties write, and what officials do.
pub(crate) const TEXT: &str = "We looked into it.";
pub(crate) const REASONS: &str = "The reasons are these.";

/// What is offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What is given.
    pub relief: ReliefKind,
    /// How much, in fen.
    pub fen: i64,
    /// Last day to perform, YYYY-MM-DD; empty: the usual time.
    pub perform_by: String,
}

impl Offer {
    /// Money back, within the usual time.
    pub fn refund(fen: i64) -> Offer {
        Offer {
            relief: ReliefKind::Refund,
            fen,
            perform_by: String::new(),
        }
    }

    /// No more than an explanation.
    pub fn explanation() -> Offer {
        Offer {
            relief: ReliefKind::Explanation,
            fen: 0,
            perform_by: String::new(),
        }
    }

    /// To be performed by this day.
    #[must_use]
    pub fn by_day(mut self, day: &str) -> Offer {
        day.clone_into(&mut self.perform_by);
        self
    }
}

/// An act, without who does it and to which case.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is the RPC of its name")]
pub enum Act {
    Acknowledge,
    Answer,
    Propose(Offer),
    /// The proposal that was made last.
    Accept,
    Reject,
    Report,
    Decline(DeclineReason),
    EndNegotiation,
    Escalate,
    AcceptComplaint,
    Refuse(RefusalGround),
    Return(ReturnReason),
    EndMediation(EndingGround),
    RecordSelfSettlement,
    /// A document that is the case's own.
    Sign,
    Seal,
    Waive,
    Record,
    Declare,
    Confirm(Performed, i64),
    ReportBreach,
    Rate(u32),
    AskWithdrawal(WithdrawalReason),
    AddEvidence,
    RouteByHand(String),
    RefuseHeld(RefusalGround),
}

/// What every command has in common.
#[derive(Clone, Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) clients: &'a Clients,
    pub(crate) who: String,
    pub(crate) request_id: String,
    pub(crate) case_id: String,
    pub(crate) min_version: u64,
    /// The proposal that was made last.
    pub(crate) proposal_id: String,
}

/// What an act was answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answered {
    pub(crate) case: CaseRevision,
    /// Of a proposal.
    pub(crate) proposal_id: Option<String>,
}

/// One call: the request's common fields, then its own.
macro_rules! call {
    ($asking:ident, $service:ident . $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        let request = $request {
            request_id: $asking.request_id,
            case_id: $asking.case_id,
            min_version: $asking.min_version,
            etag: String::new(),
            $($field: $value),*
        };
        let mut client = $asking.clients.$service.clone();
        client.$rpc($asking.clients.by(&$asking.who, request)).await.map(Response::into_inner)
    }};
}

pub(crate) async fn act(asking: Asking<'_>, act: Act) -> Result<Answered, Status> {
    match act {
        Act::Propose(offer) => propose(asking, offer).await,
        Act::AddEvidence => add_evidence(asking).await,
        Act::AskWithdrawal(_) | Act::RouteByHand(_) | Act::RefuseHeld(_) => {
            elsewhere(asking, act).await.map(plain)
        }
        Act::Acknowledge
        | Act::Answer
        | Act::Accept
        | Act::Reject
        | Act::Report
        | Act::Decline(_)
        | Act::EndNegotiation
        | Act::Escalate => negotiate(asking, act).await.map(plain),
        _ => handle(asking, act).await.map(plain),
    }
}

fn plain(case: CaseRevision) -> Answered {
    Answered {
        case,
        proposal_id: None,
    }
}

async fn elsewhere(asking: Asking<'_>, act: Act) -> Result<CaseRevision, Status> {
    let text = REASONS.to_owned();
    match act {
        Act::AskWithdrawal(reason) => {
            call!(
                asking,
                intake.request_withdrawal,
                RequestWithdrawalRequest {
                    reason: reason.into(),
                    text: String::new()
                }
            )
        }
        Act::RouteByHand(authority) => call!(
            asking,
            routing.route_by_hand,
            RouteByHandRequest {
                authority: authority
            }
        ),
        Act::RefuseHeld(ground) => {
            call!(
                asking,
                routing.refuse_held_case,
                RefuseHeldCaseRequest {
                    ground: ground.into(),
                    text: text
                }
            )
        }
        other => Err(Status::unimplemented(format!("{other:?}"))),
    }
}

async fn negotiate(asking: Asking<'_>, act: Act) -> Result<CaseRevision, Status> {
    let proposal_id = asking.proposal_id.clone();
    let text = || TEXT.to_owned();
    match act {
        Act::Acknowledge => call!(
            asking,
            mediation.acknowledge_negotiation,
            AcknowledgeNegotiationRequest {}
        ),
        Act::Answer => call!(
            asking,
            mediation.answer_negotiation,
            AnswerNegotiationRequest {
                text: text(),
                machine: false
            }
        ),
        Act::Accept => call!(
            asking,
            mediation.accept_proposal,
            AcceptProposalRequest {
                proposal_id: proposal_id
            }
        ),
        Act::Reject => call!(
            asking,
            mediation.reject_proposal,
            RejectProposalRequest {
                proposal_id: proposal_id,
                text: text()
            }
        ),
        Act::Report => {
            let handled_at = Some(prost_types::Timestamp {
                seconds: 1_000_000_000,
                nanos: 0,
            });
            call!(
                asking,
                mediation.report_handling,
                ReportHandlingRequest {
                    handled_at: handled_at,
                    course: text(),
                    method: text(),
                    result: text(),
                }
            )
        }
        Act::Decline(reason) => {
            call!(
                asking,
                mediation.decline_negotiation,
                DeclineNegotiationRequest {
                    reason: reason.into(),
                    text: text()
                }
            )
        }
        Act::EndNegotiation => call!(asking, mediation.end_negotiation, EndNegotiationRequest {}),
        Act::Escalate => call!(asking, mediation.escalate, EscalateRequest {}),
        other => Err(Status::unimplemented(format!("{other:?}"))),
    }
}

async fn handle(asking: Asking<'_>, act: Act) -> Result<CaseRevision, Status> {
    let document = || Sha256::digest(asking.case_id.as_bytes()).to_vec();
    let text = || REASONS.to_owned();
    match act {
        Act::AcceptComplaint => call!(
            asking,
            mediation.accept_complaint,
            AcceptComplaintRequest {}
        ),
        Act::Refuse(ground) => {
            call!(
                asking,
                mediation.refuse_complaint,
                RefuseComplaintRequest {
                    ground: ground.into(),
                    text: text()
                }
            )
        }
        Act::Return(reason) => {
            call!(
                asking,
                mediation.return_case,
                ReturnCaseRequest {
                    reason: reason.into(),
                    text: text()
                }
            )
        }
        Act::EndMediation(ground) => {
            call!(
                asking,
                mediation.end_mediation,
                EndMediationRequest {
                    ground: ground.into(),
                    text: text()
                }
            )
        }
        Act::RecordSelfSettlement => call!(
            asking,
            mediation.record_self_settlement,
            RecordSelfSettlementRequest {}
        ),
        Act::Sign => {
            let document = document();
            call!(
                asking,
                mediation.sign_agreement,
                SignAgreementRequest { document: document }
            )
        }
        Act::Seal => {
            let document = document();
            call!(
                asking,
                mediation.seal_agreement,
                SealAgreementRequest { document: document }
            )
        }
        Act::Waive => call!(asking, mediation.waive_agreement, WaiveAgreementRequest {}),
        Act::Record => call!(
            asking,
            mediation.record_mediation,
            RecordMediationRequest { text: text() }
        ),
        Act::Declare => call!(
            asking,
            mediation.declare_performance,
            DeclarePerformanceRequest {
                evidence_id: String::new()
            }
        ),
        Act::Confirm(performed, fen) => {
            call!(
                asking,
                mediation.confirm_performance,
                ConfirmPerformanceRequest {
                    performed: performed.into(),
                    recovered_fen: fen,
                }
            )
        }
        Act::ReportBreach => call!(
            asking,
            mediation.report_breach,
            ReportBreachRequest {
                text: String::new()
            }
        ),
        Act::Rate(stars) => call!(
            asking,
            mediation.rate_handling,
            RateHandlingRequest { stars: stars }
        ),
        other => Err(Status::unimplemented(format!("{other:?}"))),
    }
}

async fn propose(asking: Asking<'_>, offer: Offer) -> Result<Answered, Status> {
    let terms = OfferedTerms {
        reliefs: vec![Relief {
            kind: offer.relief.into(),
            amount_fen: offer.fen,
        }],
        payer: Payer::Enterprise.into(),
        perform_by: offer.perform_by,
        text: String::new(),
    };
    let proposed = call!(
        asking,
        mediation.propose_settlement,
        ProposeSettlementRequest {
            terms: Some(terms),
            valid_until: None,
        }
    )?;
    Ok(Answered {
        case: proposed.case.unwrap_or_default(),
        proposal_id: Some(proposed.proposal_id),
    })
}

async fn add_evidence(asking: Asking<'_>) -> Result<Answered, Status> {
    let hash = Sha256::digest(asking.request_id.as_bytes()).to_vec();
    let added = call!(
        asking,
        intake.add_evidence,
        AddEvidenceRequest {
            hash: hash,
            media_type: "image/png".to_owned(),
            size_bytes: 1_000,
        }
    )?;
    Ok(plain(added.case.unwrap_or_default()))
}
