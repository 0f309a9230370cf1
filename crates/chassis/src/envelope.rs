//! An event on the log: CloudEvents 1.0, Kafka binding, binary mode, plus the chain that makes a history verifiable.
//!
//! Raw bytes are kept as published and never re-encoded.

use std::borrow::Cow;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use sha2::{Digest, Sha256};
use uuid::Uuid;

mod instant;

pub use instant::time_text;

/// A chain value: SHA-256 over the previous one and the event.
pub type Chain = [u8; 32];

/// What the first event of a chain has as its previous value.
pub const GENESIS: Chain = [0; 32];

const DOMAIN_TAG: &[u8] = b"odr.event.v1";

/// Decision or notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Carries the subject's next version; appended by the owner of its state alone.
    Decision,
    /// Carries its own sequence per (subject, source); anyone may append one.
    Notice,
}

impl Kind {
    /// The code in `ce_kind`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Notice => "notice",
        }
    }
}

/// One event as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// `ce_id`.
    pub id: Uuid,
    /// `ce_kind`.
    pub kind: Kind,
    /// `ce_type`: the full name of the protobuf message in `value`.
    pub event_type: String,
    /// `ce_source`: the service that appended it.
    pub source: String,
    /// `ce_time`, whole microseconds.
    pub time: DateTime<Utc>,
    /// `ce_subject`: what it happened to.
    pub subject: Uuid,
    /// `ce_sequence`, from 1.
    pub sequence: u64,
    /// W3C trace context of the act that caused it; not part of the chain.
    pub traceparent: Option<String>,
    /// `ce_chain`.
    pub chain: Chain,
    /// Protobuf bytes.
    pub value: Bytes,
}

/// Why a record is no envelope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A header is missing.
    #[error("header {0} is missing")]
    Missing(&'static str),
    /// A header cannot be read.
    #[error("header {0} cannot be read")]
    Unreadable(&'static str),
    /// The record's key is not the subject.
    #[error("the key is not the subject")]
    KeyDiffers,
    /// The record has no value.
    #[error("the record has no value")]
    NoValue,
}

impl Envelope {
    /// The stream a sequence counts in: empty for decisions, the source for notices.
    pub fn stream(&self) -> &str {
        match self.kind {
            Kind::Decision => "",
            Kind::Notice => &self.source,
        }
    }

    /// The chain value that follows `previous` with this event.
    pub fn chain_after(&self, previous: &Chain) -> Chain {
        let mut digest = Sha256::new();
        digest.update(DOMAIN_TAG);
        digest.update(previous);
        let time = time_text(self.time);
        let fields: [&[u8]; 7] = [
            self.id.as_bytes(),
            self.kind.code().as_bytes(),
            self.event_type.as_bytes(),
            self.source.as_bytes(),
            time.as_bytes(),
            self.subject.as_bytes(),
            &self.sequence.to_be_bytes(),
        ];
        for field in fields {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        digest.update(&self.value);
        digest.finalize().into()
    }

    /// The record's key.
    pub fn key(&self) -> String {
        self.subject.to_string()
    }

    /// The record's headers.
    pub fn headers(&self) -> OwnedHeaders {
        let sequence = self.sequence.to_string();
        let time = time_text(self.time);
        let subject = self.subject.to_string();
        let id = self.id.to_string();
        let chain = hex::encode(self.chain);
        let pairs = [
            ("ce_specversion", "1.0"),
            ("ce_id", &id),
            ("ce_type", &self.event_type),
            ("ce_source", &self.source),
            ("ce_time", &time),
            ("ce_subject", &subject),
            ("ce_sequence", &sequence),
            ("ce_kind", self.kind.code()),
            ("ce_chain", &chain),
            ("content-type", "application/protobuf"),
        ];
        let mut headers = OwnedHeaders::new_with_capacity(pairs.len() + 1);
        for (key, value) in pairs {
            headers = headers.insert(Header {
                key,
                value: Some(value),
            });
        }
        match &self.traceparent {
            Some(trace) => headers.insert(Header {
                key: "traceparent",
                value: Some(trace),
            }),
            None => headers,
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    /// Says which header is missing or unreadable.
    pub fn read(record: &RawRecord) -> Result<Self, Malformed> {
        let subject = parse(record, "ce_subject", |text| text.parse::<Uuid>().ok())?;
        let mut key = Uuid::encode_buffer();
        if record.key.as_ref() != subject.hyphenated().encode_lower(&mut key).as_bytes() {
            return Err(Malformed::KeyDiffers);
        }
        parse(record, "ce_specversion", |text| {
            (text == "1.0").then_some(())
        })?;
        Ok(Self {
            id: parse(record, "ce_id", |text| text.parse().ok())?,
            kind: parse(record, "ce_kind", |text| {
                [Kind::Decision, Kind::Notice]
                    .into_iter()
                    .find(|kind| kind.code() == text)
            })?,
            event_type: parse(record, "ce_type", |text| word(text, 128))?,
            source: parse(record, "ce_source", |text| word(text, 64))?,
            time: parse(record, "ce_time", instant::time_of)?,
            subject,
            sequence: parse(record, "ce_sequence", |text| {
                text.parse::<u64>()
                    .ok()
                    .filter(|sequence| (1..=i64::MAX as u64).contains(sequence))
            })?,
            traceparent: record
                .header("traceparent")
                .and_then(|text| word(text, 128)),
            chain: parse(record, "ce_chain", |text| {
                hex::decode(text)
                    .ok()
                    .and_then(|bytes| bytes.try_into().ok())
            })?,
            value: record.value.clone().ok_or(Malformed::NoValue)?,
        })
    }
}

/// A text of visible ASCII characters, at most `most` of them: what every store takes and every log shows.
fn word(text: &str, most: usize) -> Option<String> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

fn parse<T>(
    record: &RawRecord,
    name: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Malformed> {
    let text = record.header(name).ok_or(Malformed::Missing(name))?;
    read(text).ok_or(Malformed::Unreadable(name))
}

/// Headers without which a record is no event.
const REQUIRED: [&str; 9] = [
    "ce_specversion",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_time",
    "ce_subject",
    "ce_sequence",
    "ce_kind",
    "ce_chain",
];

/// A header's name; those that events have are not copied out of each record.
fn name(key: &str) -> Cow<'static, str> {
    REQUIRED
        .into_iter()
        .chain(["content-type", "traceparent"])
        .find(|name| *name == key)
        .map_or_else(|| Cow::Owned(key.to_owned()), Cow::Borrowed)
}

/// A record as it came, before anything is believed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Key; empty when there was none.
    pub key: Bytes,
    /// Text headers; others are left out.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// Value.
    pub value: Option<Bytes>,
}

impl RawRecord {
    /// Copies a record out of the client.
    pub fn from_message(message: &BorrowedMessage<'_>) -> Self {
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            headers
                .iter()
                .filter_map(|header| {
                    Some((
                        name(header.key),
                        std::str::from_utf8(header.value?).ok()?.to_owned(),
                    ))
                })
                .collect()
        });
        Self {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            key: message
                .key()
                .map_or_else(Bytes::new, Bytes::copy_from_slice),
            headers,
            value: message.payload().map(Bytes::copy_from_slice),
        }
    }

    /// The last header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Envelope {
        let mut envelope = Envelope {
            id: Uuid::from_u128(7),
            kind: Kind::Decision,
            event_type: "odr.test.v1.Happened".into(),
            source: "intake".into(),
            time: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            subject: Uuid::from_u128(9),
            sequence: 1,
            traceparent: None,
            chain: GENESIS,
            value: Bytes::from_static(b"value"),
        };
        envelope.chain = envelope.chain_after(&GENESIS);
        envelope
    }

    fn record(envelope: &Envelope) -> RawRecord {
        let headers = envelope.headers();
        let headers = headers
            .iter()
            .map(|h| {
                (
                    name(h.key),
                    String::from_utf8(h.value.unwrap().to_vec()).unwrap(),
                )
            })
            .collect();
        RawRecord {
            topic: "t".into(),
            partition: 0,
            offset: 0,
            key: Bytes::from(envelope.key()),
            headers,
            value: Some(envelope.value.clone()),
        }
    }

    #[test]
    fn an_envelope_survives_its_headers() {
        let envelope = sample();
        assert_eq!(Envelope::read(&record(&envelope)), Ok(envelope));
    }

    #[test]
    fn every_missing_or_spoilt_header_is_named() {
        let good = record(&sample());
        for name in REQUIRED {
            let mut missing = good.clone();
            missing.headers.retain(|(key, _)| key != name);
            assert_eq!(Envelope::read(&missing), Err(Malformed::Missing(name)));
            for spoil in ["\0", "", &"x".repeat(129)] {
                let mut spoilt = good.clone();
                spoilt.headers.push((name.into(), spoil.into()));
                assert_eq!(
                    Envelope::read(&spoilt),
                    Err(Malformed::Unreadable(name)),
                    "{name}: {spoil:?}"
                );
            }
        }
        assert_eq!(
            Envelope::read(&RawRecord {
                key: Bytes::from_static(b"x"),
                ..good.clone()
            }),
            Err(Malformed::KeyDiffers)
        );
        assert_eq!(
            Envelope::read(&RawRecord {
                value: None,
                ..good
            }),
            Err(Malformed::NoValue)
        );
    }

    #[test]
    fn every_field_of_the_chain_counts() {
        let base = sample();
        let changes: [fn(&mut Envelope); 7] = [
            |e| e.id = Uuid::from_u128(8),
            |e| e.kind = Kind::Notice,
            |e| e.event_type.push('x'),
            |e| e.source.push('x'),
            |e| e.time += chrono::TimeDelta::microseconds(1),
            |e| e.subject = Uuid::from_u128(8),
            |e| e.sequence += 1,
        ];
        for (row, change) in changes.into_iter().enumerate() {
            let mut other = base.clone();
            change(&mut other);
            assert_ne!(other.chain_after(&GENESIS), base.chain, "row {row}");
        }
        assert_ne!(base.chain_after(&[1; 32]), base.chain);
    }
}
