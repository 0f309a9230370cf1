//! What was filed.

use case::filing::{Consents, Filing, Respondent, ShownAddress};
use case::ids::CaseId;
use law::directory::RegionCode;

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::v1;
use crate::scalar::{
    Read, all_listed, day_text, fen, garbage, id, id_bytes, listed, maybe_day, maybe_instant,
    maybe_region, maybe_uscc, numbers, party, required, text, text_ref, timestamp,
};

impl From<&Respondent> for v1::Respondent {
    fn from(respondent: &Respondent) -> Self {
        let (shown, shown_region) = match &respondent.shown_address {
            ShownAddress::Unstated => (v1::AddressShown::Unstated, None),
            ShownAddress::Shown(region) => (v1::AddressShown::Shown, Some(region)),
            ShownAddress::NotShown => (v1::AddressShown::NotShown, None),
        };
        let uscc = |uscc: &case::Uscc| uscc.as_str().to_owned();
        Self {
            uscc: respondent.uscc.as_ref().map(uscc),
            role: respondent.role.number(),
            business_region: region_text(respondent.business.as_ref()),
            domicile_region: region_text(respondent.domicile.as_ref()),
            address_shown: shown as i32,
            shown_region: region_text(shown_region),
            platform_uscc: respondent.platform_uscc.as_ref().map(uscc),
            platform_domicile_region: region_text(respondent.platform_domicile.as_ref()),
        }
    }
}

/// The code of a region, if there is one.
fn region_text(region: Option<&RegionCode>) -> Option<String> {
    region.map(|region| region.as_str().to_owned())
}

impl TryFrom<v1::Respondent> for Respondent {
    type Error = DecodeError;

    fn try_from(respondent: v1::Respondent) -> Read<Self> {
        let field = "Respondent.address_shown";
        let shown_region = maybe_region(respondent.shown_region, "Respondent.shown_region")?;
        let shown = v1::AddressShown::try_from(respondent.address_shown);
        let shown_address = match (
            shown.map_err(|_| DecodeError::UnknownValue { field })?,
            shown_region,
        ) {
            (v1::AddressShown::Unspecified, _) => return Err(DecodeError::UnknownValue { field }),
            (v1::AddressShown::Unstated, None) => ShownAddress::Unstated,
            (v1::AddressShown::Shown, Some(region)) => ShownAddress::Shown(region),
            (v1::AddressShown::NotShown, None) => ShownAddress::NotShown,
            _ => return Err(garbage("Respondent.shown_region")),
        };
        Ok(Self {
            uscc: maybe_uscc(respondent.uscc, "Respondent.uscc")?,
            role: listed(respondent.role, "Respondent.role")?,
            business: maybe_region(respondent.business_region, "Respondent.business_region")?,
            domicile: maybe_region(respondent.domicile_region, "Respondent.domicile_region")?,
            shown_address,
            platform_uscc: maybe_uscc(respondent.platform_uscc, "Respondent.platform_uscc")?,
            platform_domicile: maybe_region(
                respondent.platform_domicile_region,
                "Respondent.platform_domicile_region",
            )?,
        })
    }
}

impl From<&Consents> for v1::Consents {
    fn from(consents: &Consents) -> Self {
        Self {
            odr_at: consents.odr.map(timestamp),
            publication_at: consents.publication.map(timestamp),
            entrusted_mediation_at: consents.entrusted_mediation.map(timestamp),
            auto_escalation_at: consents.auto_escalation.map(timestamp),
        }
    }
}

impl TryFrom<v1::Consents> for Consents {
    type Error = DecodeError;

    fn try_from(consents: v1::Consents) -> Read<Self> {
        Ok(Self {
            odr: maybe_instant(consents.odr_at, "Consents.odr_at")?,
            publication: maybe_instant(consents.publication_at, "Consents.publication_at")?,
            entrusted_mediation: maybe_instant(
                consents.entrusted_mediation_at,
                "Consents.entrusted_mediation_at",
            )?,
            auto_escalation: maybe_instant(
                consents.auto_escalation_at,
                "Consents.auto_escalation_at",
            )?,
        })
    }
}

impl From<&Filing> for v1::Filing {
    fn from(filing: &Filing) -> Self {
        Self {
            case_number: filing.case_number.clone(),
            complainant: filing.complainant.as_str().to_owned(),
            representatives: filing
                .representatives
                .iter()
                .map(|party| party.as_str().to_owned())
                .collect(),
            consumer_region: region_text(filing.consumer_region.as_ref()),
            identity: filing.identity.number(),
            respondent: Some((&filing.respondent).into()),
            problem: filing.problem.clone(),
            category: filing.category.clone(),
            tree_version: filing.tree_version,
            claims: numbers(&filing.claims),
            paid_fen: filing.paid.0,
            claimed_fen: filing.claimed.0,
            disputed_on: filing.disputed_on.map(day_text),
            knew_on: filing.knew_on.map(day_text),
            sales_mode: filing.sales_mode.number(),
            place_of_event_region: region_text(filing.place_of_event.as_ref()),
            channel: filing.channel.number(),
            sub_channel: filing.sub_channel.clone(),
            source_system: filing.source_system.clone(),
            source_number: filing.source_number.clone(),
            consents: (filing.consents != Consents::default()).then(|| (&filing.consents).into()),
            contains_report: filing.contains_report,
            joint: filing.joint,
            by_agent: filing.by_agent,
            prior_case: filing.prior_case.map(|prior| id_bytes(prior.0)),
            pledge: filing.pledge.clone(),
            texts: filing.texts.iter().map(text).collect(),
        }
    }
}

impl TryFrom<v1::Filing> for Filing {
    type Error = DecodeError;

    fn try_from(filing: v1::Filing) -> Read<Self> {
        let representatives = filing
            .representatives
            .iter()
            .map(|text| party(text, "Filing.representatives"));
        let texts = filing
            .texts
            .into_iter()
            .map(|text| text_ref(Some(text), "Filing.texts"));
        let prior_case = filing
            .prior_case
            .map(|bytes| id(&bytes, "Filing.prior_case").map(CaseId));
        Ok(Self {
            case_number: filing.case_number,
            complainant: party(&filing.complainant, "Filing.complainant")?,
            representatives: representatives.collect::<Read<_>>()?,
            consumer_region: maybe_region(filing.consumer_region, "Filing.consumer_region")?,
            identity: listed(filing.identity, "Filing.identity")?,
            respondent: required(filing.respondent, "Filing.respondent")?.try_into()?,
            problem: filing.problem,
            category: filing.category,
            tree_version: filing.tree_version,
            claims: all_listed(filing.claims, "Filing.claims")?,
            paid: fen(filing.paid_fen, "Filing.paid_fen")?,
            claimed: fen(filing.claimed_fen, "Filing.claimed_fen")?,
            disputed_on: maybe_day(filing.disputed_on, "Filing.disputed_on")?,
            knew_on: maybe_day(filing.knew_on, "Filing.knew_on")?,
            sales_mode: listed(filing.sales_mode, "Filing.sales_mode")?,
            place_of_event: maybe_region(
                filing.place_of_event_region,
                "Filing.place_of_event_region",
            )?,
            channel: listed(filing.channel, "Filing.channel")?,
            sub_channel: filing.sub_channel,
            source_system: filing.source_system,
            source_number: filing.source_number,
            consents: filing.consents.unwrap_or_default().try_into()?,
            contains_report: filing.contains_report,
            joint: filing.joint,
            by_agent: filing.by_agent,
            prior_case: prior_case.transpose()?,
            pledge: filing.pledge,
            texts: texts.collect::<Read<_>>()?,
        })
    }
}
