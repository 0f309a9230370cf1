//! Reading cases, their archived events and their texts. Nobody reads what is not theirs.

mod lists;

use case::state::Service;
use case::{Actor, Case, Reason, Refusal};
use chassis::envelope::{Envelope, Kind, time_text};
use chassis::violations::Violations;
use chassis::{principal, status};
use docket::text::salted_hash;
use docket::work::actor;
use docket::{asking, error, read};
use proto::event::kind_of;
use proto::mediation::v1::*;
use proto::v1;
use tonic::{Extensions, Request, Status};

use super::MediationApi;
use crate::domain::access::may_read;
use crate::store::archive;

const PAGE: i32 = 50;
const LONGEST_PAGE: i32 = 200;

/// The caller.
fn caller(extensions: &Extensions) -> Result<Actor, Status> {
    Ok(actor(&principal::of(extensions)?))
}

fn denied(reason: Reason) -> Status {
    error::refused(Service::Mediation, &Refusal::new(reason))
}

impl MediationApi {
    pub(super) async fn case(&self, request: Request<GetCaseRequest>) -> Result<v1::Case, Status> {
        let (_, extensions, request) = request.into_parts();
        let mut violations = Violations::new();
        let case_id = asking::case_id(&mut violations, &request.case_id);
        violations.into_result()?;
        let by = caller(&extensions)?;
        let (case, position) = self
            .clerk
            .case(&extensions, case_id, request.min_version)
            .await?;
        may_read(&case, &by).map_err(denied)?;
        let now = self.times.now(&case.space).await.map_err(error::store)?;
        let allowed = case::lifecycle::allowed(&case, Some(&by), now);
        Ok(proto::view::case(&case, &position.etag(), &allowed))
    }

    pub(super) async fn events(
        &self,
        request: Request<ListCaseEventsRequest>,
    ) -> Result<ListCaseEventsResponse, Status> {
        let (_, extensions, request) = request.into_parts();
        let mut violations = Violations::new();
        let case_id = asking::case_id(&mut violations, &request.case_id);
        let size = asking::page_size(&mut violations, request.page_size, PAGE, LONGEST_PAGE);
        let skip = place_of(&request.page_token);
        violations.require(
            skip.is_some(),
            "page_token",
            "must be the token of the page before",
        );
        violations.into_result()?;
        let skip = skip.unwrap_or_default();
        let by = caller(&extensions)?;
        self.clerk
            .wait(&extensions, case_id, request.min_version)
            .await?;
        // A blocked case's events can still be read: they show why it is blocked.
        self.readable(case_id, &by).await?;
        let pool = self.clerk.pool();
        let mut events = archive::events(pool, case_id, skip, size + 1)
            .await
            .map_err(error::store)?;
        let page = usize::try_from(size).unwrap_or(usize::MAX);
        let more = events.len() > page;
        events.truncate(page);
        Ok(ListCaseEventsResponse {
            events: events.into_iter().map(archived).collect(),
            next_page_token: if more {
                (skip + size).to_string()
            } else {
                String::new()
            },
        })
    }

    pub(super) async fn text(&self, request: Request<GetTextRequest>) -> Result<Text, Status> {
        let (_, extensions, request) = request.into_parts();
        let mut violations = Violations::new();
        let text_id = asking::uuid(&mut violations, "text_id", &request.text_id);
        violations.into_result()?;
        let by = caller(&extensions)?;
        let kept = archive::text(self.clerk.pool(), text_id)
            .await
            .map_err(error::store)?
            .ok_or_else(|| status::not_found("text", text_id))?;
        self.readable(kept.subject, &by).await?;
        let text = kept.body.into_inner();
        Ok(Text {
            text_id: kept.id.to_string(),
            case_id: kept.subject.to_string(),
            hash: salted_hash(&kept.salt, &text).to_vec(),
            text,
            salt: kept.salt,
        })
    }

    /// A case that the caller may read.
    async fn readable(&self, case_id: uuid::Uuid, by: &Actor) -> Result<Case, Status> {
        let found = read::one(self.clerk.pool(), case_id).await?;
        let case = found
            .and_then(|found| found.case)
            .ok_or_else(|| status::not_found("case", case_id))?;
        may_read(&case, by).map_err(denied)?;
        Ok(case)
    }
}

/// How many events lie before a page.
fn place_of(token: &str) -> Option<i64> {
    match token {
        "" => Some(0),
        _ if token.len() > 9 => None,
        _ => token.parse().ok().filter(|skip| *skip > 0),
    }
}

fn archived(event: Envelope) -> ArchivedEvent {
    let kind = match event.kind {
        Kind::Decision => RecordKind::Decision,
        Kind::Notice => RecordKind::Notice,
    };
    ArchivedEvent {
        event_id: event.id.to_string(),
        time: time_text(event.time),
        subject: event.subject.to_string(),
        sequence: event.sequence,
        kind: kind.into(),
        chain: event.chain.to_vec().into(),
        event_kind: kind_of(&event.event_type).map_or(0, proto::wire::number),
        r#type: event.event_type,
        source: event.source,
        value: event.value,
    }
}
