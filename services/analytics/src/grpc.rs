//! The gRPC service: a request is checked, figures are read, and the answer says what it counts. There are no commands.

mod answer;
mod fields;

use case::state::Service;
use case::{Actor, ActorKind, Reason, Refusal};
use chassis::principal;
use chassis::violations::Violations;
use docket::work::actor;
use docket::{Clerk, asking, error};
use prost::Message;
use proto::analytics::v1::analytics_service_server::AnalyticsService;
use proto::analytics::v1::*;
use sha2::{Digest, Sha256};
use tonic::{Extensions, Request, Response, Status};

use crate::desk::AnalyticsDesk;
use crate::domain::access::may_read;
use crate::domain::figures::indicators;
use crate::domain::page::Cursor;
use crate::domain::selection::Selection;
use crate::store::{facts, figures};

const PAGE: i32 = 50;
const LONGEST_PAGE: i32 = 200;

type Answer<M> = Result<Response<M>, Status>;

/// What handlers work with.
pub(crate) struct AnalyticsApi {
    clerk: Clerk<AnalyticsDesk>,
}

impl AnalyticsApi {
    /// Handlers of a running engine.
    pub(crate) fn new(clerk: Clerk<AnalyticsDesk>) -> Self {
        Self { clerk }
    }

    /// The selection of a request, if the caller may read it.
    fn selected(
        &self,
        extensions: &Extensions,
        selection: Option<proto::analytics::v1::Selection>,
    ) -> Result<Selection, Status> {
        let mut violations = Violations::new();
        let selection = violations.within("selection", |violations| {
            fields::selection(violations, selection.unwrap_or_default())
        });
        violations.into_result()?;
        let by = caller(extensions)?;
        may_read(&by, selection.enterprise.as_deref()).map_err(denied)?;
        Ok(selection)
    }
}

#[tonic::async_trait]
impl AnalyticsService for AnalyticsApi {
    async fn get_totals(&self, request: Request<GetTotalsRequest>) -> Answer<Totals> {
        let (_, extensions, request) = request.into_parts();
        let selection = self.selected(&extensions, request.selection)?;
        let tally = figures::tally(self.clerk.pool(), &selection)
            .await
            .map_err(error::store)?;
        Ok(Response::new(answer::totals(&tally)))
    }

    async fn get_indicators(&self, request: Request<GetIndicatorsRequest>) -> Answer<Indicators> {
        let (_, extensions, request) = request.into_parts();
        let selection = self.selected(&extensions, request.selection)?;
        let (tally, days) = figures::tally_and_days(self.clerk.pool(), &selection)
            .await
            .map_err(error::store)?;
        Ok(Response::new(answer::indicators(&indicators(
            &tally, &days,
        ))))
    }

    async fn list_enterprise_stats(
        &self,
        request: Request<ListEnterpriseStatsRequest>,
    ) -> Answer<ListEnterpriseStatsResponse> {
        let (_, extensions, mut request) = request.into_parts();
        let mut violations = Violations::new();
        let size = asking::page_size(&mut violations, request.page_size, PAGE, LONGEST_PAGE);
        let token = std::mem::take(&mut request.page_token);
        request.page_size = 0;
        let question = digest(&request);
        let from = match token.as_str() {
            "" => Some(Cursor::start()),
            token => Cursor::read(token, question),
        };
        let rule = "must be the token of the page before, with the same filters";
        violations.require(from.is_some(), "page_token", rule);
        let (from_day, to_day) = fields::days(&mut violations, &request.from_day, &request.to_day);
        violations.into_result()?;
        may_read(&caller(&extensions)?, None).map_err(denied)?;
        let selection = Selection {
            from: from_day,
            to: to_day,
            ..Selection::default()
        };
        let from = from.unwrap_or_else(Cursor::start);
        let mut found = figures::enterprises(self.clerk.pool(), &selection, &from, size + 1)
            .await
            .map_err(error::store)?;
        let page = usize::try_from(size).unwrap_or(usize::MAX);
        let more = found.len() > page;
        found.truncate(page);
        let last = found.last().filter(|_| more);
        let next_page_token = last.map_or_else(String::new, |(place, _)| place.token(question));
        let stats = |(place, tally): &(Cursor, _)| EnterpriseStats {
            enterprise: place.enterprise.clone(),
            totals: Some(answer::totals(tally)),
        };
        Ok(Response::new(ListEnterpriseStatsResponse {
            enterprises: found.iter().map(stats).collect(),
            next_page_token,
        }))
    }

    async fn get_case_fact(&self, request: Request<GetCaseFactRequest>) -> Answer<CaseFact> {
        let (_, extensions, request) = request.into_parts();
        let mut violations = Violations::new();
        let case_id = asking::case_id(&mut violations, &request.case_id);
        violations.into_result()?;
        let by = caller(&extensions)?;
        if by.kind != ActorKind::Enterprise {
            may_read(&by, None).map_err(denied)?;
        }
        // The case itself says whether it is here, whether its version is, and whether it is blocked.
        let (case, position) = self
            .clerk
            .case(&extensions, case_id, request.min_version)
            .await?;
        let fact = facts::of(&case, &position);
        may_read(&by, Some(&fact.enterprise)).map_err(denied)?;
        Ok(Response::new(answer::case_fact(&fact)))
    }
}

fn caller(extensions: &Extensions) -> Result<Actor, Status> {
    Ok(actor(&principal::of(extensions)?))
}

fn denied(reason: Reason) -> Status {
    error::refused(Service::Analytics, &Refusal::new(reason))
}

/// Tells one list from another by its filters.
fn digest(filters: &ListEnterpriseStatsRequest) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::digest(filters.encode_to_vec()).into();
    *digest.first_chunk().expect("32 bytes begin with 8")
}
