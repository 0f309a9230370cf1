//! From an event to its bytes: one arm an event.

use case::event::{RoutedToAuthority, RoutedToEnterprise};
use case::{Event, EventMeta};
use prost::Message;

use crate::event::{Encoded, type_of};
use crate::listed::Listed;
use crate::odr::case::v1;
use crate::scalar::{authority_texts, id_bytes, text, timestamp};

/// The type and the bytes of an event with its metadata. Equal events have equal bytes.
pub fn encode(event: &Event, meta: &EventMeta) -> Encoded {
    Encoded {
        event_type: type_of(event.event_kind()),
        value: value(event, Some(meta.into())),
    }
}

fn value(event: &Event, meta: Option<v1::EventMeta>) -> Vec<u8> {
    match event {
        Event::ComplaintFiled(filing) => {
            let filing = Some((&**filing).into());
            v1::ComplaintFiled { meta, filing }.encode_to_vec()
        }
        Event::RoutedToEnterprise(routed) => routed_to_enterprise(routed, meta).encode_to_vec(),
        Event::RoutedToAuthority(routed) => routed_to_authority(routed, meta).encode_to_vec(),
        Event::RoutingHeld {
            holder,
            reason,
            due,
        } => v1::RoutingHeld {
            meta,
            holder: holder.as_str().to_owned(),
            reason: reason.number(),
            due: Some(due.into()),
        }
        .encode_to_vec(),
        Event::RoutingOverdue { due } => {
            let due = Some(due.into());
            v1::RoutingOverdue { meta, due }.encode_to_vec()
        }
        Event::NegotiationAcknowledged => v1::NegotiationAcknowledged { meta }.encode_to_vec(),
        Event::NegotiationAnswered {
            text: answer,
            machine,
        } => v1::NegotiationAnswered {
            meta,
            text: Some(text(answer)),
            machine: *machine,
        }
        .encode_to_vec(),
        Event::SettlementProposed {
            proposal,
            by,
            terms,
            valid_until,
        } => v1::SettlementProposed {
            meta,
            proposal: id_bytes(*proposal),
            by: by.number(),
            terms: Some(terms.into()),
            valid_until: Some(timestamp(*valid_until)),
        }
        .encode_to_vec(),
        Event::ProposalAccepted { proposal, by } => v1::ProposalAccepted {
            meta,
            proposal: id_bytes(*proposal),
            by: by.number(),
        }
        .encode_to_vec(),
        Event::ProposalRejected {
            proposal,
            by,
            text: why,
        } => v1::ProposalRejected {
            meta,
            proposal: id_bytes(*proposal),
            by: by.number(),
            text: why.as_ref().map(text),
        }
        .encode_to_vec(),
        Event::ProposalExpired { proposal, due } => v1::ProposalExpired {
            meta,
            proposal: id_bytes(*proposal),
            due_at: Some(timestamp(*due)),
        }
        .encode_to_vec(),
        Event::SettlementReached {
            proposal,
            terms,
            lapse,
            stopped,
        } => v1::SettlementReached {
            meta,
            proposal: id_bytes(*proposal),
            terms: Some(terms.into()),
            lapse: Some(lapse.into()),
            stopped: stopped.as_ref().map(Into::into),
        }
        .encode_to_vec(),
        Event::TermsAgreed { proposal, terms } => v1::TermsAgreed {
            meta,
            proposal: id_bytes(*proposal),
            terms: Some(terms.into()),
        }
        .encode_to_vec(),
        Event::HandlingReported {
            handled_at,
            course,
            method,
            result,
        } => v1::HandlingReported {
            meta,
            handled_at: Some(timestamp(*handled_at)),
            course: Some(text(course)),
            method: Some(text(method)),
            result: Some(text(result)),
        }
        .encode_to_vec(),
        Event::NegotiationDeclined {
            reason,
            text: words,
            escalate_by,
            stopped,
        } => v1::NegotiationDeclined {
            meta,
            reason: reason.number(),
            text: Some(text(words)),
            escalate_by: Some(escalate_by.into()),
            stopped: Some(stopped.into()),
        }
        .encode_to_vec(),
        Event::NegotiationExpired {
            why,
            escalate_by,
            stopped,
        } => v1::NegotiationExpired {
            meta,
            why: why.number(),
            escalate_by: Some(escalate_by.into()),
            stopped: Some(stopped.into()),
        }
        .encode_to_vec(),
        Event::NegotiationEnded {
            why,
            escalate_by,
            stopped,
        } => v1::NegotiationEnded {
            meta,
            why: why.number(),
            escalate_by: Some(escalate_by.into()),
            stopped: Some(stopped.into()),
        }
        .encode_to_vec(),
        Event::ComplaintEscalated { automatic } => {
            let automatic = *automatic;
            v1::ComplaintEscalated { meta, automatic }.encode_to_vec()
        }
        Event::ClosedUnescalated { due } => {
            let due = Some(due.into());
            v1::ClosedUnescalated { meta, due }.encode_to_vec()
        }
        Event::ComplaintAccepted { due, stopped } => v1::ComplaintAccepted {
            meta,
            due: Some(due.into()),
            stopped: Some(stopped.into()),
        }
        .encode_to_vec(),
        Event::ComplaintRefused {
            ground,
            number,
            text: reasons,
            stopped,
        } => v1::ComplaintRefused {
            meta,
            ground: ground.number(),
            number: u32::from(*number),
            text: Some(text(reasons)),
            stopped: stopped.as_ref().map(Into::into),
        }
        .encode_to_vec(),
        Event::CaseReturned {
            holder,
            reason,
            text: words,
            due,
        } => v1::CaseReturned {
            meta,
            holder: holder.as_str().to_owned(),
            reason: reason.number(),
            text: words.as_ref().map(text),
            due: Some(due.into()),
        }
        .encode_to_vec(),
        Event::AcceptanceOverdue { due } => {
            let due = Some(due.into());
            v1::AcceptanceOverdue { meta, due }.encode_to_vec()
        }
        Event::SessionScheduled {
            at,
            online,
            place,
            recusal_days,
        } => v1::SessionScheduled {
            meta,
            at: Some(timestamp(*at)),
            online: *online,
            place: Some(text(place)),
            recusal_days: *recusal_days,
        }
        .encode_to_vec(),
        Event::MediationEnded {
            ground,
            number,
            basis,
            text: reasons,
            stopped,
        } => v1::MediationEnded {
            meta,
            ground: ground.number(),
            number: u32::from(*number),
            basis: basis.number(),
            text: reasons.as_ref().map(text),
            stopped: Some(stopped.into()),
        }
        .encode_to_vec(),
        Event::MediationOverdue { due } => {
            let due = Some(due.into());
            v1::MediationOverdue { meta, due }.encode_to_vec()
        }
        Event::AgreementSigned { by, document } => v1::AgreementSigned {
            meta,
            by: by.number(),
            document: document.to_vec(),
        }
        .encode_to_vec(),
        Event::AgreementSealed {
            document,
            lapse,
            stopped,
        } => v1::AgreementSealed {
            meta,
            document: document.to_vec(),
            lapse: Some(lapse.into()),
            stopped: Some(stopped.into()),
        }
        .encode_to_vec(),
        Event::AgreementWaived { by, settled } => v1::AgreementWaived {
            meta,
            by: by.number(),
            settled: settled.as_deref().map(Into::into),
        }
        .encode_to_vec(),
        Event::MediationRecorded {
            text: record,
            settled,
        } => v1::MediationRecorded {
            meta,
            text: Some(text(record)),
            settled: Some((&**settled).into()),
        }
        .encode_to_vec(),
        Event::PerformanceDeclared { evidence } => v1::PerformanceDeclared {
            meta,
            evidence: evidence.map(id_bytes),
        }
        .encode_to_vec(),
        Event::AgreementPerformed {
            performed,
            recovered,
        } => v1::AgreementPerformed {
            meta,
            performed: performed.number(),
            recovered_fen: recovered.0,
        }
        .encode_to_vec(),
        Event::BreachReported {
            escalate_by,
            text: words,
        } => v1::BreachReported {
            meta,
            escalate_by: escalate_by.as_ref().map(Into::into),
            text: words.as_ref().map(text),
        }
        .encode_to_vec(),
        Event::PerformanceLapsed { due } => {
            let due = Some(due.into());
            v1::PerformanceLapsed { meta, due }.encode_to_vec()
        }
        Event::ComplaintWithdrawn { reason, stopped } => v1::ComplaintWithdrawn {
            meta,
            reason: reason.number(),
            stopped: stopped.as_ref().map(Into::into),
        }
        .encode_to_vec(),
        Event::WithdrawalRefused { reason } => {
            let reason = reason.number();
            v1::WithdrawalRefused { meta, reason }.encode_to_vec()
        }
        Event::WithdrawalRequested {
            reason,
            text: words,
        } => v1::WithdrawalRequested {
            meta,
            reason: reason.number(),
            text: words.as_ref().map(text),
        }
        .encode_to_vec(),
        Event::EvidenceAdded {
            evidence,
            hash,
            media_type,
            size_bytes,
            by,
        } => v1::EvidenceAdded {
            meta,
            evidence: id_bytes(*evidence),
            hash: hash.to_vec(),
            media_type: media_type.clone(),
            size_bytes: *size_bytes,
            by: by.number(),
        }
        .encode_to_vec(),
        Event::HandlingRated { stars } => {
            let stars = u32::from(*stars);
            v1::HandlingRated { meta, stars }.encode_to_vec()
        }
    }
}

fn routed_to_enterprise(
    routed: &RoutedToEnterprise,
    meta: Option<v1::EventMeta>,
) -> v1::RoutedToEnterprise {
    v1::RoutedToEnterprise {
        meta,
        enterprise: routed.enterprise.as_str().to_owned(),
        on_behalf_of: routed
            .on_behalf_of
            .as_ref()
            .map(|uscc| uscc.as_str().to_owned()),
        registry_version: routed.registry_version,
        due: Some((&routed.due).into()),
    }
}

fn routed_to_authority(
    routed: &RoutedToAuthority,
    meta: Option<v1::EventMeta>,
) -> v1::RoutedToAuthority {
    v1::RoutedToAuthority {
        meta,
        authority: routed.authority.as_str().to_owned(),
        level: routed.level.number(),
        ancestors: authority_texts(&routed.ancestors),
        unit: routed.unit.as_str().to_owned(),
        received_at: Some(timestamp(routed.received_at)),
        decide_by: Some((&routed.decide_by).into()),
        rule_set: routed.rule_set.number(),
        basis: routed.basis.number(),
        nth: routed.nth,
        directory_version: routed.directory_version,
    }
}
