//! What intake and routing would write to the log: decided by the same rules, chained onto what the archive shows.

use std::time::Instant;

use bytes::Bytes;
use case::event::{EventMeta, Head, Heads};
use case::state::{Service, WithdrawalReason};
use case::{Actor, ActorKind, Body, Case, Command, Event, Facts, Filing, Kind};
use chassis::admission::Position;
use chassis::envelope::{Envelope, Kind as EnvelopeKind};
use chrono::{DateTime, Utc};
use law::day::day_of;
use law::{Law, RuleSet};
use proto::mediation::v1::GetCaseRequest;
use proto::v1;
use rdkafka::producer::FutureRecord;
use uuid::Uuid;

use super::Stage;
use super::archive::History;
use super::asking::by;
use super::people::{ENTERPRISE_CODE, OPERATOR};
use super::samples::{authority, by_hand, filing, to_authority, to_enterprise};
use super::stage::{BOUND, SPACE};

impl Stage {
    /// Intake takes a complaint.
    pub(crate) async fn filed(&self, filing: Filing) -> Uuid {
        let case_id = Uuid::now_v7();
        let event = Event::ComplaintFiled(std::sync::Arc::new(filing));
        let history = History::default();
        self.written(case_id, &history, Service::Intake, complainant(), event)
            .await;
        case_id
    }

    /// Routing routes what is filed or escalated.
    pub(crate) async fn routed(&self, case_id: Uuid, facts: Facts) {
        self.decided(case_id, Actor::system(), Body::Route, facts)
            .await;
    }

    /// The receiving unit of the holder routes a held case by hand.
    pub(crate) async fn routed_by_hand(&self, case_id: Uuid, holder: &str, name: &str) {
        let by = Actor {
            kind: ActorKind::Official,
            org: Some(holder.to_owned()),
            subject: None,
        };
        let authority = authority(name);
        self.decided(case_id, by, Body::RouteByHand { authority }, by_hand(name))
            .await;
    }

    /// A case in negotiation.
    pub(crate) async fn negotiating(&self) -> Uuid {
        let case_id = self.filed(filing()).await;
        self.routed(case_id, to_enterprise(ENTERPRISE_CODE)).await;
        case_id
    }

    /// A case at the county; no enterprise negotiated.
    pub(crate) async fn at_county(&self) -> Uuid {
        let case_id = self.filed(filing()).await;
        self.routed(case_id, to_authority("county-1")).await;
        case_id
    }

    /// Intake takes the complainant's wish to withdraw, as far as it had read.
    pub(crate) async fn withdrawal_asked(&self, case_id: Uuid) {
        let event = Event::WithdrawalRequested {
            reason: WithdrawalReason::Mistake,
            text: None,
        };
        let history = self.history(case_id).await;
        self.written(case_id, &history, Service::Intake, complainant(), event)
            .await;
    }

    /// Routing decides after what the archive shows.
    async fn decided(&self, case_id: Uuid, by: Actor, body: Body, facts: Facts) {
        let history = self.history(case_id).await;
        let now = self.now().await;
        let command = Command { by, body };
        let events = case::decide(
            history.case.as_ref(),
            &command,
            &facts,
            &Law::default(),
            now,
        );
        let event = events.unwrap().remove(0);
        self.written(case_id, &history, Service::Routing, command.by, event)
            .await;
    }

    /// Another service writes an event; returns when it is taken in.
    async fn written(
        &self,
        case_id: Uuid,
        history: &History,
        source: Service,
        actor: Actor,
        event: Event,
    ) {
        let now = self.now().await;
        let state = history.case.as_ref();
        let now = state.map_or(now, |case| now.max(case.at));
        let heads = match event.kind() {
            Kind::Decision => heads(&history.position),
            Kind::Notice => Heads::new(),
        };
        let meta = EventMeta {
            space: SPACE.to_owned(),
            occurred_at: now,
            recorded_at: now,
            actor,
            cause: "test".to_owned(),
            rule_set: state.map_or_else(|| RuleSet::on(day_of(now)), Case::rule_set),
            imported: false,
            notice_heads: heads,
        };
        let encoded = proto::event::encode(&event, &meta);
        let (kind, sequence) = match event.kind() {
            Kind::Decision => (EnvelopeKind::Decision, history.position.version + 1),
            Kind::Notice => {
                let seen = history.position.seen.get(source.code());
                (
                    EnvelopeKind::Notice,
                    seen.map_or(0, |head| head.sequence) + 1,
                )
            }
        };
        let mut envelope = Envelope {
            id: Uuid::now_v7(),
            kind,
            event_type: encoded.event_type.to_owned(),
            source: source.code().to_owned(),
            time: now,
            subject: case_id,
            sequence,
            traceparent: None,
            chain: [0; 32],
            value: Bytes::from(encoded.value),
        };
        let previous = history.position.previous_chain(kind, source.code());
        envelope.chain = envelope.chain_after(&previous);
        // Every record comes twice, as after a relay that died between delivery and deletion.
        for _ in 0..2 {
            self.published(&envelope).await;
        }
        match kind {
            EnvelopeKind::Decision => {
                self.case_at(case_id, sequence).await;
            }
            EnvelopeKind::Notice => self.until_archived(case_id, envelope.id).await,
        }
    }

    async fn published(&self, envelope: &Envelope) {
        let key = envelope.key();
        let record = FutureRecord::to(&self.topic)
            .key(&key)
            .headers(envelope.headers())
            .payload(envelope.value.as_ref());
        self.producer.send(record, BOUND).await.unwrap();
    }

    async fn until_archived(&self, case_id: Uuid, event_id: Uuid) {
        let give_up_at = Instant::now() + BOUND;
        let event_id = event_id.to_string();
        while self
            .archived(case_id)
            .await
            .iter()
            .all(|event| event.event_id != event_id)
        {
            assert!(
                Instant::now() < give_up_at,
                "the notice did not come in time"
            );
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// The case at a version or later, as the operator reads it.
    pub(crate) async fn case_at(&self, case_id: Uuid, min_version: u64) -> v1::Case {
        let case_id = case_id.to_string();
        let request = GetCaseRequest {
            case_id,
            min_version,
        };
        let answer = self.client().get_case(by(OPERATOR, request)).await;
        answer.unwrap().into_inner()
    }

    /// The case as it stands, after its history was verified and found to give the same case.
    pub(crate) async fn verified(&self, case_id: Uuid) -> (v1::Case, History) {
        let read = self.case_at(case_id, 0).await;
        let history = self.history(case_id).await;
        let etag = history.position.etag();
        assert_eq!(read, proto::view::case(history.case(), &etag, &[]));
        (read, history)
    }
}

/// Notice heads as a decision carries them.
fn heads(position: &Position) -> Heads {
    let seen = position.seen.iter();
    seen.map(|(source, head)| {
        let head = Head {
            sequence: head.sequence,
            chain: head.chain,
        };
        (Service::from_code(source).unwrap(), head)
    })
    .collect()
}

/// The complainant of [`filing`].
fn complainant() -> Actor {
    Actor {
        kind: ActorKind::Consumer,
        org: None,
        subject: Some("party-1".to_owned()),
    }
}

/// When the running clock of a case is due.
pub(crate) fn due(case: &v1::Case) -> DateTime<Utc> {
    let due = case.due_dates[0].due.as_ref().unwrap();
    proto::wire::instant(due.at.as_ref().unwrap()).unwrap()
}
