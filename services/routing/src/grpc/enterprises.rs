//! The registry of ODR enterprises.

use case::Uscc;
use chassis::config::Mode;
use chassis::principal;
use chassis::sensitive::Sensitive;
use chassis::status;
use chassis::violations::Violations;
use docket::asking;
use docket::clerk::body_hash;
use docket::work::actor;
use prost::Message;
use proto::routing::v1::{
    AdmitEnterpriseRequest, Enterprise, GetEnterpriseRequest, ListEnterprisesRequest,
    ListEnterprisesResponse, RegisterEnterpriseRequest, RemoveEnterpriseRequest,
    SuspendEnterpriseRequest,
};
use proto::wire;
use tonic::{Extensions, Request, Status};

use super::{Routing, page};
use crate::domain::access;
use crate::domain::enterprise::{Act, Application, Status as Standing};
use crate::error::{self, forbidden};
use crate::registry::Ask;
use crate::store::enterprises::{self as store, Filter};
use crate::store::record;

const USCC_RULE: &str =
    "must be a unified social credit code of 18 characters with its check character";
/// Between the parts of a place; no name holds it.
const PART: char = '\u{1f}';

pub(super) async fn register(
    routing: &Routing,
    request: Request<RegisterEnterpriseRequest>,
) -> Result<Enterprise, Status> {
    let (_, extensions, request) = request.into_parts();
    let hash = body_hash(&request);
    let request_id = request.request_id.clone();
    let mut violations = Violations::new();
    asking::request_id(&mut violations, &request_id);
    let application = application(&mut violations, routing, request);
    violations.into_result()?;
    let application =
        application.ok_or_else(|| status::defect("an application was checked and lost"))?;
    let uscc = application.uscc.clone();
    let asked = Asked {
        method: "RegisterEnterprise",
        request_id,
        hash,
        uscc,
        etag: String::new(),
        reason: None,
    };
    carry_out(routing, &extensions, asked, Act::Register(application)).await
}

/// Every field of an application; `None` after a violation.
fn application(
    violations: &mut Violations,
    routing: &Routing,
    request: RegisterEnterpriseRequest,
) -> Option<Application> {
    let uscc = uscc(violations, "uscc", &request.uscc);
    if violations.len("name", &request.name, 1, 200) {
        let is_name =
            !request.name.trim().is_empty() && !request.name.chars().any(char::is_control);
        violations.require(
            is_name,
            "name",
            "must not be blank or hold control characters",
        );
    }
    let region = wire::region(&request.region)
        .filter(|code| routing.directory.region(code.as_str()).is_some());
    violations.require(
        region.is_some(),
        "region",
        "must be a code of the directory",
    );
    let is_code = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    let fits = (1..=64).contains(&request.industry.len()) && is_code(&request.industry);
    violations.require(fits, "industry", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
    let named = Some(request.delegate_uscc.as_str()).filter(|text| !text.is_empty());
    let delegate = named.and_then(|text| self::uscc(violations, "delegate_uscc", text));
    violations.require(
        delegate.is_none() || delegate != uscc,
        "delegate_uscc",
        "must be another enterprise",
    );
    let is_allowed = !request.synthetic || routing.mode == Mode::Sandbox;
    violations.require(is_allowed, "synthetic", "must not be set in production");
    Some(Application {
        uscc: uscc?,
        name: request.name,
        region: region?,
        industry: request.industry,
        five_ones: record::five_ones_of(request.five_ones.unwrap_or_default()),
        delegate,
        synthetic: request.synthetic,
    })
}

pub(super) async fn admit(
    routing: &Routing,
    request: Request<AdmitEnterpriseRequest>,
) -> Result<Enterprise, Status> {
    let (_, extensions, request) = request.into_parts();
    let hash = body_hash(&request);
    let asked = asked(
        "AdmitEnterprise",
        hash,
        request.request_id,
        &request.uscc,
        request.etag,
        None,
    )?;
    carry_out(routing, &extensions, asked, Act::Admit).await
}

pub(super) async fn suspend(
    routing: &Routing,
    request: Request<SuspendEnterpriseRequest>,
) -> Result<Enterprise, Status> {
    let (_, extensions, request) = request.into_parts();
    let hash = body_hash(&request);
    let asked = asked(
        "SuspendEnterprise",
        hash,
        request.request_id,
        &request.uscc,
        request.etag,
        Some(request.reason),
    )?;
    carry_out(routing, &extensions, asked, Act::Suspend).await
}

pub(super) async fn remove(
    routing: &Routing,
    request: Request<RemoveEnterpriseRequest>,
) -> Result<Enterprise, Status> {
    let (_, extensions, request) = request.into_parts();
    let hash = body_hash(&request);
    let asked = asked(
        "RemoveEnterprise",
        hash,
        request.request_id,
        &request.uscc,
        request.etag,
        Some(request.reason),
    )?;
    carry_out(routing, &extensions, asked, Act::Remove).await
}

pub(super) async fn get(
    routing: &Routing,
    request: Request<GetEnterpriseRequest>,
) -> Result<Enterprise, Status> {
    let mut violations = Violations::new();
    let uscc = uscc(&mut violations, "uscc", &request.get_ref().uscc);
    violations.into_result()?;
    let uscc = uscc.ok_or_else(|| status::defect("a code was checked and lost"))?;
    let mut connection = routing
        .clerk
        .pool()
        .acquire()
        .await
        .map_err(docket::error::store)?;
    let found = store::get(&mut connection, &uscc)
        .await
        .map_err(docket::error::store)?;
    found
        .as_ref()
        .map(record::enterprise_message)
        .ok_or_else(|| status::not_found("enterprise", uscc))
}

pub(super) async fn list(
    routing: &Routing,
    request: Request<ListEnterprisesRequest>,
) -> Result<ListEnterprisesResponse, Status> {
    let request = request.into_inner();
    let mut violations = Violations::new();
    if violations.len("name_prefix", &request.name_prefix, 0, 200) {
        let is_name = !request.name_prefix.chars().any(char::is_control);
        violations.require(is_name, "name_prefix", "must not hold control characters");
    }
    let status = record::status_of(request.status);
    violations.require(
        request.status == 0 || status.is_some(),
        "status",
        "must be a status of the list",
    );
    let size = asking::page_size(&mut violations, request.page_size, 50, 200);
    let fingerprint = page::fingerprint(
        "ListEnterprises",
        &[&request.name_prefix, status.map_or("", Standing::code)],
    );
    let after = page::place(&mut violations, &fingerprint, &request.page_token, |text| {
        let (name_key, uscc) = text.split_once(PART)?;
        (!text.contains('\0')).then(|| (name_key.to_owned(), uscc.to_owned()))
    });
    violations.into_result()?;
    let filter = Filter {
        name_prefix: request.name_prefix,
        status,
    };
    let mut connection = routing
        .clerk
        .pool()
        .acquire()
        .await
        .map_err(docket::error::store)?;
    let mut found = store::list(&mut connection, &filter, after.as_ref(), size + 1)
        .await
        .map_err(docket::error::store)?;
    let more = page::cut(&mut found, size);
    let next_page_token = found
        .last()
        .filter(|_| more)
        .map_or_else(String::new, |last| {
            let said = &last.application;
            page::token(
                &fingerprint,
                &format!("{}{PART}{}", store::name_key(&said.name), said.uscc),
            )
        });
    Ok(ListEnterprisesResponse {
        enterprises: found.iter().map(record::enterprise_message).collect(),
        next_page_token,
    })
}

/// The checked fields that all acts share.
struct Asked {
    method: &'static str,
    request_id: String,
    hash: Vec<u8>,
    uscc: Uscc,
    etag: String,
    reason: Option<String>,
}

fn asked(
    method: &'static str,
    hash: Vec<u8>,
    request_id: String,
    code: &str,
    etag: String,
    reason: Option<String>,
) -> Result<Asked, Status> {
    let mut violations = Violations::new();
    asking::request_id(&mut violations, &request_id);
    let uscc = uscc(&mut violations, "uscc", code);
    asking::etag(
        &mut violations,
        Some(etag.as_str()).filter(|etag| !etag.is_empty()),
    );
    if let Some(reason) = &reason {
        asking::text(&mut violations, "reason", reason);
    }
    violations.into_result()?;
    let uscc = uscc.ok_or_else(|| status::defect("a code was checked and lost"))?;
    Ok(Asked {
        method,
        request_id,
        hash,
        uscc,
        etag,
        reason,
    })
}

async fn carry_out(
    routing: &Routing,
    extensions: &Extensions,
    asked: Asked,
    act: Act,
) -> Result<Enterprise, Status> {
    let principal = principal::of(extensions)?;
    if !access::may_keep_registry(&actor(&principal)) {
        return Err(forbidden("ACTOR_NOT_PERMITTED"));
    }
    let ask = Ask {
        principal,
        method: asked.method,
        request_id: asked.request_id,
        body_hash: asked.hash,
        uscc: asked.uscc,
        etag: Some(asked.etag).filter(|etag| !etag.is_empty()),
        act,
        reason: asked.reason.map(Sensitive::new),
    };
    let answer = routing
        .registry
        .carry_out(&ask)
        .await
        .map_err(|error| error::status(error, &ask))?;
    Enterprise::decode(answer.as_slice())
        .map_err(|_| status::defect("a stored answer cannot be read"))
}

fn uscc(violations: &mut Violations, field: &str, text: &str) -> Option<Uscc> {
    let uscc = wire::uscc(text);
    violations.require(uscc.is_some(), field, USCC_RULE);
    uscc
}
