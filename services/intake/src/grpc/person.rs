//! Parties between the wire and the domain.

use chassis::sensitive::Sensitive;
use chassis::violations::Violations;
use proto::intake::v1;

use super::fields::Fields;
use crate::domain::party::{Contact, IdentityDocument, Person};

/// Checks a party of a form; only a complainant must have a telephone.
pub(super) fn check(
    violations: &mut Violations,
    path: &'static str,
    party: &v1::Party,
    is_complainant: bool,
) {
    let mut fields = Fields::of(violations, path);
    fields.require(
        party.party_ref.is_empty(),
        "party_ref",
        "must be empty: intake gives it",
    );
    fields.line("name", &party.name, 1, 100, "must have 1 to 100 characters");
    fields.phone("phone", &party.phone, is_complainant);
    fields.line(
        "address",
        &party.address,
        0,
        300,
        "must have at most 300 characters",
    );
    let document = v1::IdentityDocument::try_from(party.identity_document);
    fields.require(
        document.is_ok(),
        "identity_document",
        "must be a kind of document",
    );
    fields.line(
        "identity_number",
        &party.identity_number,
        0,
        40,
        "must have at most 40 characters",
    );
    let alone =
        document == Ok(v1::IdentityDocument::Unspecified) && !party.identity_number.is_empty();
    fields.require(
        !alone,
        "identity_number",
        "must be empty without a kind of document",
    );
}

/// Checks what the form says of the respondent that events do not carry.
pub(super) fn check_contact(
    violations: &mut Violations,
    path: &'static str,
    respondent: &v1::RespondentDescription,
) {
    let mut fields = Fields::of(violations, path);
    fields.line(
        "name",
        &respondent.name,
        1,
        200,
        "must have 1 to 200 characters",
    );
    fields.phone("phone", &respondent.phone, false);
    fields.line(
        "address",
        &respondent.address,
        0,
        300,
        "must have at most 300 characters",
    );
}

/// The person of a checked party.
pub(super) fn person(party: v1::Party) -> Person {
    Person {
        name: Sensitive::new(party.name),
        phone: Sensitive::new(party.phone),
        address: Sensitive::new(party.address),
        identity_document: document(party.identity_document),
        identity_number: Sensitive::new(party.identity_number),
    }
}

/// The contact of a checked respondent.
pub(super) fn contact(respondent: v1::RespondentDescription) -> Contact {
    Contact {
        name: Sensitive::new(respondent.name),
        phone: Sensitive::new(respondent.phone),
        address: Sensitive::new(respondent.address),
    }
}

/// The party that is answered to those who may read it.
pub(super) fn party(party_ref: &str, person: Person) -> v1::Party {
    v1::Party {
        party_ref: party_ref.to_owned(),
        name: person.name.into_inner(),
        phone: person.phone.into_inner(),
        address: person.address.into_inner(),
        identity_document: number(person.identity_document).into(),
        identity_number: person.identity_number.into_inner(),
    }
}

fn document(number: i32) -> IdentityDocument {
    match v1::IdentityDocument::try_from(number) {
        Ok(v1::IdentityDocument::Unspecified) => IdentityDocument::None,
        Ok(v1::IdentityDocument::ResidentCard) => IdentityDocument::ResidentCard,
        Ok(v1::IdentityDocument::Passport) => IdentityDocument::Passport,
        Ok(v1::IdentityDocument::TravelPermit) => IdentityDocument::TravelPermit,
        Ok(v1::IdentityDocument::ResidencePermit) => IdentityDocument::ResidencePermit,
        Ok(v1::IdentityDocument::Other) | Err(_) => IdentityDocument::Other,
    }
}

fn number(document: IdentityDocument) -> v1::IdentityDocument {
    match document {
        IdentityDocument::None => v1::IdentityDocument::Unspecified,
        IdentityDocument::ResidentCard => v1::IdentityDocument::ResidentCard,
        IdentityDocument::Passport => v1::IdentityDocument::Passport,
        IdentityDocument::TravelPermit => v1::IdentityDocument::TravelPermit,
        IdentityDocument::ResidencePermit => v1::IdentityDocument::ResidencePermit,
        IdentityDocument::Other => v1::IdentityDocument::Other,
    }
}
