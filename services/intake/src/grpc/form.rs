//! The complaint form: checked field by field, then taken apart into what the event carries and what stays here.

use case::filing::{Channel, Claim, IdentityLevel, Respondent, SalesMode};
use case::{CaseId, Fen, Filing, PartyRef};
use chassis::principal::{Kind, Principal};
use chassis::violations::Violations;
use chrono::{DateTime, NaiveDate, Utc};
use docket::asking;
use docket::text::NewText;
use law::directory::{Directory, RegionCode};
use proto::intake::v1;
use proto::wire;
use tonic::Status;
use uuid::Uuid;

use super::caller::refused;
use super::fields::Fields;
use super::person;
use crate::domain::party::Parties;

const COMPLAINANT: &str = "form.complainant";
const REPRESENTATIVES: [&str; 2] = ["form.representatives[0]", "form.representatives[1]"];
const RESPONDENT: &str = "form.respondent";

/// A checked filing: the event's part without its case number, the texts, the parties.
pub(super) struct Checked {
    pub(super) filing: Filing,
    pub(super) texts: Vec<NewText>,
    pub(super) parties: Parties,
}

/// What had to be read to be checked.
struct Read {
    respondent: Option<Respondent>,
    identity: Option<IdentityLevel>,
    sales_mode: Option<SalesMode>,
    channel: Option<Channel>,
    claims: Vec<Claim>,
    consumer_region: Option<RegionCode>,
    place_of_event: Option<RegionCode>,
    disputed_on: Option<NaiveDate>,
    knew_on: Option<NaiveDate>,
    prior_case: Option<CaseId>,
}

/// Checks a request of `by` at `now` and takes it apart.
///
/// # Errors
/// INVALID_ARGUMENT with every field that breaks a rule.
pub(super) fn check(
    request: v1::FileComplaintRequest,
    by: &Principal,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Result<Checked, Status> {
    let mut violations = Violations::new();
    asking::request_id(&mut violations, &request.request_id);
    let Some(form) = request.form else {
        violations.add("form", "must be set");
        return Err(refused(violations));
    };
    check_people(&mut violations, &form);
    let respondent = read_respondent(&mut violations, form.respondent.as_ref(), directory);
    let read = read_rest(
        &mut violations,
        &form,
        respondent,
        directory,
        law::day::day_of(now),
    );
    if !violations.is_empty() {
        return Err(refused(violations));
    }
    take_apart(form, read, by, now)
        .ok_or_else(|| chassis::status::defect("a checked form could not be taken apart"))
}

fn check_people(violations: &mut Violations, form: &v1::ComplaintForm) {
    match &form.complainant {
        Some(party) => person::check(violations, COMPLAINANT, party, true),
        None => violations.add(COMPLAINANT, "must be set"),
    }
    if form.representatives.len() > REPRESENTATIVES.len() {
        violations.add("form.representatives", "must have at most 2 entries");
    }
    for (path, party) in REPRESENTATIVES.into_iter().zip(&form.representatives) {
        person::check(violations, path, party, false);
    }
}

fn read_respondent(
    violations: &mut Violations,
    description: Option<&v1::RespondentDescription>,
    directory: &Directory,
) -> Option<Respondent> {
    let Some(description) = description else {
        violations.add(RESPONDENT, "must be set");
        return None;
    };
    person::check_contact(violations, RESPONDENT, description);
    let respondent = wire::respondent(description);
    let mut fields = Fields::of(violations, RESPONDENT);
    for error in respondent.as_ref().err().into_iter().flatten() {
        fields.add(&error.field, error.rule);
    }
    for (field, code) in [
        ("business_region", &description.business_region),
        ("domicile_region", &description.domicile_region),
        ("shown_region", &description.shown_region),
        (
            "platform_domicile_region",
            &description.platform_domicile_region,
        ),
    ] {
        let known = code.is_empty() || directory.region(code).is_some();
        fields.require(known, field, "must be a region of the directory");
    }
    respondent.ok()
}

fn read_rest(
    violations: &mut Violations,
    form: &v1::ComplaintForm,
    respondent: Option<Respondent>,
    directory: &Directory,
    today: NaiveDate,
) -> Read {
    let claims = wire::claims(&form.claims).unwrap_or_else(|errors| {
        errors
            .into_iter()
            .for_each(|error| violations.add(format_args!("form.{}", error.field), error.rule));
        Vec::new()
    });
    let mut fields = Fields::of(violations, "form");
    fields.code(
        "problem",
        &form.problem,
        1,
        64,
        "must be a code of 1 to 64 of A-Z a-z 0-9 . _ -",
    );
    fields.code(
        "category",
        &form.category,
        1,
        64,
        "must be a code of 1 to 64 of A-Z a-z 0-9 . _ -",
    );
    fields.require(form.tree_version >= 1, "tree_version", "must be 1 or more");
    fields.fen("paid_fen", form.paid_fen);
    fields.fen("claimed_fen", form.claimed_fen);
    fields.code(
        "sub_channel",
        &form.sub_channel,
        0,
        32,
        "must be a code of at most 32 of A-Z a-z 0-9 . _ -",
    );
    fields.line(
        "source_system",
        &form.source_system,
        0,
        64,
        "must have at most 64 characters",
    );
    fields.line(
        "source_number",
        &form.source_number,
        0,
        64,
        "must have at most 64 characters",
    );
    fields.code(
        "pledge",
        &form.pledge,
        0,
        32,
        "must be a code of at most 32 of A-Z a-z 0-9 . _ -",
    );
    fields.text(
        "facts",
        &form.facts,
        1,
        4000,
        "must have 1 to 4000 characters",
    );
    fields.text(
        "claims_text",
        &form.claims_text,
        0,
        4000,
        "must have at most 4000 characters",
    );
    let prior_case = wire::case_id(&form.prior_case_id);
    fields.require(
        form.prior_case_id.is_empty() || prior_case.is_some(),
        "prior_case_id",
        "must be a UUID",
    );
    Read {
        respondent,
        identity: fields.listed_or("identity", form.identity, IdentityLevel::Stated),
        sales_mode: fields.listed_or("sales_mode", form.sales_mode, SalesMode::Other),
        channel: fields.listed("channel", form.channel),
        claims,
        consumer_region: fields.region("consumer_region", &form.consumer_region, directory),
        place_of_event: fields.region(
            "place_of_event_region",
            &form.place_of_event_region,
            directory,
        ),
        disputed_on: fields.past_day("disputed_on", &form.disputed_on, today),
        knew_on: fields.past_day("knew_on", &form.knew_on, today),
        prior_case,
    }
}

/// `None` only when something is missing that was checked to be there.
fn take_apart(
    form: v1::ComplaintForm,
    read: Read,
    by: &Principal,
    now: DateTime<Utc>,
) -> Option<Checked> {
    let facts = NewText::take(form.facts);
    let claims_text = given(form.claims_text).map(NewText::take);
    let texts: Vec<NewText> = std::iter::once(facts).chain(claims_text).collect();
    let filing = Filing {
        case_number: String::new(),
        complainant: complainant(by)?,
        representatives: form
            .representatives
            .iter()
            .map(|_| new_reference())
            .collect::<Option<_>>()?,
        consumer_region: read.consumer_region,
        identity: read.identity?,
        respondent: read.respondent?,
        problem: form.problem,
        category: form.category,
        tree_version: form.tree_version,
        claims: read.claims,
        paid: Fen(form.paid_fen),
        claimed: Fen(form.claimed_fen),
        disputed_on: read.disputed_on,
        knew_on: read.knew_on,
        sales_mode: read.sales_mode?,
        place_of_event: read.place_of_event,
        channel: read.channel?,
        sub_channel: given(form.sub_channel),
        source_system: given(form.source_system),
        source_number: given(form.source_number),
        consents: wire::consents(form.consents.as_ref(), now),
        contains_report: form.contains_report,
        joint: form.joint,
        by_agent: form.by_agent,
        prior_case: read.prior_case,
        pledge: given(form.pledge),
        texts: texts.iter().map(|text| text.reference).collect(),
    };
    let parties = Parties {
        complainant: person::person(form.complainant?),
        representatives: form
            .representatives
            .into_iter()
            .map(person::person)
            .collect(),
        respondent: person::contact(form.respondent?),
    };
    Some(Checked {
        filing,
        texts,
        parties,
    })
}

/// A consumer is known by the account they file from; for whom others file, a reference is made.
fn complainant(by: &Principal) -> Option<PartyRef> {
    match (by.kind, &by.subject) {
        (Kind::Consumer, Some(subject)) => PartyRef::parse(subject),
        _ => new_reference(),
    }
}

fn new_reference() -> Option<PartyRef> {
    PartyRef::parse(
        Uuid::new_v4()
            .hyphenated()
            .encode_lower(&mut Uuid::encode_buffer()),
    )
}

fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
