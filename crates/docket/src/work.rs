//! The chassis' unit of work, given its meaning: the case.

use case::event::{EventMeta, Head, Heads, Kind};
use case::state::Service;
use case::{Actor, Body, Case, Facts, Recorded, Refusal};
use chassis::admission::{Head as SeenHead, Heads as SeenHeads, Position};
use chassis::envelope::{Envelope, Kind as EnvelopeKind};
use chassis::store::batch::{Outboxed, Save, SaveError};
use chassis::work::{
    Asked, Change, Decoded, NextStep, Place, References, Sealed, Undecodable, Work,
};
use chrono::{DateTime, Utc};
use law::{Law, RuleSet};
use proto::DecodeError;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::desk::Desk;
use crate::missing;
use crate::order::{Draft, Order};
use crate::text::{self, NewText};

/// A service's docket: its desk, and the law it decides by.
pub struct Docket<D: Desk> {
    /// The service's own part.
    pub desk: D,
    /// Calendar and policy.
    pub law: Law,
}

/// Texts and the service's own rows of a batch.
pub struct Rows<R> {
    texts: Vec<(Uuid, NewText)>,
    desk: R,
}

impl<R: Default> Default for Rows<R> {
    fn default() -> Self {
        Self {
            texts: Vec::new(),
            desk: R::default(),
        }
    }
}

impl<D: Desk> Work for Docket<D> {
    type State = Case;
    type Event = Recorded;
    type Command = Order<D::Extra>;
    type Draft = Draft;
    type Facts = D::Loaded;
    type Rows = Rows<D::Rows>;
    type Refusal = Refusal;

    fn source(&self) -> &'static str {
        D::SERVICE.code()
    }

    fn archives(&self) -> bool {
        D::ARCHIVES
    }

    fn state_format(&self) -> i32 {
        proto::store::STATE_FORMAT
    }

    fn decode_state(&self, bytes: &[u8]) -> anyhow::Result<Case> {
        Ok(proto::store::decode_case(bytes)?)
    }

    fn encode_state(&self, state: &Case) -> Vec<u8> {
        proto::store::encode_case(state)
    }

    fn decode_event(&self, envelope: &Envelope) -> Result<Decoded<Recorded>, Undecodable> {
        decode(envelope)
    }

    fn evolve(&self, state: Option<&Case>, event: &Recorded) -> Result<Case, String> {
        let next = case::evolve(state.cloned(), event).ok_or("the event does not begin a case")?;
        match case::invariant::broken(&next) {
            None => Ok(next),
            Some(invariant) => Err(invariant.to_owned()),
        }
    }

    fn owner(&self, state: Option<&Case>) -> &'static str {
        state
            .map_or(Service::Intake, |case| case.state.owner())
            .code()
    }

    fn space<'a>(&self, state: &'a Case) -> &'a str {
        &state.space
    }

    fn space_of<'a>(&self, command: &'a Order<D::Extra>) -> Option<&'a str> {
        match &command.command.body {
            Body::FileComplaint { space, .. } => Some(space),
            _ => None,
        }
    }

    fn last_time(&self, state: &Case) -> DateTime<Utc> {
        state.at
    }

    fn overdue(&self, state: &Case, now: DateTime<Utc>) -> Option<Order<D::Extra>> {
        case::overdue(state, now).map(own_order)
    }

    fn next_due(&self, state: &Case) -> Option<DateTime<Utc>> {
        case::deadlines(state).first().map(|deadline| deadline.at)
    }

    fn next_step(
        &self,
        subject: Uuid,
        state: &Case,
        facts: &D::Loaded,
    ) -> NextStep<Order<D::Extra>> {
        let Some(step) = case::next_step(state, D::SERVICE) else {
            return NextStep::None;
        };
        let command = case::step::command_of(state, step);
        match self.desk.facts(subject, Some(state), &command.body, facts) {
            Some(_) => NextStep::Do(own_order(command)),
            None => NextStep::Lacking,
        }
    }

    fn decide(
        &self,
        subject: Uuid,
        state: Option<&Case>,
        order: &Order<D::Extra>,
        facts: &D::Loaded,
        now: DateTime<Utc>,
    ) -> Result<Vec<Draft>, Refusal> {
        let body = &order.command.body;
        case::decide::ensure_owner(state, body.kind(), D::SERVICE)?;
        let facts = self
            .desk
            .facts(subject, state, body, facts)
            .unwrap_or(Facts::None);
        let events = case::decide(state, &order.command, &facts, &self.law, now)?;
        let space = match body {
            Body::FileComplaint { space, .. } => Some(space.clone()),
            _ => None,
        };
        let draft = |event| Draft {
            event,
            actor: order.command.by.clone(),
            cause: order.cause.clone(),
            space: space.clone(),
        };
        Ok(events.into_iter().map(draft).collect())
    }

    fn kind(&self, draft: &Draft) -> EnvelopeKind {
        match draft.event.kind() {
            Kind::Decision => EnvelopeKind::Decision,
            Kind::Notice => EnvelopeKind::Notice,
        }
    }

    fn seal(&self, draft: Draft, place: &Place<'_>, state: Option<&Case>) -> Sealed<Recorded> {
        let cause = if draft.cause.is_empty() {
            state.map_or_else(String::new, |case| format!("v{}", case.version))
        } else {
            draft.cause
        };
        let meta = EventMeta {
            space: state
                .map(|case| case.space.clone())
                .or(draft.space)
                .unwrap_or_default(),
            occurred_at: place.occurred_at,
            recorded_at: place.occurred_at,
            actor: draft.actor,
            cause,
            rule_set: rule_set(state, &draft.event, place.occurred_at),
            imported: false,
            notice_heads: to_case_heads(place.absorbed),
        };
        let encoded = proto::event::encode(&draft.event, &meta);
        let event = Recorded {
            id: place.id,
            case_id: case::CaseId(place.subject),
            source: D::SERVICE,
            sequence: place.sequence,
            meta,
            event: draft.event,
        };
        Sealed {
            event_type: encoded.event_type,
            value: encoded.value,
            event,
        }
    }

    fn respond(
        &self,
        order: &Order<D::Extra>,
        subject: Uuid,
        state: &Case,
        position: &Position,
    ) -> Vec<u8> {
        self.desk.respond(order, subject, state, position)
    }

    fn command_rows(&self, order: &Order<D::Extra>, subject: Uuid, rows: &mut Rows<D::Rows>) {
        rows.texts
            .extend(order.texts.iter().map(|text| (subject, text.clone())));
        self.desk.order_rows(order, subject, &mut rows.desk);
    }

    fn project(&self, change: &Change<'_, Case, Recorded>, rows: &mut Rows<D::Rows>) {
        self.desk.project(change, &mut rows.desk);
    }

    fn registry(&self, envelope: &Envelope, rows: &mut Rows<D::Rows>) -> Result<(), Undecodable> {
        self.desk.registry(envelope, &mut rows.desk)
    }

    fn facts_at_hand(&self, asked: &[Asked<'_, Case, Order<D::Extra>>]) -> Option<D::Loaded> {
        let lacks = asked.iter().any(|asked| {
            self.desk.needs_load(asked.state, None)
                || asked
                    .commands
                    .iter()
                    .any(|order| self.desk.needs_load(asked.state, Some(&order.command.body)))
        });
        (!lacks).then(D::Loaded::default)
    }

    async fn load(
        &self,
        connection: &mut PgConnection,
        asked: &[Asked<'_, Case, Order<D::Extra>>],
    ) -> sqlx::Result<D::Loaded> {
        self.desk.load(connection, asked).await
    }

    fn has_rows(&self, rows: &Rows<D::Rows>) -> bool {
        !rows.texts.is_empty() || self.desk.has_rows(&rows.desk)
    }

    fn needs_transaction(&self, rows: &Rows<D::Rows>) -> bool {
        self.desk.needs_transaction(&rows.desk)
    }

    async fn save(
        &self,
        connection: &mut PgConnection,
        batch: &Save,
        rows: &Rows<D::Rows>,
    ) -> Result<Outboxed, SaveError> {
        if self.desk.has_rows(&rows.desk) {
            self.desk
                .save(connection, batch, &rows.texts, &rows.desk)
                .await
        } else {
            text::save(connection, batch, &rows.texts).await
        }
    }

    async fn references(
        &self,
        connection: &mut PgConnection,
        events: &[Envelope],
    ) -> sqlx::Result<References> {
        missing::references(&self.desk, connection, events).await
    }
}

fn own_order<X: Default>(command: case::Command) -> Order<X> {
    Order {
        command,
        cause: String::new(),
        texts: Vec::new(),
        extra: X::default(),
    }
}

/// The rules an event is decided under: those pinned at the receipt, else those of the day of filing.
fn rule_set(state: Option<&Case>, event: &case::Event, now: DateTime<Utc>) -> RuleSet {
    match (event, state) {
        (case::Event::RoutedToAuthority(routed), _) => routed.rule_set,
        (_, Some(case)) => case.rule_set(),
        (_, None) => RuleSet::on(law::day::day_of(now)),
    }
}

/// Reads an event of the log.
///
/// # Errors
/// Whether this release does not know it or it is no event at all.
pub fn decode(envelope: &Envelope) -> Result<Decoded<Recorded>, Undecodable> {
    let source = Service::from_code(&envelope.source)
        .ok_or_else(|| Undecodable::Garbage("the source is no service".into()))?;
    let (meta, event) = proto::event::decode(&envelope.event_type, &envelope.value).map_err(
        |error| match error {
            DecodeError::UnknownType | DecodeError::UnknownValue { .. } => {
                Undecodable::Unknown(error.to_string())
            }
            DecodeError::Garbage { .. } => Undecodable::Garbage(error.to_string()),
        },
    )?;
    let kind = match event.kind() {
        Kind::Decision => EnvelopeKind::Decision,
        Kind::Notice => EnvelopeKind::Notice,
    };
    if kind != envelope.kind {
        return Err(Undecodable::Garbage("the kind is not the type's".into()));
    }
    if meta.occurred_at != envelope.time {
        return Err(Undecodable::Garbage("the time is not the event's".into()));
    }
    let absorbed = to_seen_heads(&meta.notice_heads);
    let space = meta.space.clone();
    let case_id = case::CaseId(envelope.subject);
    let event = Recorded {
        id: envelope.id,
        case_id,
        source,
        sequence: envelope.sequence,
        meta,
        event,
    };
    Ok(Decoded {
        event,
        absorbed,
        space,
    })
}

/// The actor a principal is.
pub fn actor(principal: &chassis::principal::Principal) -> Actor {
    let kind =
        case::ActorKind::from_code(principal.kind.code()).unwrap_or(case::ActorKind::Consumer);
    Actor {
        kind,
        org: principal.org.clone(),
        subject: principal.subject.clone(),
    }
}

fn to_case_heads(heads: &SeenHeads) -> Heads {
    let head = |head: &SeenHead| Head {
        sequence: head.sequence,
        chain: head.chain,
    };
    heads
        .iter()
        .filter_map(|(source, seen)| Some((Service::from_code(source)?, head(seen))))
        .collect()
}

fn to_seen_heads(heads: &Heads) -> SeenHeads {
    let head = |head: &Head| SeenHead {
        sequence: head.sequence,
        chain: head.chain,
    };
    heads
        .iter()
        .map(|(source, seen)| (source.code().to_owned(), head(seen)))
        .collect()
}
