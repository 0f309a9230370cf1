//! A ticket's history written by hand, as if services had appended it: the right chain, or a wrong one on purpose.

use bytes::Bytes;
use chassis::admission::{Heads, Position};
use chassis::clock;
use chassis::envelope::{Envelope, Kind};
use uuid::Uuid;

use super::ticket::{Body, Event};

/// Where a history stands.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) subject: Uuid,
    pub(crate) position: Position,
}

impl History {
    pub(crate) fn new() -> Self {
        Self::of(Uuid::now_v7())
    }

    pub(crate) fn of(subject: Uuid) -> Self {
        Self {
            subject,
            position: Position::start(),
        }
    }

    /// The next event of `source`; the history moves past it.
    pub(crate) fn next(&mut self, source: &str, body: Body) -> Envelope {
        let event_type = body.event_type();
        let kind = if body.is_notice() {
            Kind::Notice
        } else {
            Kind::Decision
        };
        let absorbed = match kind {
            Kind::Decision => self.position.seen.clone(),
            Kind::Notice => Heads::new(),
        };
        let value = Event::new("main", clock::wall(), &absorbed, body).bytes();
        self.append(source, kind, event_type, value, &absorbed)
    }

    /// The next decision with any type and bytes.
    pub(crate) fn raw(&mut self, source: &str, event_type: &str, value: &[u8]) -> Envelope {
        let absorbed = Heads::new();
        self.append(
            source,
            Kind::Decision,
            event_type,
            value.to_vec(),
            &absorbed,
        )
    }

    fn append(
        &mut self,
        source: &str,
        kind: Kind,
        event_type: &str,
        value: Vec<u8>,
        absorbed: &Heads,
    ) -> Envelope {
        let last = match kind {
            Kind::Decision => self.position.version,
            Kind::Notice => self
                .position
                .seen
                .get(source)
                .map_or(0, |head| head.sequence),
        };
        let mut envelope = Envelope {
            id: Uuid::now_v7(),
            kind,
            event_type: event_type.to_owned(),
            source: source.to_owned(),
            time: clock::wall(),
            subject: self.subject,
            sequence: last + 1,
            traceparent: None,
            chain: [0; 32],
            value: Bytes::from(value),
        };
        rechain(&mut envelope, &self.position);
        self.position.advance(&envelope, absorbed);
        envelope
    }
}

/// Gives an envelope the chain value that follows a position.
pub(crate) fn rechain(envelope: &mut Envelope, position: &Position) {
    envelope.chain =
        envelope.chain_after(&position.previous_chain(envelope.kind, &envelope.source));
}
