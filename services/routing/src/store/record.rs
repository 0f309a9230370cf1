//! Registry records as they go into the log: full entities, each with its own version and chain.

use bytes::Bytes;
use case::Actor;
use chassis::envelope::{Chain, Envelope, GENESIS, Kind};
use chrono::{DateTime, Utc};
use law::directory::{Authority, Directory};
use prost::Message;
use proto::event::{AUTHORITY_RECORDED, ENTERPRISE_RECORDED};
use proto::routing::v1;
use proto::wire::{number, timestamp};
use uuid::Uuid;

use super::{KeptAuthority, KeptEnterprise};
use crate::domain::enterprise::{Enterprise, FiveOnes, Status};

/// Namespace of the ids that enterprises and authorities have as subjects of the registry topic.
const ENTITIES: Uuid = Uuid::from_u128(0x6a1c_0f0e_52b1_5f3a_9d0b_7e2c_41a8_d9f4);

/// Who recorded what, when and why.
#[derive(Clone, Debug)]
pub(crate) struct Recording<'a> {
    pub(crate) space: &'a str,
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: &'a Actor,
    /// The request id, or the directory's version.
    pub(crate) cause: String,
    pub(crate) traceparent: Option<String>,
}

/// The subject of an enterprise's records.
pub(crate) fn enterprise_subject(uscc: &str) -> Uuid {
    Uuid::new_v5(&ENTITIES, format!("enterprise/{uscc}").as_bytes())
}

/// The subject of an authority's records.
pub(crate) fn authority_subject(id: &str) -> Uuid {
    Uuid::new_v5(&ENTITIES, format!("authority/{id}").as_bytes())
}

/// An enterprise as a message.
pub(crate) fn enterprise_message(enterprise: &Enterprise) -> v1::Enterprise {
    let said = &enterprise.application;
    v1::Enterprise {
        uscc: said.uscc.as_str().to_owned(),
        name: said.name.clone(),
        region: said.region.as_str().to_owned(),
        industry: said.industry.clone(),
        status: status_message(enterprise.status).into(),
        five_ones: Some(five_ones_message(said.five_ones)),
        delegate_uscc: said
            .delegate
            .as_ref()
            .map_or_else(String::new, |uscc| uscc.as_str().to_owned()),
        synthetic: said.synthetic,
        version: enterprise.version,
        etag: enterprise.etag(),
        registered_at: Some(timestamp(enterprise.registered_at)),
        updated_at: Some(timestamp(enterprise.updated_at)),
    }
}

fn status_message(status: Status) -> v1::EnterpriseStatus {
    match status {
        Status::Applied => v1::EnterpriseStatus::Applied,
        Status::Admitted => v1::EnterpriseStatus::Admitted,
        Status::Suspended => v1::EnterpriseStatus::Suspended,
        Status::Removed => v1::EnterpriseStatus::Removed,
    }
}

fn five_ones_message(has: FiveOnes) -> v1::FiveOnes {
    v1::FiveOnes {
        fixed_place: has.fixed_place,
        staff: has.staff,
        computer: has.computer,
        telephone: has.telephone,
        rules: has.rules,
    }
}

/// The status of a number; `None` for UNSPECIFIED and unknown ones.
pub(crate) fn status_of(number: i32) -> Option<Status> {
    Some(match v1::EnterpriseStatus::try_from(number).ok()? {
        v1::EnterpriseStatus::Unspecified => return None,
        v1::EnterpriseStatus::Applied => Status::Applied,
        v1::EnterpriseStatus::Admitted => Status::Admitted,
        v1::EnterpriseStatus::Suspended => Status::Suspended,
        v1::EnterpriseStatus::Removed => Status::Removed,
    })
}

/// What the message says an enterprise has.
pub(crate) fn five_ones_of(has: v1::FiveOnes) -> FiveOnes {
    FiveOnes {
        fixed_place: has.fixed_place,
        staff: has.staff,
        computer: has.computer,
        telephone: has.telephone,
        rules: has.rules,
    }
}

/// An authority as a message, without its versions.
pub(crate) fn authority_message(
    authority: &Authority,
    directory: &Directory,
) -> v1::AuthorityRecord {
    v1::AuthorityRecord {
        authority_id: authority.id.as_str().to_owned(),
        name: authority.name.clone(),
        level: number(authority.level),
        parent: authority
            .parent
            .as_ref()
            .map_or_else(String::new, |id| id.as_str().to_owned()),
        ancestors: directory
            .ancestors(&authority.id)
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect(),
        coverage: authority
            .coverage
            .iter()
            .map(|code| code.as_str().to_owned())
            .collect(),
        receives_first: authority.receives_first,
        receiving_unit: authority.receiving_unit.as_str().to_owned(),
        units: authority
            .units
            .iter()
            .map(|unit| v1::AuthorityUnit {
                unit_id: unit.id.as_str().to_owned(),
                name: unit.name.clone(),
                kind: number(unit.kind),
            })
            .collect(),
        version: 0,
        directory_version: 0,
    }
}

/// The next record of an enterprise: what to keep and what to publish.
pub(crate) fn of_enterprise(
    enterprise: Enterprise,
    previous: Option<&Chain>,
    recording: &Recording<'_>,
) -> (KeptEnterprise, Envelope) {
    let uscc = enterprise.application.uscc.as_str();
    let value = v1::EnterpriseRecorded {
        meta: Some(meta(recording)),
        enterprise: Some(enterprise_message(&enterprise)),
    };
    let subject = enterprise_subject(uscc);
    let envelope = envelope(
        ENTERPRISE_RECORDED,
        subject,
        enterprise.version,
        value.encode_to_vec(),
        previous,
        recording,
    );
    (
        KeptEnterprise {
            enterprise,
            chain: envelope.chain,
        },
        envelope,
    )
}

/// The next record of an authority: what to keep and what to publish. `message` comes without its versions.
pub(crate) fn of_authority(
    authority: &Authority,
    message: v1::AuthorityRecord,
    directory_version: u64,
    before: Option<&KeptAuthority>,
    recording: &Recording<'_>,
) -> (KeptAuthority, Envelope) {
    let content = message.encode_to_vec();
    let version = before.map_or(0, |before| before.version) + 1;
    let full = v1::AuthorityRecord {
        version,
        directory_version,
        ..message
    };
    let value = v1::AuthorityRecorded {
        meta: Some(meta(recording)),
        authority: Some(full),
    };
    let subject = authority_subject(authority.id.as_str());
    let previous = before.map(|before| &before.chain);
    let envelope = envelope(
        AUTHORITY_RECORDED,
        subject,
        version,
        value.encode_to_vec(),
        previous,
        recording,
    );
    (
        KeptAuthority {
            id: authority.id.clone(),
            version,
            chain: envelope.chain,
            content,
        },
        envelope,
    )
}

fn meta(recording: &Recording<'_>) -> v1::RegistryMeta {
    v1::RegistryMeta {
        space: recording.space.to_owned(),
        recorded_at: Some(timestamp(recording.at)),
        actor: Some(recording.by.into()),
        cause: recording.cause.clone(),
    }
}

fn envelope(
    event_type: &'static str,
    subject: Uuid,
    sequence: u64,
    value: Vec<u8>,
    previous: Option<&Chain>,
    recording: &Recording<'_>,
) -> Envelope {
    let mut envelope = Envelope {
        id: Uuid::now_v7(),
        kind: Kind::Decision,
        event_type: event_type.to_owned(),
        source: case::Service::Routing.code().to_owned(),
        time: recording.at,
        subject,
        sequence,
        traceparent: recording.traceparent.clone(),
        chain: GENESIS,
        value: Bytes::from(value),
    };
    envelope.chain = envelope.chain_after(previous.unwrap_or(&GENESIS));
    envelope
}
