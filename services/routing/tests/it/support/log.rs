//! What intake and mediation would write to the log, chained onto what the service has taken in.

use bytes::Bytes;
use case::event::{EventMeta, Head, Heads};
use case::{Actor, ActorKind, Body, Command, Event, Facts, Filing, Kind, Service};
use chassis::admission::Position;
use chassis::envelope::{Envelope, Kind as EnvelopeKind};
use chrono::{DateTime, Utc};
use docket::read;
use law::day::day_of;
use law::{Law, RuleSet};
use proto::v1;
use rdkafka::producer::FutureRecord;
use uuid::Uuid;

use super::town::{BOUND, SPACE};
use super::{OPERATOR, Town, by};

impl Town {
    /// Intake takes a complaint, and routing answers it; gives the case's id.
    pub(crate) async fn filed(&self, filing: Filing) -> Uuid {
        self.filed_at(filing, self.now().await).await
    }

    /// The same, filed at an earlier instant.
    pub(crate) async fn filed_at(&self, filing: Filing, at: DateTime<Utc>) -> Uuid {
        let case_id = Uuid::now_v7();
        self.write(
            case_id,
            Service::Intake,
            consumer(),
            Event::ComplaintFiled(std::sync::Arc::new(filing)),
            at,
        )
        .await;
        self.case_at(case_id, 2).await;
        case_id
    }

    /// Another service decides a command on a case of its own, as this one knows it.
    pub(crate) async fn elsewhere(&self, case_id: Uuid, by: Actor, body: Body) {
        let found = read::one(&self.pool.clone().into(), case_id)
            .await
            .unwrap()
            .unwrap();
        let case = found.case.unwrap();
        let now = self.now().await.max(case.at);
        let source = match body {
            Body::RequestWithdrawal { .. } | Body::AddEvidence { .. } => Service::Intake,
            _ => case.state.owner(),
        };
        assert_ne!(
            source,
            Service::Routing,
            "the service under test decides for itself"
        );
        let command = Command {
            by: by.clone(),
            body,
        };
        let event = case::decide(Some(&case), &command, &Facts::None, &Law::default(), now)
            .unwrap()
            .remove(0);
        self.write(case_id, source, by, event, now).await;
    }

    /// Every record comes twice, as after a relay that died between delivery and deletion.
    async fn write(
        &self,
        case_id: Uuid,
        source: Service,
        actor: Actor,
        event: Event,
        at: DateTime<Utc>,
    ) {
        let found = read::one(&self.pool.clone().into(), case_id).await.unwrap();
        let position = found.map_or_else(Position::start, |found| found.position);
        let kind = event.kind();
        let meta = EventMeta {
            space: SPACE.to_owned(),
            occurred_at: at,
            recorded_at: at,
            actor,
            cause: "test".to_owned(),
            rule_set: RuleSet::on(day_of(at)),
            imported: false,
            notice_heads: if kind == Kind::Decision {
                heads(&position)
            } else {
                Heads::new()
            },
        };
        let encoded = proto::event::encode(&event, &meta);
        let (kind, before) = match kind {
            Kind::Decision => (EnvelopeKind::Decision, position.version),
            Kind::Notice => (
                EnvelopeKind::Notice,
                position
                    .seen
                    .get(source.code())
                    .map_or(0, |head| head.sequence),
            ),
        };
        let mut envelope = Envelope {
            id: Uuid::now_v7(),
            kind,
            event_type: encoded.event_type.to_owned(),
            source: source.code().to_owned(),
            time: at,
            subject: case_id,
            sequence: before + 1,
            traceparent: None,
            chain: [0; 32],
            value: Bytes::from(encoded.value),
        };
        envelope.chain = envelope.chain_after(&position.previous_chain(kind, source.code()));
        for _ in 0..2 {
            self.publish(&self.case_topic, &envelope).await;
        }
        if kind == EnvelopeKind::Decision {
            self.case_at(case_id, envelope.sequence).await;
        }
    }

    /// Puts a record on the log.
    pub(crate) async fn publish(&self, topic: &str, envelope: &Envelope) {
        let key = envelope.key();
        let record = FutureRecord::to(topic)
            .key(&key)
            .headers(envelope.headers())
            .payload(envelope.value.as_ref());
        self.producer.send(record, BOUND).await.unwrap();
    }

    /// The case at a version or later, as the operator reads it.
    pub(crate) async fn case_at(&self, case_id: Uuid, min_version: u64) -> v1::Case {
        let request = proto::routing::v1::GetCaseRequest {
            case_id: case_id.to_string(),
            min_version,
        };
        self.client()
            .get_case(by(OPERATOR, request))
            .await
            .unwrap()
            .into_inner()
    }
}

fn heads(position: &Position) -> Heads {
    let head = |head: &chassis::admission::Head| Head {
        sequence: head.sequence,
        chain: head.chain,
    };
    position
        .seen
        .iter()
        .map(|(source, seen)| (Service::from_code(source).unwrap(), head(seen)))
        .collect()
}

/// The complainant.
pub(crate) fn consumer() -> Actor {
    Actor {
        kind: ActorKind::Consumer,
        org: None,
        subject: Some("party-1".to_owned()),
    }
}

/// An official of an authority.
pub(crate) fn official(authority: &str) -> Actor {
    Actor {
        kind: ActorKind::Official,
        org: Some(authority.to_owned()),
        subject: Some("official-1".to_owned()),
    }
}
