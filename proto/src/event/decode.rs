//! From bytes to an event: one reader a message.

use case::event::{RoutedToAuthority, RoutedToEnterprise};
use case::{Event, EventKind, EventMeta};
use prost::Message;

use crate::error::DecodeError;
use crate::event::kind_of;
use crate::odr::case::v1;
use crate::scalar::{
    Read, authorities, authority, fen, garbage, hash, id, instant, listed, maybe_text_ref,
    maybe_uscc, required, text_ref, unit, uscc,
};

/// The metadata and the event of a type's bytes.
///
/// # Errors
/// The type is not understood, a closed list has a value that is not in it, or the bytes are not what they should be.
/// Never a panic, whatever the bytes.
pub fn decode(event_type: &str, value: &[u8]) -> Result<(EventMeta, Event), DecodeError> {
    let kind = kind_of(event_type).ok_or(DecodeError::UnknownType)?;
    let (meta, event) = read(kind, value)?;
    Ok((required(meta, "meta")?.try_into()?, event))
}

/// What reading one message gives.
type Opened = Read<(Option<v1::EventMeta>, Event)>;

fn open<M: Message + Default>(value: &[u8], read: fn(M) -> Opened) -> Opened {
    read(M::decode(value).map_err(|_| garbage("the event"))?)
}

fn read(kind: EventKind, value: &[u8]) -> Opened {
    match kind {
        EventKind::ComplaintFiled => open(value, |m: v1::ComplaintFiled| {
            let filing = required(m.filing, "ComplaintFiled.filing")?.try_into()?;
            Ok((m.meta, Event::ComplaintFiled(std::sync::Arc::new(filing))))
        }),
        EventKind::RoutedToEnterprise => open(value, routed_to_enterprise),
        EventKind::RoutedToAuthority => open(value, routed_to_authority),
        EventKind::RoutingHeld => open(value, |m: v1::RoutingHeld| {
            let event = Event::RoutingHeld {
                holder: authority(&m.holder, "RoutingHeld.holder")?,
                reason: listed(m.reason, "RoutingHeld.reason")?,
                due: required(m.due, "RoutingHeld.due")?.try_into()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::RoutingOverdue => open(value, |m: v1::RoutingOverdue| {
            let due = required(m.due, "RoutingOverdue.due")?.try_into()?;
            Ok((m.meta, Event::RoutingOverdue { due }))
        }),
        EventKind::NegotiationAcknowledged => open(value, |m: v1::NegotiationAcknowledged| {
            Ok((m.meta, Event::NegotiationAcknowledged))
        }),
        EventKind::NegotiationAnswered => open(value, |m: v1::NegotiationAnswered| {
            let text = text_ref(m.text, "NegotiationAnswered.text")?;
            let machine = m.machine;
            Ok((m.meta, Event::NegotiationAnswered { text, machine }))
        }),
        EventKind::SettlementProposed => open(value, |m: v1::SettlementProposed| {
            let event = Event::SettlementProposed {
                proposal: id(&m.proposal, "SettlementProposed.proposal")?,
                by: listed(m.by, "SettlementProposed.by")?,
                terms: required(m.terms, "SettlementProposed.terms")?.try_into()?,
                valid_until: instant(m.valid_until, "SettlementProposed.valid_until")?,
            };
            Ok((m.meta, event))
        }),
        EventKind::ProposalAccepted => open(value, |m: v1::ProposalAccepted| {
            let proposal = id(&m.proposal, "ProposalAccepted.proposal")?;
            let by = listed(m.by, "ProposalAccepted.by")?;
            Ok((m.meta, Event::ProposalAccepted { proposal, by }))
        }),
        EventKind::ProposalRejected => open(value, |m: v1::ProposalRejected| {
            let event = Event::ProposalRejected {
                proposal: id(&m.proposal, "ProposalRejected.proposal")?,
                by: listed(m.by, "ProposalRejected.by")?,
                text: maybe_text_ref(m.text, "ProposalRejected.text")?,
            };
            Ok((m.meta, event))
        }),
        EventKind::ProposalExpired => open(value, |m: v1::ProposalExpired| {
            let proposal = id(&m.proposal, "ProposalExpired.proposal")?;
            let due = instant(m.due_at, "ProposalExpired.due_at")?;
            Ok((m.meta, Event::ProposalExpired { proposal, due }))
        }),
        EventKind::SettlementReached => open(value, |m: v1::SettlementReached| {
            let event = Event::SettlementReached {
                proposal: id(&m.proposal, "SettlementReached.proposal")?,
                terms: required(m.terms, "SettlementReached.terms")?.try_into()?,
                lapse: required(m.lapse, "SettlementReached.lapse")?.try_into()?,
                stopped: m.stopped.map(TryInto::try_into).transpose()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::TermsAgreed => open(value, |m: v1::TermsAgreed| {
            let proposal = id(&m.proposal, "TermsAgreed.proposal")?;
            let terms = required(m.terms, "TermsAgreed.terms")?.try_into()?;
            Ok((m.meta, Event::TermsAgreed { proposal, terms }))
        }),
        EventKind::HandlingReported => open(value, |m: v1::HandlingReported| {
            let event = Event::HandlingReported {
                handled_at: instant(m.handled_at, "HandlingReported.handled_at")?,
                course: text_ref(m.course, "HandlingReported.course")?,
                method: text_ref(m.method, "HandlingReported.method")?,
                result: text_ref(m.result, "HandlingReported.result")?,
            };
            Ok((m.meta, event))
        }),
        EventKind::NegotiationDeclined => open(value, |m: v1::NegotiationDeclined| {
            let event = Event::NegotiationDeclined {
                reason: listed(m.reason, "NegotiationDeclined.reason")?,
                text: text_ref(m.text, "NegotiationDeclined.text")?,
                escalate_by: required(m.escalate_by, "NegotiationDeclined.escalate_by")?
                    .try_into()?,
                stopped: required(m.stopped, "NegotiationDeclined.stopped")?.try_into()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::NegotiationExpired => open(value, |m: v1::NegotiationExpired| {
            let event = Event::NegotiationExpired {
                why: listed(m.why, "NegotiationExpired.why")?,
                escalate_by: required(m.escalate_by, "NegotiationExpired.escalate_by")?
                    .try_into()?,
                stopped: required(m.stopped, "NegotiationExpired.stopped")?.try_into()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::NegotiationEnded => open(value, |m: v1::NegotiationEnded| {
            let event = Event::NegotiationEnded {
                why: listed(m.why, "NegotiationEnded.why")?,
                escalate_by: required(m.escalate_by, "NegotiationEnded.escalate_by")?.try_into()?,
                stopped: required(m.stopped, "NegotiationEnded.stopped")?.try_into()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::ComplaintEscalated => open(value, |m: v1::ComplaintEscalated| {
            let automatic = m.automatic;
            Ok((m.meta, Event::ComplaintEscalated { automatic }))
        }),
        EventKind::ClosedUnescalated => open(value, |m: v1::ClosedUnescalated| {
            let due = required(m.due, "ClosedUnescalated.due")?.try_into()?;
            Ok((m.meta, Event::ClosedUnescalated { due }))
        }),
        EventKind::ComplaintAccepted => open(value, |m: v1::ComplaintAccepted| {
            let due = required(m.due, "ComplaintAccepted.due")?.try_into()?;
            let stopped = required(m.stopped, "ComplaintAccepted.stopped")?.try_into()?;
            Ok((m.meta, Event::ComplaintAccepted { due, stopped }))
        }),
        EventKind::ComplaintRefused => open(value, |m: v1::ComplaintRefused| {
            let event = Event::ComplaintRefused {
                ground: listed(m.ground, "ComplaintRefused.ground")?,
                number: small(m.number, "ComplaintRefused.number")?,
                text: text_ref(m.text, "ComplaintRefused.text")?,
                stopped: m.stopped.map(TryInto::try_into).transpose()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::CaseReturned => open(value, |m: v1::CaseReturned| {
            let event = Event::CaseReturned {
                holder: authority(&m.holder, "CaseReturned.holder")?,
                reason: listed(m.reason, "CaseReturned.reason")?,
                text: maybe_text_ref(m.text, "CaseReturned.text")?,
                due: required(m.due, "CaseReturned.due")?.try_into()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::AcceptanceOverdue => open(value, |m: v1::AcceptanceOverdue| {
            let due = required(m.due, "AcceptanceOverdue.due")?.try_into()?;
            Ok((m.meta, Event::AcceptanceOverdue { due }))
        }),
        EventKind::SessionScheduled => open(value, |m: v1::SessionScheduled| {
            let event = Event::SessionScheduled {
                at: instant(m.at, "SessionScheduled.at")?,
                online: m.online,
                place: text_ref(m.place, "SessionScheduled.place")?,
                recusal_days: m.recusal_days,
            };
            Ok((m.meta, event))
        }),
        EventKind::MediationEnded => open(value, |m: v1::MediationEnded| {
            let event = Event::MediationEnded {
                ground: listed(m.ground, "MediationEnded.ground")?,
                number: small(m.number, "MediationEnded.number")?,
                basis: listed(m.basis, "MediationEnded.basis")?,
                text: maybe_text_ref(m.text, "MediationEnded.text")?,
                stopped: required(m.stopped, "MediationEnded.stopped")?.try_into()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::MediationOverdue => open(value, |m: v1::MediationOverdue| {
            let due = required(m.due, "MediationOverdue.due")?.try_into()?;
            Ok((m.meta, Event::MediationOverdue { due }))
        }),
        EventKind::AgreementSigned => open(value, |m: v1::AgreementSigned| {
            let by = listed(m.by, "AgreementSigned.by")?;
            let document = hash(&m.document, "AgreementSigned.document")?;
            Ok((m.meta, Event::AgreementSigned { by, document }))
        }),
        EventKind::AgreementSealed => open(value, |m: v1::AgreementSealed| {
            let event = Event::AgreementSealed {
                document: hash(&m.document, "AgreementSealed.document")?,
                lapse: required(m.lapse, "AgreementSealed.lapse")?.try_into()?,
                stopped: required(m.stopped, "AgreementSealed.stopped")?.try_into()?,
            };
            Ok((m.meta, event))
        }),
        EventKind::AgreementWaived => open(value, |m: v1::AgreementWaived| {
            let by = listed(m.by, "AgreementWaived.by")?;
            let settled = m.settled.map(TryInto::try_into).transpose()?.map(Box::new);
            Ok((m.meta, Event::AgreementWaived { by, settled }))
        }),
        EventKind::MediationRecorded => open(value, |m: v1::MediationRecorded| {
            let text = text_ref(m.text, "MediationRecorded.text")?;
            let settled = Box::new(required(m.settled, "MediationRecorded.settled")?.try_into()?);
            Ok((m.meta, Event::MediationRecorded { text, settled }))
        }),
        EventKind::PerformanceDeclared => open(value, |m: v1::PerformanceDeclared| {
            let evidence = m
                .evidence
                .map(|bytes| id(&bytes, "PerformanceDeclared.evidence"));
            let evidence = evidence.transpose()?;
            Ok((m.meta, Event::PerformanceDeclared { evidence }))
        }),
        EventKind::AgreementPerformed => open(value, |m: v1::AgreementPerformed| {
            let performed = listed(m.performed, "AgreementPerformed.performed")?;
            let recovered = fen(m.recovered_fen, "AgreementPerformed.recovered_fen")?;
            Ok((
                m.meta,
                Event::AgreementPerformed {
                    performed,
                    recovered,
                },
            ))
        }),
        EventKind::BreachReported => open(value, |m: v1::BreachReported| {
            let escalate_by = m.escalate_by.map(TryInto::try_into).transpose()?;
            let text = maybe_text_ref(m.text, "BreachReported.text")?;
            Ok((m.meta, Event::BreachReported { escalate_by, text }))
        }),
        EventKind::PerformanceLapsed => open(value, |m: v1::PerformanceLapsed| {
            let due = required(m.due, "PerformanceLapsed.due")?.try_into()?;
            Ok((m.meta, Event::PerformanceLapsed { due }))
        }),
        EventKind::ComplaintWithdrawn => open(value, |m: v1::ComplaintWithdrawn| {
            let reason = listed(m.reason, "ComplaintWithdrawn.reason")?;
            let stopped = m.stopped.map(TryInto::try_into).transpose()?;
            Ok((m.meta, Event::ComplaintWithdrawn { reason, stopped }))
        }),
        EventKind::WithdrawalRefused => open(value, |m: v1::WithdrawalRefused| {
            let reason = listed(m.reason, "WithdrawalRefused.reason")?;
            Ok((m.meta, Event::WithdrawalRefused { reason }))
        }),
        EventKind::WithdrawalRequested => open(value, |m: v1::WithdrawalRequested| {
            let reason = listed(m.reason, "WithdrawalRequested.reason")?;
            let text = maybe_text_ref(m.text, "WithdrawalRequested.text")?;
            Ok((m.meta, Event::WithdrawalRequested { reason, text }))
        }),
        EventKind::EvidenceAdded => open(value, |m: v1::EvidenceAdded| {
            let event = Event::EvidenceAdded {
                evidence: id(&m.evidence, "EvidenceAdded.evidence")?,
                hash: hash(&m.hash, "EvidenceAdded.hash")?,
                media_type: m.media_type,
                size_bytes: m.size_bytes,
                by: listed(m.by, "EvidenceAdded.by")?,
            };
            Ok((m.meta, event))
        }),
        EventKind::HandlingRated => open(value, |m: v1::HandlingRated| {
            let stars = small(m.stars, "HandlingRated.stars")?;
            Ok((m.meta, Event::HandlingRated { stars }))
        }),
    }
}

fn routed_to_enterprise(m: v1::RoutedToEnterprise) -> Opened {
    let routed = RoutedToEnterprise {
        enterprise: uscc(&m.enterprise, "RoutedToEnterprise.enterprise")?,
        on_behalf_of: maybe_uscc(m.on_behalf_of, "RoutedToEnterprise.on_behalf_of")?,
        registry_version: m.registry_version,
        due: required(m.due, "RoutedToEnterprise.due")?.try_into()?,
    };
    Ok((m.meta, Event::RoutedToEnterprise(routed)))
}

fn routed_to_authority(m: v1::RoutedToAuthority) -> Opened {
    let routed = RoutedToAuthority {
        authority: authority(&m.authority, "RoutedToAuthority.authority")?,
        level: listed(m.level, "RoutedToAuthority.level")?,
        ancestors: authorities(&m.ancestors, "RoutedToAuthority.ancestors")?,
        unit: unit(&m.unit, "RoutedToAuthority.unit")?,
        received_at: instant(m.received_at, "RoutedToAuthority.received_at")?,
        decide_by: required(m.decide_by, "RoutedToAuthority.decide_by")?.try_into()?,
        rule_set: listed(m.rule_set, "RoutedToAuthority.rule_set")?,
        basis: listed(m.basis, "RoutedToAuthority.basis")?,
        nth: m.nth,
        directory_version: m.directory_version,
    };
    Ok((m.meta, Event::RoutedToAuthority(routed)))
}

/// A number of one byte.
fn small(number: u32, what: &'static str) -> Read<u8> {
    u8::try_from(number).map_err(|_| garbage(what))
}
