//! Parts of a complaint form that become parts of a filing.

use case::filing::{Claim, Consents, Respondent, ShownAddress};
use case::ids::Uscc;
use chrono::{DateTime, Utc};
use law::directory::RegionCode;

use crate::listed::Listed;
use crate::odr::case::v1::AddressShown;
use crate::odr::intake::v1::{ConsentChoices, RespondentDescription};
use crate::wire::FieldError;

const REGION_RULE: &str = "must be a region code";
const USCC_RULE: &str = "must be a unified social credit code of 18 characters";

/// The respondent as events carry it: without name, telephone and address. Whether the regions exist is not asked here.
///
/// # Errors
/// All fields that break a rule, with paths inside the message.
pub fn respondent(description: &RespondentDescription) -> Result<Respondent, Vec<FieldError>> {
    let mut errors = Vec::new();
    let role = Listed::from_number(description.role);
    if role.is_none() {
        errors.push(FieldError::new("role", "must be a role"));
    }
    let respondent = Respondent {
        uscc: maybe_uscc("uscc", &description.uscc, &mut errors),
        // Never returned: without a role there is an error.
        role: role.unwrap_or(law::jurisdiction::Role::Ordinary),
        business: maybe_region("business_region", &description.business_region, &mut errors),
        domicile: maybe_region("domicile_region", &description.domicile_region, &mut errors),
        shown_address: shown_address(description, &mut errors),
        platform_uscc: maybe_uscc("platform_uscc", &description.platform_uscc, &mut errors),
        platform_domicile: maybe_region(
            "platform_domicile_region",
            &description.platform_domicile_region,
            &mut errors,
        ),
    };
    if errors.is_empty() {
        Ok(respondent)
    } else {
        Err(errors)
    }
}

fn shown_address(
    description: &RespondentDescription,
    errors: &mut Vec<FieldError>,
) -> ShownAddress {
    let region = maybe_region("shown_region", &description.shown_region, errors);
    match (AddressShown::try_from(description.address_shown), region) {
        (Err(_), _) => {
            errors.push(FieldError::new(
                "address_shown",
                "must say whether the address is shown",
            ));
            ShownAddress::Unstated
        }
        (Ok(AddressShown::Shown), Some(region)) => ShownAddress::Shown(region),
        (Ok(AddressShown::Shown), None) => {
            if description.shown_region.is_empty() {
                errors.push(FieldError::new(
                    "shown_region",
                    "must be set when the address is shown",
                ));
            }
            ShownAddress::Unstated
        }
        (Ok(_), Some(_)) => {
            errors.push(FieldError::new(
                "shown_region",
                "must be empty unless the address is shown",
            ));
            ShownAddress::Unstated
        }
        (Ok(AddressShown::NotShown), None) => ShownAddress::NotShown,
        (Ok(AddressShown::Unspecified | AddressShown::Unstated), None) => ShownAddress::Unstated,
    }
}

/// The claims of a form; paths in errors begin with `claims`.
///
/// # Errors
/// None, more than eight, a value that is not in the list or is there twice: all that is wrong.
pub fn claims(numbers: &[i32]) -> Result<Vec<Claim>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut claims = Vec::new();
    if numbers.is_empty() || numbers.len() > Claim::ALL.len() {
        errors.push(FieldError::new("claims", "must have 1 to 8 entries"));
    }
    for (place, number) in numbers.iter().take(Claim::ALL.len()).enumerate() {
        match Claim::from_number(*number) {
            Some(claim) if !claims.contains(&claim) => claims.push(claim),
            Some(_) => errors.push(FieldError::new(
                format!("claims[{place}]"),
                "must be there once",
            )),
            None => errors.push(FieldError::new(
                format!("claims[{place}]"),
                "must be a claim of the list",
            )),
        }
    }
    if errors.is_empty() {
        Ok(claims)
    } else {
        Err(errors)
    }
}

/// The consents given at `now`.
pub fn consents(choices: Option<&ConsentChoices>, now: DateTime<Utc>) -> Consents {
    let choices = choices.copied().unwrap_or_default();
    Consents {
        odr: choices.odr.then_some(now),
        publication: choices.publication.then_some(now),
        entrusted_mediation: choices.entrusted_mediation.then_some(now),
        auto_escalation: choices.auto_escalation.then_some(now),
    }
}

fn maybe_region(field: &str, code: &str, errors: &mut Vec<FieldError>) -> Option<RegionCode> {
    if code.is_empty() {
        return None;
    }
    let region = RegionCode::parse(code).ok();
    if region.is_none() {
        errors.push(FieldError::new(field, REGION_RULE));
    }
    region
}

fn maybe_uscc(field: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Uscc> {
    if text.is_empty() {
        return None;
    }
    let uscc = Uscc::parse(text);
    if uscc.is_none() {
        errors.push(FieldError::new(field, USCC_RULE));
    }
    uscc
}
