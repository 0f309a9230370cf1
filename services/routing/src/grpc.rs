//! The gRPC service: request, checks, command, answer; nothing else.

mod cases;
mod enterprises;
mod page;
mod places;

use std::sync::Arc;

use chassis::config::Mode;
use docket::Clerk;
use law::directory::Directory;
use proto::routing::v1::routing_service_server::RoutingService;
use proto::routing::v1::{
    AdmitEnterpriseRequest, AuthorityRecord, Enterprise, GetAuthorityRequest, GetCaseRequest,
    GetEnterpriseRequest, GetRegionRequest, ListAuthoritiesRequest, ListAuthoritiesResponse,
    ListEnterprisesRequest, ListEnterprisesResponse, ListHeldCasesRequest, ListHeldCasesResponse,
    RefuseHeldCaseRequest, Region, RegisterEnterpriseRequest, RemoveEnterpriseRequest,
    RouteByHandRequest, SuspendEnterpriseRequest,
};
use proto::v1::{Case, CaseRevision};
use tonic::{Request, Response, Status};

use crate::desk::RoutingDesk;
use crate::registry::Registry;

/// What the handlers work with.
pub(crate) struct Routing {
    pub(crate) clerk: Clerk<RoutingDesk>,
    pub(crate) registry: Registry,
    pub(crate) directory: Arc<Directory>,
    pub(crate) mode: Mode,
}

#[tonic::async_trait]
impl RoutingService for Routing {
    async fn route_by_hand(
        &self,
        request: Request<RouteByHandRequest>,
    ) -> Result<Response<CaseRevision>, Status> {
        cases::route_by_hand(self, request).await.map(Response::new)
    }

    async fn refuse_held_case(
        &self,
        request: Request<RefuseHeldCaseRequest>,
    ) -> Result<Response<CaseRevision>, Status> {
        cases::refuse_held(self, request).await.map(Response::new)
    }

    async fn list_held_cases(
        &self,
        request: Request<ListHeldCasesRequest>,
    ) -> Result<Response<ListHeldCasesResponse>, Status> {
        cases::list_held(self, request).await.map(Response::new)
    }

    async fn get_case(&self, request: Request<GetCaseRequest>) -> Result<Response<Case>, Status> {
        cases::get(self, request).await.map(Response::new)
    }

    async fn get_authority(
        &self,
        request: Request<GetAuthorityRequest>,
    ) -> Result<Response<AuthorityRecord>, Status> {
        places::authority(self, request).await.map(Response::new)
    }

    async fn list_authorities(
        &self,
        request: Request<ListAuthoritiesRequest>,
    ) -> Result<Response<ListAuthoritiesResponse>, Status> {
        places::authorities(self, request).await.map(Response::new)
    }

    async fn get_region(
        &self,
        request: Request<GetRegionRequest>,
    ) -> Result<Response<Region>, Status> {
        places::region(self, &request).map(Response::new)
    }

    async fn register_enterprise(
        &self,
        request: Request<RegisterEnterpriseRequest>,
    ) -> Result<Response<Enterprise>, Status> {
        enterprises::register(self, request)
            .await
            .map(Response::new)
    }

    async fn admit_enterprise(
        &self,
        request: Request<AdmitEnterpriseRequest>,
    ) -> Result<Response<Enterprise>, Status> {
        enterprises::admit(self, request).await.map(Response::new)
    }

    async fn suspend_enterprise(
        &self,
        request: Request<SuspendEnterpriseRequest>,
    ) -> Result<Response<Enterprise>, Status> {
        enterprises::suspend(self, request).await.map(Response::new)
    }

    async fn remove_enterprise(
        &self,
        request: Request<RemoveEnterpriseRequest>,
    ) -> Result<Response<Enterprise>, Status> {
        enterprises::remove(self, request).await.map(Response::new)
    }

    async fn get_enterprise(
        &self,
        request: Request<GetEnterpriseRequest>,
    ) -> Result<Response<Enterprise>, Status> {
        enterprises::get(self, request).await.map(Response::new)
    }

    async fn list_enterprises(
        &self,
        request: Request<ListEnterprisesRequest>,
    ) -> Result<Response<ListEnterprisesResponse>, Status> {
        enterprises::list(self, request).await.map(Response::new)
    }
}
