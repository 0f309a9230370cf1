//! The gRPC service: a request is checked, becomes a command, goes to the writer, and the answer comes back.
//!
//! One function a command, in the modules of the `.proto` files; what all commands have in common is in [`asked`].

mod asked;
mod form;
mod handling;
mod negotiation;
mod reading;
mod settlement;

use case::Body;
use docket::clerk::body_hash;
use docket::{Clerk, Submission};
use law::Law;
use prost::Message;
use proto::mediation::v1::mediation_service_server::MediationService;
use proto::mediation::v1::*;
use proto::v1::{Case, CaseRevision};
use tonic::{Request, Response, Status};

use crate::desk::MediationDesk;
use crate::store::times::Times;
use asked::Asked;
use form::Form;

type Answer<M> = Result<Response<M>, Status>;

/// What handlers work with.
pub(crate) struct MediationApi {
    clerk: Clerk<MediationDesk>,
    times: Times,
    law: Law,
}

impl MediationApi {
    /// Handlers of a running engine.
    pub(crate) fn new(clerk: Clerk<MediationDesk>, times: Times, law: Law) -> Self {
        Self { clerk, times, law }
    }

    /// Carries a command out: the common fields, then what `read` makes of the others, then the writer.
    async fn take<R: Asked, M: Message + Default>(
        &self,
        request: Request<R>,
        read: impl FnOnce(R, &mut Form) -> Option<Body>,
    ) -> Answer<M> {
        let (_, extensions, request) = request.into_parts();
        let body_hash = body_hash(&request);
        let mut form = Form::default();
        let common = form.common(&request);
        let body = read(request, &mut form);
        let (body, texts) = form.finish(body)?;
        let submission = Submission {
            method: R::METHOD,
            request_id: common.request_id,
            body_hash,
            case_id: common.case_id,
            creates: false,
            min_version: common.min_version,
            etag: common.etag,
            body,
            texts,
            extra: (),
        };
        let answer = self.clerk.submit_for(&extensions, submission).await?;
        Ok(Response::new(answer))
    }
}

#[tonic::async_trait]
impl MediationService for MediationApi {
    async fn acknowledge_negotiation(
        &self,
        request: Request<AcknowledgeNegotiationRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, |_, _| Some(Body::AcknowledgeNegotiation))
            .await
    }

    async fn answer_negotiation(
        &self,
        request: Request<AnswerNegotiationRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, negotiation::answer).await
    }

    async fn propose_settlement(
        &self,
        request: Request<ProposeSettlementRequest>,
    ) -> Answer<ProposeSettlementResponse> {
        let usual = self.usual_performance(&request).await?;
        self.take(request, |request, form| {
            negotiation::propose(request, form, usual)
        })
        .await
    }

    async fn accept_proposal(
        &self,
        request: Request<AcceptProposalRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, negotiation::accept).await
    }

    async fn reject_proposal(
        &self,
        request: Request<RejectProposalRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, negotiation::reject).await
    }

    async fn report_handling(
        &self,
        request: Request<ReportHandlingRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, negotiation::report).await
    }

    async fn decline_negotiation(
        &self,
        request: Request<DeclineNegotiationRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, negotiation::decline).await
    }

    async fn end_negotiation(
        &self,
        request: Request<EndNegotiationRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, |_, _| Some(Body::EndNegotiation)).await
    }

    async fn escalate(&self, request: Request<EscalateRequest>) -> Answer<CaseRevision> {
        self.take(request, |_, _| Some(Body::Escalate)).await
    }

    async fn accept_complaint(
        &self,
        request: Request<AcceptComplaintRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, |_, _| Some(Body::AcceptComplaint)).await
    }

    async fn refuse_complaint(
        &self,
        request: Request<RefuseComplaintRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, handling::refuse).await
    }

    async fn return_case(&self, request: Request<ReturnCaseRequest>) -> Answer<CaseRevision> {
        self.take(request, handling::return_case).await
    }

    async fn schedule_session(
        &self,
        request: Request<ScheduleSessionRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, handling::schedule).await
    }

    async fn end_mediation(&self, request: Request<EndMediationRequest>) -> Answer<CaseRevision> {
        self.take(request, handling::end).await
    }

    async fn record_self_settlement(
        &self,
        request: Request<RecordSelfSettlementRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, |_, _| Some(Body::RecordSelfSettlement))
            .await
    }

    async fn sign_agreement(&self, request: Request<SignAgreementRequest>) -> Answer<CaseRevision> {
        self.take(request, settlement::sign).await
    }

    async fn seal_agreement(&self, request: Request<SealAgreementRequest>) -> Answer<CaseRevision> {
        self.take(request, settlement::seal).await
    }

    async fn waive_agreement(
        &self,
        request: Request<WaiveAgreementRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, |_, _| Some(Body::WaiveAgreement)).await
    }

    async fn record_mediation(
        &self,
        request: Request<RecordMediationRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, settlement::record).await
    }

    async fn declare_performance(
        &self,
        request: Request<DeclarePerformanceRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, settlement::declare).await
    }

    async fn confirm_performance(
        &self,
        request: Request<ConfirmPerformanceRequest>,
    ) -> Answer<CaseRevision> {
        self.take(request, settlement::confirm).await
    }

    async fn report_breach(&self, request: Request<ReportBreachRequest>) -> Answer<CaseRevision> {
        self.take(request, settlement::report_breach).await
    }

    async fn rate_handling(&self, request: Request<RateHandlingRequest>) -> Answer<CaseRevision> {
        self.take(request, settlement::rate).await
    }

    async fn get_case(&self, request: Request<GetCaseRequest>) -> Answer<Case> {
        self.case(request).await.map(Response::new)
    }

    async fn list_cases(&self, request: Request<ListCasesRequest>) -> Answer<ListCasesResponse> {
        self.cases(request).await.map(Response::new)
    }

    async fn list_case_events(
        &self,
        request: Request<ListCaseEventsRequest>,
    ) -> Answer<ListCaseEventsResponse> {
        self.events(request).await.map(Response::new)
    }

    async fn get_text(&self, request: Request<GetTextRequest>) -> Answer<Text> {
        self.text(request).await.map(Response::new)
    }
}
