//! The gRPC side: a request is checked, becomes a command or a read, and the outcome becomes a response.

mod answer;
mod caller;
mod evidence;
mod fields;
mod filing;
mod form;
mod list;
mod page_token;
mod person;
mod progress;
mod reading;
mod withdrawal;

use std::sync::Arc;

use chassis::config::Mode;
use docket::Clerk;
use law::directory::Directory;
use proto::intake::v1;
use proto::intake::v1::intake_service_server::IntakeService;
use proto::v1::CaseRevision;
use tonic::{Request, Response, Status};

use crate::desk::IntakeDesk;
use crate::domain::allowance::Allowances;
use crate::domain::progress_code::ProgressCodes;
use crate::serials::Serials;

/// What the handlers work with.
pub(crate) struct Parts {
    pub(crate) clerk: Clerk<IntakeDesk>,
    pub(crate) directory: Directory,
    pub(crate) progress_codes: Arc<ProgressCodes>,
    pub(crate) serials: Arc<Serials>,
    pub(crate) allowances: Allowances,
    pub(crate) mode: Mode,
    pub(crate) default_space: String,
    /// Time is stepped: it is asked of the store, by space.
    pub(crate) stepped: bool,
}

/// `odr.intake.v1.IntakeService`.
pub(crate) struct Api(Parts);

impl Api {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(parts)
    }
}

#[tonic::async_trait]
impl IntakeService for Api {
    async fn file_complaint(
        &self,
        request: Request<v1::FileComplaintRequest>,
    ) -> Result<Response<v1::FileComplaintResponse>, Status> {
        filing::file(&self.0, request).await.map(Response::new)
    }

    async fn get_complaint(
        &self,
        request: Request<v1::GetComplaintRequest>,
    ) -> Result<Response<v1::Complaint>, Status> {
        reading::get(&self.0, request).await.map(Response::new)
    }

    async fn list_complaints(
        &self,
        request: Request<v1::ListComplaintsRequest>,
    ) -> Result<Response<v1::ListComplaintsResponse>, Status> {
        list::list(&self.0, request).await.map(Response::new)
    }

    async fn request_withdrawal(
        &self,
        request: Request<v1::RequestWithdrawalRequest>,
    ) -> Result<Response<CaseRevision>, Status> {
        withdrawal::request(&self.0, request)
            .await
            .map(Response::new)
    }

    async fn add_evidence(
        &self,
        request: Request<v1::AddEvidenceRequest>,
    ) -> Result<Response<v1::AddEvidenceResponse>, Status> {
        evidence::add(&self.0, request).await.map(Response::new)
    }

    async fn get_progress(
        &self,
        request: Request<v1::GetProgressRequest>,
    ) -> Result<Response<v1::Progress>, Status> {
        progress::get(&self.0, request).await.map(Response::new)
    }
}
