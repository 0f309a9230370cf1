//! Events as a service would append them: decided by `case`, with the right place and chain, to be spoilt on purpose.

use anyhow::{Context, Result};
use bytes::Bytes;
use case::event::{EventMeta, Head, Heads, Kind};
use case::state::Service;
use case::{
    Actor, ActorKind, Body, Case, CaseId, Command, Facts, Fen, Filing, PartyRef, Recorded, Uscc,
};
use chassis::admission::{Head as SeenHead, Position};
use chassis::envelope::{Envelope, Kind as EnvelopeKind};
use chrono::{DateTime, Utc};
use law::Law;
use law::directory::{AuthorityId, Level, UnitId};
use law::jurisdiction::{Basis, Role};
use uuid::Uuid;

use crate::stage::SPACE;

/// A case's history in the making.
#[derive(Clone, Debug)]
pub struct Scribe {
    /// The case's id.
    pub subject: Uuid,
    /// Where the history stands.
    pub position: Position,
    case: Option<Case>,
    law: Law,
}

impl Scribe {
    /// Before the first event of a new case.
    pub fn new() -> Scribe {
        Scribe {
            subject: Uuid::now_v7(),
            position: Position::start(),
            case: None,
            law: Law::default(),
        }
    }

    /// After the events of a case that are on the log.
    ///
    /// # Errors
    /// When they cannot be folded.
    pub fn after(events: &[Envelope]) -> Result<Scribe> {
        let mut scribe = Scribe::new();
        for envelope in events {
            let decoded = docket::work::decode(envelope);
            let decoded = decoded.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            scribe.subject = envelope.subject;
            scribe.position.advance(envelope, &decoded.absorbed);
            scribe.case = case::evolve(scribe.case.take(), &decoded.event);
        }
        Ok(scribe)
    }

    /// Intake's first word: a complaint against this enterprise.
    ///
    /// # Errors
    /// When `case` refuses it.
    pub fn filed(&mut self, uscc: &str) -> Result<Envelope> {
        let consumer = Actor {
            kind: ActorKind::Consumer,
            org: None,
            subject: Some("c1".into()),
        };
        let body = Body::FileComplaint {
            id: CaseId(self.subject),
            space: SPACE.to_owned(),
            filing: std::sync::Arc::new(filing(uscc, self.subject)?),
        };
        self.append(
            Service::Intake,
            Command { by: consumer, body },
            &Facts::None,
        )
    }

    /// Routing's word: to the authority of Virginia, since no enterprise takes part.
    ///
    /// # Errors
    /// When `case` refuses it.
    pub fn routed(&mut self) -> Result<Envelope> {
        let authority = |text| AuthorityId::parse(text).context("an authority");
        let destination = case::facts::Destination {
            authority: authority("US-VA")?,
            level: Level::Province,
            ancestors: vec![authority("US-FED")?],
            unit: UnitId::parse("US-VA-00").context("a unit")?,
            basis: Basis::BusinessPlace,
            directory_version: 1,
        };
        let facts = Facts::Route {
            enterprise: None,
            jurisdiction: case::facts::Jurisdiction::Decided(destination),
            prior_odr_failed: false,
        };
        self.append(Service::Routing, by_system(Body::Route), &facts)
    }

    /// The next event of a service, as it would follow from this command.
    ///
    /// # Errors
    /// When `case` refuses it.
    pub fn append(&mut self, source: Service, command: Command, facts: &Facts) -> Result<Envelope> {
        let now = chassis::clock::wall().max(
            self.case
                .as_ref()
                .map_or(DateTime::<Utc>::MIN_UTC, |case| case.at),
        );
        let decided = case::decide(self.case.as_ref(), &command, facts, &self.law, now)?;
        let event = decided
            .into_iter()
            .next()
            .context("a decision makes an event")?;
        let is_decision = event.kind() == Kind::Decision;
        let meta = EventMeta {
            space: SPACE.to_owned(),
            occurred_at: now,
            recorded_at: now,
            actor: command.by,
            cause: "scribe".into(),
            rule_set: law::RuleSet::on(law::day::day_of(now)),
            imported: false,
            notice_heads: if is_decision {
                self.absorbed()
            } else {
                Heads::new()
            },
        };
        let encoded = proto::event::encode(&event, &meta);
        let sequence = if is_decision {
            self.position.version + 1
        } else {
            1 + self
                .position
                .seen
                .get(source.code())
                .map_or(0, |head| head.sequence)
        };
        let mut envelope = Envelope {
            id: Uuid::now_v7(),
            kind: if is_decision {
                EnvelopeKind::Decision
            } else {
                EnvelopeKind::Notice
            },
            event_type: encoded.event_type.to_owned(),
            source: source.code().to_owned(),
            time: now,
            subject: self.subject,
            sequence,
            traceparent: None,
            chain: [0; 32],
            value: Bytes::from(encoded.value),
        };
        self.chain(&mut envelope);
        let recorded = Recorded {
            id: envelope.id,
            case_id: CaseId(self.subject),
            source,
            sequence,
            meta,
            event,
        };
        self.case = case::evolve(self.case.take(), &recorded);
        let absorbed = self.position.seen.clone();
        self.position.advance(&envelope, &absorbed);
        Ok(envelope)
    }

    /// Gives an envelope the chain value that follows where the history stands.
    pub fn chain(&self, envelope: &mut Envelope) {
        let previous = self
            .position
            .previous_chain(envelope.kind, &envelope.source);
        envelope.chain = envelope.chain_after(&previous);
    }

    fn absorbed(&self) -> Heads {
        let head = |seen: &SeenHead| Head {
            sequence: seen.sequence,
            chain: seen.chain,
        };
        let seen = self.position.seen.iter();
        seen.filter_map(|(source, seen)| Some((Service::from_code(source)?, head(seen))))
            .collect()
    }
}

impl Default for Scribe {
    fn default() -> Scribe {
        Scribe::new()
    }
}

fn by_system(body: Body) -> Command {
    Command {
        by: Actor::system(),
        body,
    }
}

fn filing(uscc: &str, subject: Uuid) -> Result<Filing> {
    use case::filing::{
        Channel, Claim, Consents, IdentityLevel, Respondent, SalesMode, ShownAddress,
    };
    Ok(Filing {
        case_number: format!("TS-{}", &subject.simple().to_string()[..12]),
        complainant: PartyRef::parse("c1").context("a party")?,
        representatives: Vec::new(),
        consumer_region: None,
        identity: IdentityLevel::Stated,
        respondent: Respondent {
            uscc: Some(Uscc::parse(uscc).context("a credit code")?),
            role: Role::Ordinary,
            business: None,
            domicile: None,
            shown_address: ShownAddress::Unstated,
            platform_uscc: None,
            platform_domicile: None,
        },
        problem: "quality".to_owned(),
        category: "goods".to_owned(),
        tree_version: 1,
        claims: vec![Claim::Refund],
        paid: Fen(9_900),
        claimed: Fen(9_900),
        disputed_on: None,
        knew_on: None,
        sales_mode: SalesMode::Shop,
        place_of_event: None,
        channel: Channel::Web,
        sub_channel: None,
        source_system: None,
        source_number: None,
        consents: Consents::default(),
        contains_report: false,
        joint: false,
        by_agent: false,
        prior_case: None,
        pledge: None,
        texts: Vec::new(),
    })
}
