//! Actors, notice heads and event metadata.

use case::{Actor, EventMeta, Head, Heads};

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::v1;
use crate::scalar::{Read, garbage, hash, instant, listed, required, timestamp};

impl From<&Actor> for v1::Actor {
    fn from(actor: &Actor) -> Self {
        Self {
            kind: actor.kind.number(),
            org: actor.org.clone(),
            subject: actor.subject.clone(),
        }
    }
}

impl TryFrom<v1::Actor> for Actor {
    type Error = DecodeError;

    fn try_from(actor: v1::Actor) -> Read<Self> {
        Ok(Self {
            kind: listed(actor.kind, "Actor.kind")?,
            org: actor.org,
            subject: actor.subject,
        })
    }
}

/// Heads as a list ordered by source.
pub(crate) fn notice_heads(heads: &Heads) -> Vec<v1::NoticeHead> {
    heads
        .iter()
        .map(|(source, head)| v1::NoticeHead {
            source: source.number(),
            sequence: head.sequence,
            chain: head.chain.to_vec(),
        })
        .collect()
}

/// Heads by source; a source that is listed twice makes the list garbage.
pub(crate) fn heads(list: Vec<v1::NoticeHead>) -> Read<Heads> {
    let mut heads = Heads::new();
    for head in list {
        let source = listed(head.source, "NoticeHead.source")?;
        let read = Head {
            sequence: head.sequence,
            chain: hash(&head.chain, "NoticeHead.chain")?,
        };
        if heads.insert(source, read).is_some() {
            return Err(garbage("NoticeHead.source"));
        }
    }
    Ok(heads)
}

impl From<&EventMeta> for v1::EventMeta {
    fn from(meta: &EventMeta) -> Self {
        Self {
            space: meta.space.clone(),
            occurred_at: Some(timestamp(meta.occurred_at)),
            recorded_at: Some(timestamp(meta.recorded_at)),
            actor: Some((&meta.actor).into()),
            cause: meta.cause.clone(),
            rule_set: meta.rule_set.number(),
            imported: meta.imported,
            notice_heads: notice_heads(&meta.notice_heads),
        }
    }
}

impl TryFrom<v1::EventMeta> for EventMeta {
    type Error = DecodeError;

    fn try_from(meta: v1::EventMeta) -> Read<Self> {
        Ok(Self {
            space: meta.space,
            occurred_at: instant(meta.occurred_at, "EventMeta.occurred_at")?,
            recorded_at: instant(meta.recorded_at, "EventMeta.recorded_at")?,
            actor: required(meta.actor, "EventMeta.actor")?.try_into()?,
            cause: meta.cause,
            rule_set: listed(meta.rule_set, "EventMeta.rule_set")?,
            imported: meta.imported,
            notice_heads: heads(meta.notice_heads)?,
        })
    }
}
