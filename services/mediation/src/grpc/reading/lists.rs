//! Lists of cases: the filters, the page, and the cases of the page as they stand now.

use std::collections::HashMap;

use case::StateKind;
use chassis::principal;
use chassis::violations::Violations;
use chrono::Datelike;
use docket::work::actor;
use docket::{asking, error, read};
use prost::Message;
use proto::mediation::v1::{ListCasesRequest, ListCasesResponse};
use proto::wire;
use sha2::{Digest, Sha256};
use tonic::{Request, Status};

use super::{LONGEST_PAGE, PAGE, denied};
use crate::domain::filter::Filter;
use crate::domain::page::Cursor;
use crate::grpc::MediationApi;
use crate::store::pages;

/// What a list request asks, checked.
struct Question {
    filter: Filter,
    size: i64,
    from: Cursor,
    digest: [u8; 8],
}

impl MediationApi {
    pub(in crate::grpc) async fn cases(
        &self,
        request: Request<ListCasesRequest>,
    ) -> Result<ListCasesResponse, Status> {
        let (_, extensions, request) = request.into_parts();
        let principal = principal::of(&extensions)?;
        let question = question(request, &principal.key())?;
        let filter = &question.filter;
        let walk = filter.walk(&actor(&principal)).map_err(denied)?;
        let pool = self.clerk.pool();
        let mut places = pages::after(pool, &walk, filter, question.from, question.size + 1)
            .await
            .map_err(error::store)?;
        let page = usize::try_from(question.size).unwrap_or(usize::MAX);
        let more = places.len() > page;
        places.truncate(page);
        let wanted: Vec<_> = places.iter().map(|place| place.case_id).collect();
        let found = read::many(pool, &wanted).await?;
        let mut found: HashMap<_, _> = found.into_iter().map(|row| (row.subject, row)).collect();
        let cases = places
            .iter()
            .filter_map(|place| {
                let row = found.remove(&place.case_id)?;
                let case = row.case.filter(|case| filter.still_fits(case))?;
                Some(proto::view::summary(&case, &row.position.etag()))
            })
            .collect();
        let last = places.last().filter(|_| more);
        Ok(ListCasesResponse {
            cases,
            next_page_token: last.map_or_else(String::new, |last| last.token(question.digest)),
        })
    }
}

fn question(mut request: ListCasesRequest, asker: &str) -> Result<Question, Status> {
    let mut violations = Violations::new();
    let size = asking::page_size(&mut violations, request.page_size, PAGE, LONGEST_PAGE);
    let token = std::mem::take(&mut request.page_token);
    request.page_size = 0;
    let digest = digest(&request, asker);
    let from = match token.as_str() {
        "" => Some(Cursor::start()),
        token => Cursor::read(token, digest),
    };
    violations.require(
        from.is_some(),
        "page_token",
        "must be the token of the page before, with the same filters",
    );
    let filter = filter(request, &mut violations);
    violations.into_result()?;
    Ok(Question {
        filter,
        size,
        from: from.unwrap_or_else(Cursor::start),
        digest,
    })
}

fn filter(request: ListCasesRequest, violations: &mut Violations) -> Filter {
    let given = |text: String| (!text.is_empty()).then_some(text);
    let (enterprise, authority) = (given(request.enterprise), given(request.authority));
    violations.require(
        enterprise
            .as_deref()
            .is_none_or(|text| wire::uscc(text).is_some()),
        "enterprise",
        "must be a unified social credit code of 18 characters",
    );
    violations.require(
        authority
            .as_deref()
            .is_none_or(|text| wire::authority(text).is_some()),
        "authority",
        "must have 1 to 32 letters, digits or hyphens",
    );
    let due_before = request.due_before.as_ref().and_then(wire::instant);
    let due_before = due_before.filter(|at| at.year() >= 1990);
    violations.require(
        due_before.is_some() == request.due_before.is_some(),
        "due_before",
        "must be an instant from 1990 on",
    );
    Filter {
        enterprise,
        authority,
        states: states(&request.states, violations),
        due_before,
    }
}

fn states(numbers: &[i32], violations: &mut Violations) -> Vec<StateKind> {
    let all = StateKind::ALL;
    violations.count("states", numbers, 0, all.len());
    let mut states = Vec::new();
    for (place, number) in numbers.iter().take(all.len()).enumerate() {
        match wire::listed(*number) {
            Some(state) if !states.contains(&state) => states.push(state),
            Some(_) => {}
            None => violations.add(
                format_args!("states[{place}]"),
                "must be a value of the list",
            ),
        }
    }
    if numbers.is_empty() {
        all.to_vec()
    } else {
        states
    }
}

/// Tells one list from another: filters and who asks.
fn digest(filters: &ListCasesRequest, asker: &str) -> [u8; 8] {
    let mut digest = Sha256::new();
    digest.update(filters.encode_to_vec());
    digest.update(asker);
    let digest: [u8; 32] = digest.finalize().into();
    *digest.first_chunk().expect("32 bytes begin with 8")
}
