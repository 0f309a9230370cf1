//! Complaint forms to file.

use proto::intake::v1::{
    ComplaintForm, ConsentChoices, FileComplaintRequest, IdentityDocument, Party,
    RespondentDescription,
};
use proto::v1::{AddressShown, Channel, Claim, IdentityLevel, RespondentRole, SalesMode};

/// What must never be found outside the tables of parties and texts.
pub(crate) const SECRETS: [&str; 9] = [
    "Zhang Secret",
    "+86 571 0000001",
    "Street Secret 1",
    "330106-SECRET-ID",
    "Agent Secret",
    "Shop Secret",
    "+86 571 0000002",
    "facts Secret",
    "claims Secret",
];

/// A form with every field set that may be set together.
pub(crate) fn full() -> ComplaintForm {
    ComplaintForm {
        complainant: Some(Party {
            name: "Zhang Secret".into(),
            phone: "+86 571 0000001".into(),
            address: "Street Secret 1".into(),
            identity_document: IdentityDocument::Passport.into(),
            identity_number: "330106-SECRET-ID".into(),
            ..Party::default()
        }),
        representatives: vec![Party {
            name: "Agent Secret".into(),
            ..Party::default()
        }],
        respondent: Some(RespondentDescription {
            name: "Shop Secret".into(),
            phone: "+86 571 0000002".into(),
            address: "Street Secret 2".into(),
            uscc: "91110000600037341L".into(),
            role: RespondentRole::PlatformSeller.into(),
            business_region: "330106".into(),
            domicile_region: "330108".into(),
            address_shown: AddressShown::Shown.into(),
            shown_region: "330108".into(),
            platform_uscc: "91350100M000100Y43".into(),
            platform_domicile_region: "110108".into(),
        }),
        consumer_region: "110101".into(),
        identity: IdentityLevel::PhoneVerified.into(),
        problem: "quality.defect".into(),
        category: "goods.phone".into(),
        tree_version: 3,
        claims: vec![Claim::Refund.into(), Claim::Compensation.into()],
        paid_fen: 129_900,
        claimed_fen: 1_000_000_000_000,
        disputed_on: "1990-01-01".into(),
        knew_on: "2016-02-29".into(),
        sales_mode: SalesMode::LiveStream.into(),
        place_of_event_region: "CN".into(),
        channel: Channel::App.into(),
        sub_channel: "app.v2".into(),
        source_system: "hotline".into(),
        source_number: "no. 7".into(),
        consents: Some(ConsentChoices {
            odr: true,
            publication: false,
            entrusted_mediation: true,
            auto_escalation: false,
        }),
        prior_case_id: "0190b5a8-0000-7000-8000-000000000001".into(),
        pledge: "seven-days".into(),
        facts: "facts Secret, 事实".into(),
        claims_text: "claims Secret".into(),
        ..ComplaintForm::default()
    }
}

/// A form with nothing but what is required.
pub(crate) fn least() -> ComplaintForm {
    ComplaintForm {
        complainant: Some(Party {
            name: "甲".into(),
            phone: "12345".into(),
            ..Party::default()
        }),
        respondent: Some(RespondentDescription {
            name: "乙".into(),
            role: RespondentRole::Ordinary.into(),
            ..RespondentDescription::default()
        }),
        problem: "p".into(),
        category: "c".into(),
        tree_version: 1,
        claims: vec![Claim::Other.into()],
        channel: Channel::Web.into(),
        facts: "f".into(),
        ..ComplaintForm::default()
    }
}

/// The request that files a form.
pub(crate) fn filing(request_id: &str, form: ComplaintForm) -> FileComplaintRequest {
    FileComplaintRequest {
        request_id: request_id.into(),
        form: Some(form),
    }
}
