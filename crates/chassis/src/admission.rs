//! Admission: whether an event is the next one of its subject. Pure.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::envelope::{Chain, Envelope, GENESIS, Kind};

/// The last notice of one source that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its sequence, from 1.
    pub sequence: u64,
    /// The chain up to it.
    pub chain: Chain,
}

/// Notice heads by source.
pub type Heads = BTreeMap<String, Head>;

/// Where a subject stands for this service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Last decision's version; 0 before the first.
    pub version: u64,
    /// Last decision's id; nil before the first.
    pub last_id: Uuid,
    /// Chain of decisions.
    pub chain: Chain,
    /// Notices taken in.
    pub seen: Heads,
}

impl Position {
    /// Before the first event.
    pub const fn start() -> Self {
        Self {
            version: 0,
            last_id: Uuid::nil(),
            chain: GENESIS,
            seen: BTreeMap::new(),
        }
    }

    /// A number that grows with every notice taken in.
    pub fn notices(&self) -> u64 {
        self.seen.values().map(|head| head.sequence).sum()
    }

    /// The etag of version and notices.
    pub fn etag(&self) -> String {
        format!("{}.{}", self.version, self.notices())
    }

    /// Moves past an admitted (or own) event.
    pub fn advance(&mut self, envelope: &Envelope, absorbed: &Heads) {
        match envelope.kind {
            Kind::Decision => {
                self.version = envelope.sequence;
                self.last_id = envelope.id;
                self.chain = envelope.chain;
                for (source, head) in absorbed {
                    let seen = self.seen.entry(source.clone()).or_insert(*head);
                    if head.sequence > seen.sequence {
                        *seen = *head;
                    }
                }
            }
            Kind::Notice => {
                let head = Head {
                    sequence: envelope.sequence,
                    chain: envelope.chain,
                };
                self.seen.insert(envelope.source.clone(), head);
            }
        }
    }

    /// The chain value a next event of this kind and source builds on.
    pub fn previous_chain(&self, kind: Kind, source: &str) -> Chain {
        match kind {
            Kind::Decision => self.chain,
            Kind::Notice => self.seen.get(source).map_or(GENESIS, |head| head.chain),
        }
    }
}

/// What an event is to a subject's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The next one: take it in.
    Next,
    /// Taken in before: drop it.
    Duplicate,
    /// Something before it is missing: it waits.
    Gap,
    /// Another event stands at this head: park this record only.
    Conflict,
    /// A decision by a service that does not own the state: park this record only.
    WrongSource,
    /// The chain does not follow: the subject is blocked.
    Broken,
}

/// Admits an event; `owner` may append the next decision, `absorbed` are the notice heads a decision carries.
pub fn admit(position: &Position, owner: &str, envelope: &Envelope, absorbed: &Heads) -> Admission {
    match envelope.kind {
        Kind::Decision => admit_decision(position, owner, envelope, absorbed),
        Kind::Notice => admit_notice(position, envelope),
    }
}

fn admit_decision(
    position: &Position,
    owner: &str,
    envelope: &Envelope,
    absorbed: &Heads,
) -> Admission {
    if envelope.sequence == position.version {
        return if envelope.id == position.last_id {
            Admission::Duplicate
        } else {
            Admission::Conflict
        };
    }
    if envelope.sequence < position.version {
        return Admission::Duplicate;
    }
    if envelope.sequence > position.version + 1 {
        return Admission::Gap;
    }
    if envelope.source != owner {
        return Admission::WrongSource;
    }
    for (source, head) in absorbed {
        match position.seen.get(source) {
            Some(seen) if seen.sequence > head.sequence => {}
            Some(seen) if seen.sequence == head.sequence => {
                if seen.chain != head.chain {
                    return Admission::Broken;
                }
            }
            _ => return Admission::Gap,
        }
    }
    follows(position, envelope)
}

fn admit_notice(position: &Position, envelope: &Envelope) -> Admission {
    // A notice speaks of a subject its source has read, and the log is one order: before version 1 something is missing.
    if position.version == 0 {
        return Admission::Gap;
    }
    let seen = position
        .seen
        .get(&envelope.source)
        .copied()
        .unwrap_or(Head {
            sequence: 0,
            chain: GENESIS,
        });
    if envelope.sequence == seen.sequence {
        return if envelope.chain == seen.chain {
            Admission::Duplicate
        } else {
            Admission::Conflict
        };
    }
    if envelope.sequence < seen.sequence {
        return Admission::Duplicate;
    }
    if envelope.sequence > seen.sequence + 1 {
        return Admission::Gap;
    }
    follows(position, envelope)
}

fn follows(position: &Position, envelope: &Envelope) -> Admission {
    let previous = position.previous_chain(envelope.kind, &envelope.source);
    if envelope.chain_after(&previous) == envelope.chain {
        Admission::Next
    } else {
        Admission::Broken
    }
}

/// Heads as the store keeps them: per source a length, the name, the sequence, the chain.
pub fn encode_heads(heads: &Heads) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(heads.len() * 56);
    for (source, head) in heads {
        bytes.push(u8::try_from(source.len()).expect("sources are at most 64 characters"));
        bytes.extend_from_slice(source.as_bytes());
        bytes.extend_from_slice(&head.sequence.to_be_bytes());
        bytes.extend_from_slice(&head.chain);
    }
    bytes
}

/// Reads what `encode_heads` wrote; `None` for anything else.
pub fn decode_heads(mut bytes: &[u8]) -> Option<Heads> {
    let mut heads = Heads::new();
    while let Some((length, rest)) = bytes.split_first() {
        let (source, rest) = rest.split_at_checked(usize::from(*length))?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (chain, rest) = rest.split_first_chunk::<32>()?;
        let head = Head {
            sequence: u64::from_be_bytes(*sequence),
            chain: *chain,
        };
        heads.insert(String::from_utf8(source.to_vec()).ok()?, head);
        bytes = rest;
    }
    Some(heads)
}

#[cfg(test)]
#[path = "admission/tests.rs"]
mod tests;
