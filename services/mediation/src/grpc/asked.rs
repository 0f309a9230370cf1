//! What every command request has: its id, its case, the version to wait for, the etag the caller saw.

use prost::Message;
use proto::mediation::v1::*;
use uuid::Uuid;

/// A command request.
pub(super) trait Asked: Message {
    /// The RPC's name, part of the key under which the answer is kept.
    const METHOD: &'static str;

    /// The common fields, as they came.
    fn fields(&self) -> Fields<'_>;
}

/// The common fields, as they came.
pub(super) struct Fields<'a> {
    pub(super) request_id: &'a str,
    pub(super) case_id: &'a str,
    pub(super) min_version: u64,
    pub(super) etag: &'a str,
}

/// The common fields, checked.
pub(super) struct Common {
    pub(super) request_id: String,
    pub(super) case_id: Uuid,
    pub(super) min_version: u64,
    pub(super) etag: Option<String>,
}

macro_rules! asked {
    ($($method:literal $request:ident)+) => {
        $(impl Asked for $request {
            const METHOD: &'static str = $method;

            fn fields(&self) -> Fields<'_> {
                Fields {
                    request_id: &self.request_id,
                    case_id: &self.case_id,
                    min_version: self.min_version,
                    etag: &self.etag,
                }
            }
        })+
    };
}

asked! {
    "AcknowledgeNegotiation" AcknowledgeNegotiationRequest
    "AnswerNegotiation" AnswerNegotiationRequest
    "ProposeSettlement" ProposeSettlementRequest
    "AcceptProposal" AcceptProposalRequest
    "RejectProposal" RejectProposalRequest
    "ReportHandling" ReportHandlingRequest
    "DeclineNegotiation" DeclineNegotiationRequest
    "EndNegotiation" EndNegotiationRequest
    "Escalate" EscalateRequest
    "AcceptComplaint" AcceptComplaintRequest
    "RefuseComplaint" RefuseComplaintRequest
    "ReturnCase" ReturnCaseRequest
    "ScheduleSession" ScheduleSessionRequest
    "EndMediation" EndMediationRequest
    "RecordSelfSettlement" RecordSelfSettlementRequest
    "SignAgreement" SignAgreementRequest
    "SealAgreement" SealAgreementRequest
    "WaiveAgreement" WaiveAgreementRequest
    "RecordMediation" RecordMediationRequest
    "DeclarePerformance" DeclarePerformanceRequest
    "ConfirmPerformance" ConfirmPerformanceRequest
    "ReportBreach" ReportBreachRequest
    "RateHandling" RateHandlingRequest
}
