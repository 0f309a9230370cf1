//! Words of other services: decided by the case itself, put on the log as those services would.

use bytes::Bytes;
use case::event::{EventMeta, Head, Kind};
use case::facts::{ActiveEnterprise, Destination, Jurisdiction};
use case::state::Service as Source;
use case::{Actor, ActorKind, Body, Command, Facts, Recorded, Uscc};
use chassis::envelope::{Envelope, GENESIS, Kind as EnvelopeKind};
use chrono::{DateTime, SubsecRound, Utc};
use law::directory::{AuthorityId, Level, UnitId};
use law::jurisdiction::Basis;
use law::{Law, RuleSet};
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use uuid::Uuid;

use super::BOUND;
use super::service::{STAFF, Service};

/// The enterprise that negotiates.
pub(crate) const ENTERPRISE: &str = "91110000600037341L";
/// The authority that receives.
pub(crate) const AUTHORITY: &str = "330106";

/// Routes a case to the enterprise, if `to_enterprise`, else to the authority.
pub(crate) async fn route(service: &Service, case_id: &str, to_enterprise: bool) -> u64 {
    let facts = Facts::Route {
        enterprise: to_enterprise.then(|| ActiveEnterprise {
            enterprise: Uscc::parse(ENTERPRISE).unwrap(),
            on_behalf_of: None,
            registry_version: 1,
        }),
        jurisdiction: Jurisdiction::Decided(Destination {
            authority: AuthorityId::parse(AUTHORITY).unwrap(),
            level: Level::County,
            ancestors: ["3301", "33", "CN"]
                .map(|id| AuthorityId::parse(id).unwrap())
                .to_vec(),
            unit: UnitId::parse("330106-00").unwrap(),
            basis: Basis::BusinessPlace,
            directory_version: 1,
        }),
        prior_odr_failed: false,
    };
    let system = Command {
        by: Actor::system(),
        body: Body::Route,
    };
    append(service, case_id, Source::Routing, system, facts).await
}

/// Lets an official of the authority act.
pub(crate) async fn official(service: &Service, case_id: &str, body: Body) -> u64 {
    let by = Actor {
        kind: ActorKind::Official,
        org: Some(AUTHORITY.into()),
        subject: Some("o-1".into()),
    };
    append(
        service,
        case_id,
        Source::Mediation,
        Command { by, body },
        Facts::None,
    )
    .await
}

/// Appends what a command yields and waits until the service has taken it in; gives the case's version.
pub(crate) async fn append(
    service: &Service,
    case_id: &str,
    source: Source,
    command: Command,
    facts: Facts,
) -> u64 {
    service.published().await;
    let subject: Uuid = case_id.parse().unwrap();
    let found = docket::read::one(&service.pool.clone().into(), subject)
        .await
        .unwrap()
        .unwrap();
    let (case, position) = (found.case.unwrap(), found.position);
    let now = Utc::now().trunc_subsecs(6).max(case.at);
    let events = case::decide(Some(&case), &command, &facts, &Law::default(), now).unwrap();
    let [event] = <[case::Event; 1]>::try_from(events).unwrap();
    assert_eq!(event.kind(), Kind::Decision);
    let heads = position.seen.iter().map(|(source, head)| {
        (
            Source::from_code(source).unwrap(),
            Head {
                sequence: head.sequence,
                chain: head.chain,
            },
        )
    });
    let meta = EventMeta {
        space: case.space.clone(),
        occurred_at: now,
        recorded_at: now,
        actor: command.by,
        cause: "test".into(),
        rule_set: RuleSet::Order121,
        imported: false,
        notice_heads: heads.collect(),
    };
    let encoded = proto::event::encode(&event, &meta);
    let mut envelope = Envelope {
        id: Uuid::now_v7(),
        kind: EnvelopeKind::Decision,
        event_type: encoded.event_type.to_owned(),
        source: source.code().to_owned(),
        time: now,
        subject,
        sequence: position.version + 1,
        traceparent: None,
        chain: GENESIS,
        value: Bytes::from(encoded.value),
    };
    envelope.chain = envelope.chain_after(&position.chain);
    let recorded = Recorded {
        id: envelope.id,
        case_id: case.id,
        source,
        sequence: envelope.sequence,
        meta,
        event,
    };
    assert!(case::evolve(Some(case), &recorded).is_some());
    produce(service, &envelope).await;
    service
        .get(STAFF, case_id, envelope.sequence)
        .await
        .unwrap()
        .version
}

async fn produce(service: &Service, envelope: &Envelope) {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", &service.kafka)
        .create()
        .unwrap();
    let key = envelope.key();
    // Twice: a redelivered record changes nothing.
    for _ in 0..2 {
        let record = FutureRecord::to(&service.case_topic)
            .key(&key)
            .payload(&envelope.value[..])
            .headers(envelope.headers());
        producer.send(record, BOUND).await.unwrap();
    }
}

/// A text that nobody keeps.
pub(crate) fn text() -> case::TextRef {
    case::TextRef {
        id: Uuid::now_v7(),
        hash: [7; 32],
    }
}

/// The wall clock's legal day.
pub(crate) fn legal_day(at: DateTime<Utc>) -> String {
    law::day::day_of(at).to_string()
}
