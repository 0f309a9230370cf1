//! A complaint as it is answered: what the case says, put together with parties, texts and evidence.

use case::filing::{Filing, ShownAddress};
use case::{Case, StateKind, TextRef};
use docket::text::{KeptText, salted_hash};
use proto::intake::v1;
use proto::v1::AddressShown;
use proto::wire;

use super::person;
use crate::domain::party::{Contact, Parties};
use crate::store::evidence::Kept;

/// The whole complaint. What is not kept (any longer) is left empty.
pub(super) fn complaint(
    case: &Case,
    etag: &str,
    parties: Parties,
    texts: Vec<KeptText>,
    evidence: Vec<Kept>,
) -> v1::Complaint {
    v1::Complaint {
        case_id: case.id.to_string(),
        case_number: case.filing.case_number.clone(),
        version: case.version,
        etag: etag.to_owned(),
        state: wire::number(StateKind::of(&case.state)),
        filed_at: Some(wire::timestamp(case.milestones.filed_at)),
        form: Some(form(&case.filing, parties, &texts)),
        consents: Some((&case.filing.consents).into()),
        texts: texts.into_iter().map(text).collect(),
        evidence: evidence.into_iter().map(piece).collect(),
    }
}

fn form(filing: &Filing, parties: Parties, texts: &[KeptText]) -> v1::ComplaintForm {
    let body = |place: usize| {
        let wanted = filing.texts.get(place).map(|TextRef { id, .. }| *id);
        let found = texts.iter().find(|text| Some(text.id) == wanted);
        found
            .map(|text| text.body.as_ref().clone())
            .unwrap_or_default()
    };
    let mut representatives = parties.representatives.into_iter();
    v1::ComplaintForm {
        complainant: Some(person::party(
            filing.complainant.as_str(),
            parties.complainant,
        )),
        representatives: filing
            .representatives
            .iter()
            .map(|reference| {
                person::party(
                    reference.as_str(),
                    representatives.next().unwrap_or_default(),
                )
            })
            .collect(),
        respondent: Some(respondent(filing, parties.respondent)),
        consumer_region: text_of(
            filing
                .consumer_region
                .as_ref()
                .map(|region| region.as_str()),
        ),
        identity: wire::number(filing.identity),
        problem: filing.problem.clone(),
        category: filing.category.clone(),
        tree_version: filing.tree_version,
        claims: filing
            .claims
            .iter()
            .map(|claim| wire::number(*claim))
            .collect(),
        paid_fen: filing.paid.0,
        claimed_fen: filing.claimed.0,
        disputed_on: filing.disputed_on.map(wire::day_text).unwrap_or_default(),
        knew_on: filing.knew_on.map(wire::day_text).unwrap_or_default(),
        sales_mode: wire::number(filing.sales_mode),
        place_of_event_region: text_of(
            filing.place_of_event.as_ref().map(|region| region.as_str()),
        ),
        channel: wire::number(filing.channel),
        sub_channel: text_of(filing.sub_channel.as_deref()),
        source_system: text_of(filing.source_system.as_deref()),
        source_number: text_of(filing.source_number.as_deref()),
        consents: Some(v1::ConsentChoices {
            odr: filing.consents.odr.is_some(),
            publication: filing.consents.publication.is_some(),
            entrusted_mediation: filing.consents.entrusted_mediation.is_some(),
            auto_escalation: filing.consents.auto_escalation.is_some(),
        }),
        contains_report: filing.contains_report,
        joint: filing.joint,
        by_agent: filing.by_agent,
        prior_case_id: filing
            .prior_case
            .map(|prior| prior.to_string())
            .unwrap_or_default(),
        pledge: text_of(filing.pledge.as_deref()),
        facts: body(0),
        claims_text: body(1),
    }
}

fn respondent(filing: &Filing, contact: Contact) -> v1::RespondentDescription {
    let respondent = &filing.respondent;
    let (address_shown, shown_region) = match &respondent.shown_address {
        ShownAddress::Unstated => (AddressShown::Unstated, None),
        ShownAddress::Shown(region) => (AddressShown::Shown, Some(region.as_str())),
        ShownAddress::NotShown => (AddressShown::NotShown, None),
    };
    v1::RespondentDescription {
        name: contact.name.into_inner(),
        phone: contact.phone.into_inner(),
        address: contact.address.into_inner(),
        uscc: text_of(respondent.uscc.as_ref().map(|uscc| uscc.as_str())),
        role: wire::number(respondent.role),
        business_region: text_of(respondent.business.as_ref().map(|region| region.as_str())),
        domicile_region: text_of(respondent.domicile.as_ref().map(|region| region.as_str())),
        address_shown: address_shown.into(),
        shown_region: text_of(shown_region),
        platform_uscc: text_of(respondent.platform_uscc.as_ref().map(|uscc| uscc.as_str())),
        platform_domicile_region: text_of(
            respondent
                .platform_domicile
                .as_ref()
                .map(|region| region.as_str()),
        ),
    }
}

fn text(kept: KeptText) -> v1::ComplaintText {
    let body = kept.body.into_inner();
    v1::ComplaintText {
        text_id: kept.id.to_string(),
        hash: salted_hash(&kept.salt, &body).to_vec(),
        salt: kept.salt,
        text: body,
    }
}

fn piece(kept: Kept) -> v1::Evidence {
    v1::Evidence {
        evidence_id: kept.id.to_string(),
        hash: kept.hash,
        media_type: kept.media_type,
        size_bytes: kept.size_bytes.unsigned_abs(),
        by: kept.side.into(),
        added_at: Some(wire::timestamp(kept.added_at)),
    }
}

fn text_of(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}
