//! What every event says about itself, and an event as recorded.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use law::Due;
use law::rules::RuleSet;
use uuid::Uuid;

use crate::actor::Actor;
use crate::coded::coded;
use crate::event::Event;
use crate::ids::CaseId;
use crate::state::Service;

coded! {
    /// A decision carries the case's next version; a notice its own sequence per (case, source).
    pub enum Kind {
        /// Appended by the owner of the state alone.
        Decision => "decision",
        /// Appended by anyone; answered by a decision where it asks for one.
        Notice => "notice",
    }
}

/// The last notice of one source that was taken in: its sequence, and the chain up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Sequence, from 1.
    pub sequence: u64,
    /// Chain value of that notice.
    pub chain: [u8; 32],
}

/// Notice heads by source.
pub type Heads = BTreeMap<Service, Head>;

/// What every event says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventMeta {
    /// The space of the case.
    pub space: String,
    /// Event time: max(clock, the case's last time).
    pub occurred_at: DateTime<Utc>,
    /// When it was written, by the same clock.
    pub recorded_at: DateTime<Utc>,
    /// Who acted.
    pub actor: Actor,
    /// The request id or event id that caused it; at most 128 characters.
    pub cause: String,
    /// The rules it was decided under.
    pub rule_set: RuleSet,
    /// Taken over from another system.
    pub imported: bool,
    /// For decisions: notices the owner had taken in.
    pub notice_heads: Heads,
}

/// A clock that an event stops: how long it ran and whether it was late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedClock {
    /// Which clock.
    pub kind: ClockKind,
    /// Rules it ran under.
    pub rule_set: RuleSet,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it was due.
    pub due: Due,
    /// Days that did not count.
    pub paused_days: u32,
    /// Calendar days after the due day; 0 in time.
    pub late_days: u32,
}

coded! {
    /// The clocks of a complaint.
    pub enum ClockKind {
        /// Negotiation by the enterprise.
        Negotiation => "negotiation",
        /// Accept or refuse.
        Acceptance => "acceptance",
        /// Mediation.
        Mediation => "mediation",
    }
}

/// An event as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Event id.
    pub id: Uuid,
    /// The case.
    pub case_id: CaseId,
    /// The service that appended it.
    pub source: Service,
    /// Version for decisions, the source's own sequence for notices.
    pub sequence: u64,
    /// Metadata.
    pub meta: EventMeta,
    /// What happened.
    pub event: Event,
}
