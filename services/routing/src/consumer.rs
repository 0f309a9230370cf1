//! Records of the registry topic, read back: a database put back to an older copy learns from them what it had said.

use case::{Service, Uscc};
use chassis::envelope::Envelope;
use chassis::work::Undecodable;
use law::directory::{AuthorityId, RegionCode};
use prost::Message;
use proto::event::{AUTHORITY_RECORDED, ENTERPRISE_RECORDED};
use proto::routing::v1;
use proto::wire::instant;

use crate::domain::enterprise::{Application, Enterprise};
use crate::store::record::{authority_subject, enterprise_subject, five_ones_of, status_of};
use crate::store::{KeptAuthority, KeptEnterprise, Rows};

/// Takes a record into the rows to save; only a greater version than the one kept will change anything.
///
/// # Errors
/// Whether this release does not know the type or the bytes are no record.
pub(crate) fn take(envelope: &Envelope, rows: &mut Rows) -> Result<(), Undecodable> {
    if envelope.source != Service::Routing.code() {
        return Err(garbage("the source keeps no registry"));
    }
    match envelope.event_type.as_str() {
        ENTERPRISE_RECORDED => rows.take_enterprise(enterprise(envelope)?),
        AUTHORITY_RECORDED => rows.take_authority(authority(envelope)?),
        _ => {
            return Err(Undecodable::Unknown(
                "the type is not one of the registry".into(),
            ));
        }
    }
    Ok(())
}

fn enterprise(envelope: &Envelope) -> Result<KeptEnterprise, Undecodable> {
    let message = v1::EnterpriseRecorded::decode(envelope.value.as_ref())
        .map_err(|_| garbage("EnterpriseRecorded"))?;
    let record = message
        .enterprise
        .ok_or_else(|| garbage("EnterpriseRecorded.enterprise"))?;
    if envelope.subject != enterprise_subject(&record.uscc) || envelope.sequence != record.version {
        return Err(garbage("the record is not its envelope's"));
    }
    let at = |at: Option<_>, field| at.as_ref().and_then(instant).ok_or_else(|| garbage(field));
    let code = |text: &str, field| Uscc::parse(text).ok_or_else(|| garbage(field));
    let delegate = Some(record.delegate_uscc.as_str()).filter(|text| !text.is_empty());
    let application = Application {
        uscc: code(&record.uscc, "Enterprise.uscc")?,
        region: RegionCode::parse(&record.region).map_err(|_| garbage("Enterprise.region"))?,
        delegate: delegate
            .map(|text| code(text, "Enterprise.delegate_uscc"))
            .transpose()?,
        name: record.name,
        industry: record.industry,
        five_ones: five_ones_of(record.five_ones.unwrap_or_default()),
        synthetic: record.synthetic,
    };
    let enterprise = Enterprise {
        application,
        status: status_of(record.status)
            .ok_or_else(|| Undecodable::Unknown("Enterprise.status".into()))?,
        version: record.version,
        registered_at: at(record.registered_at, "Enterprise.registered_at")?,
        updated_at: at(record.updated_at, "Enterprise.updated_at")?,
    };
    Ok(KeptEnterprise {
        enterprise,
        chain: envelope.chain,
    })
}

fn authority(envelope: &Envelope) -> Result<KeptAuthority, Undecodable> {
    let message = v1::AuthorityRecorded::decode(envelope.value.as_ref())
        .map_err(|_| garbage("AuthorityRecorded"))?;
    let record = message
        .authority
        .ok_or_else(|| garbage("AuthorityRecorded.authority"))?;
    if envelope.subject != authority_subject(&record.authority_id)
        || envelope.sequence != record.version
    {
        return Err(garbage("the record is not its envelope's"));
    }
    let id = AuthorityId::parse(&record.authority_id)
        .map_err(|_| garbage("AuthorityRecord.authority_id"))?;
    let version = record.version;
    let content = v1::AuthorityRecord {
        version: 0,
        directory_version: 0,
        ..record
    }
    .encode_to_vec();
    Ok(KeptAuthority {
        id,
        version,
        chain: envelope.chain,
        content,
    })
}

fn garbage(what: &str) -> Undecodable {
    Undecodable::Garbage(format!("{what} cannot be read"))
}
