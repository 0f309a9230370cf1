//! `Debug` of messages that hold personal data, free text or a secret: ids and codes only, so that no log line can leak.

use std::fmt;

use crate::odr::{intake, mediation, routing};

/// Prints the named fields; everything else of the message stays out.
macro_rules! shows_only {
    ($($message:path { $($field:ident),* };)+) => {
        $(impl fmt::Debug for $message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($message))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        })+
    };
}

shows_only! {
    intake::v1::Party { party_ref };
    intake::v1::RespondentDescription { uscc, role };
    intake::v1::ComplaintForm { problem, category, channel };
    intake::v1::ComplaintText { text_id };
    intake::v1::Complaint { case_id, version, state };
    intake::v1::ComplaintSummary { case_id, version, state };
    intake::v1::FileComplaintRequest { request_id, form };
    intake::v1::FileComplaintResponse { case_id, version };
    intake::v1::RequestWithdrawalRequest { request_id, case_id, min_version, reason };
    intake::v1::GetProgressRequest { min_version };
    routing::v1::RefuseHeldCaseRequest { request_id, case_id, min_version, ground };
    routing::v1::SuspendEnterpriseRequest { request_id, uscc };
    routing::v1::RemoveEnterpriseRequest { request_id, uscc };
    mediation::v1::OfferedTerms { reliefs, payer, perform_by };
    mediation::v1::AnswerNegotiationRequest { request_id, case_id, min_version, machine };
    mediation::v1::RejectProposalRequest { request_id, case_id, min_version, proposal_id };
    mediation::v1::ReportHandlingRequest { request_id, case_id, min_version };
    mediation::v1::DeclineNegotiationRequest { request_id, case_id, min_version, reason };
    mediation::v1::RefuseComplaintRequest { request_id, case_id, min_version, ground };
    mediation::v1::ReturnCaseRequest { request_id, case_id, min_version, reason };
    mediation::v1::ScheduleSessionRequest { request_id, case_id, min_version, online };
    mediation::v1::EndMediationRequest { request_id, case_id, min_version, ground };
    mediation::v1::RecordMediationRequest { request_id, case_id, min_version };
    mediation::v1::ReportBreachRequest { request_id, case_id, min_version };
    mediation::v1::Text { text_id, case_id };
}
