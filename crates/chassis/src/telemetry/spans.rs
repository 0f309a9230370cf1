//! The spans of a cause on its way: written by the writer, sent by the relay, processed by the next service.
//!
//! Each is the child of the one before it, whatever process that was in, so that one filing is one tree. They are made
//! only for a cause whose trace is kept: for any other, each costs a look at the last character of a text.

use tracing::Span;
use tracing::field::Empty;
use uuid::Uuid;

use super::propagation::{inject, link, parent};
use crate::envelope::Envelope;

/// A command in the writer: from its turn in the batch to the commit.
pub(crate) fn write_span(cause: Option<&str>, subject: Uuid, batch_size: usize) -> Span {
    let Some(cause) = kept(cause) else {
        return Span::none();
    };
    let span = tracing::info_span!(
        "write",
        case.id = %subject,
        odr.batch.size = batch_size,
    );
    parent(&span, cause);
    span
}

/// An event on its way to the broker: until it is delivered. The record leads back to this span.
pub(crate) fn send_span(topic: &str, envelope: &mut Envelope) -> Span {
    let Some(cause) = kept(envelope.traceparent.as_deref()) else {
        return Span::none();
    };
    let span = tracing::info_span!(
        "send",
        otel.name = format!("send {topic}"),
        otel.kind = "producer",
        messaging.system = "kafka",
        messaging.operation.name = "send",
        messaging.operation.r#type = "send",
        messaging.destination.name = topic,
        messaging.destination.partition.id = Empty,
        messaging.kafka.offset = Empty,
        case.id = %envelope.subject,
        event.r#type = envelope.event_type,
    );
    parent(&span, cause);
    if let Some(produced) = inject(&span) {
        envelope.traceparent = Some(produced);
    }
    span
}

/// Notes where the broker put a record.
pub(crate) fn delivered(span: &Span, partition: i32, offset: i64) {
    if !span.is_disabled() {
        span.record("messaging.destination.partition.id", partition);
        span.record("messaging.kafka.offset", offset);
    }
}

/// An event of another service that was taken in: until the commit. The child of the span it was sent in, and linked to
/// it as well, for those who look for what a record led to.
pub(crate) fn process_span(envelope: &Envelope) -> Span {
    let Some(cause) = kept(envelope.traceparent.as_deref()) else {
        return Span::none();
    };
    let span = tracing::info_span!(
        "process",
        otel.kind = "consumer",
        messaging.system = "kafka",
        messaging.operation.name = "process",
        messaging.operation.r#type = "process",
        case.id = %envelope.subject,
        event.r#type = envelope.event_type,
    );
    link(&span, cause);
    parent(&span, cause);
    span
}

/// A `traceparent` whose last flag says that the trace is kept.
fn kept(traceparent: Option<&str>) -> Option<&str> {
    traceparent.filter(|text| {
        let flags = text
            .bytes()
            .last()
            .and_then(|byte| char::from(byte).to_digit(16));
        flags.is_some_and(|flags| flags % 2 == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_kept_is_traced() {
        const KEPT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        const LEFT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        assert_eq!(kept(Some(KEPT)), Some(KEPT));
        for other in [Some(LEFT), Some(""), Some("00-zz"), None] {
            assert_eq!(kept(other), None);
        }
    }
}
