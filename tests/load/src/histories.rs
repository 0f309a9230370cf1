//! Whole histories of cases, decided by the pure core once and written as often as wanted, each with ids and a chain of
//! its own: what a service that was away finds on the log.

use anyhow::{Context, Result};
use bytes::Bytes;
use case::event::{EventMeta, Heads};
use case::facts::{ActiveEnterprise, Destination, Jurisdiction};
use case::filing::{Channel, Claim, Consents, IdentityLevel, Respondent, SalesMode, ShownAddress};
use case::state::Service;
use case::terms::{Payer, Relief, ReliefKind, Terms};
use case::{
    Actor, ActorKind, Body, Case, CaseId, Command, Event, Facts, Fen, Filing, PartyRef, Recorded,
    Uscc,
};
use chassis::envelope::{Envelope, GENESIS, Kind};
use chrono::{DateTime, TimeDelta, Utc};
use law::Law;
use law::directory::{AuthorityId, Level, UnitId};
use law::jurisdiction::{Basis, Role};
use uuid::Uuid;

/// Space of all cases.
pub(crate) const SPACE: &str = "main";
/// A synthetic enterprise.
const ENTERPRISE: &str = "Y10000000000000017";

/// Where the histories end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Filed, routed to the enterprise: its time runs.
    Negotiating,
    /// Filed, routed, proposed, accepted.
    Settled,
}

/// One history, to be written as those of many cases.
pub(crate) struct Histories {
    filing: Filing,
    events: Vec<Written>,
}

/// An event of the history; its value is the same in every case, unless it is the filing.
struct Written {
    event: Event,
    meta: EventMeta,
    source: Service,
    event_type: &'static str,
    value: Bytes,
}

/// What is decided next, by whom, for which service.
type Act = (Service, Command, Facts);

impl Histories {
    /// Histories of complaints filed at `now`.
    ///
    /// # Errors
    /// When the core refuses a command.
    pub(crate) fn new(ending: Ending, now: DateTime<Utc>) -> Result<Self> {
        let filing = filing(now)?;
        let mut case = None;
        let mut events = Vec::new();
        for act in acts(ending, &filing, now)? {
            let written = decide(case.as_ref(), act, now)?;
            case = case::evolve(case, &recorded(&written, events.len()));
            events.push(written);
        }
        Ok(Self { filing, events })
    }

    /// Events of one case.
    pub(crate) fn events_per_case(&self) -> usize {
        self.events.len()
    }

    /// A case of its own: its events in order.
    pub(crate) fn case(&self, number: usize) -> Vec<Envelope> {
        let subject = Uuid::now_v7();
        let mut chain = GENESIS;
        let mut envelopes = Vec::with_capacity(self.events.len());
        for (place, written) in self.events.iter().enumerate() {
            let value = match &written.event {
                Event::ComplaintFiled(_) => self.filed(number, &written.meta),
                _ => written.value.clone(),
            };
            let mut envelope = Envelope {
                id: Uuid::now_v7(),
                kind: Kind::Decision,
                event_type: written.event_type.to_owned(),
                source: written.source.code().to_owned(),
                time: written.meta.occurred_at,
                subject,
                sequence: place as u64 + 1,
                traceparent: None,
                chain: GENESIS,
                value,
            };
            envelope.chain = envelope.chain_after(&chain);
            chain = envelope.chain;
            envelopes.push(envelope);
        }
        envelopes
    }

    /// The filing under a case number of its own.
    fn filed(&self, number: usize, meta: &EventMeta) -> Bytes {
        let filing = Filing {
            case_number: format!("TS-H{number:011}"),
            ..self.filing.clone()
        };
        let event = Event::ComplaintFiled(std::sync::Arc::new(filing));
        proto::event::encode(&event, meta).value.into()
    }
}

fn acts(ending: Ending, filing: &Filing, now: DateTime<Utc>) -> Result<Vec<Act>> {
    let consumer = Actor {
        kind: ActorKind::Consumer,
        org: None,
        subject: Some("h1".into()),
    };
    let enterprise = Actor {
        kind: ActorKind::Enterprise,
        org: Some(credit_code().as_str().to_owned()),
        subject: Some("e1".into()),
    };
    let file = Body::FileComplaint {
        id: CaseId(Uuid::nil()),
        space: SPACE.to_owned(),
        filing: std::sync::Arc::new(filing.clone()),
    };
    let by = |by: &Actor, body| Command {
        by: by.clone(),
        body,
    };
    let mut acts = vec![
        (Service::Intake, by(&consumer, file), Facts::None),
        (
            Service::Routing,
            by(&Actor::system(), Body::Route),
            to_the_enterprise()?,
        ),
    ];
    if ending == Ending::Settled {
        let proposal = Uuid::now_v7();
        let terms = Terms {
            reliefs: vec![Relief {
                kind: ReliefKind::Refund,
                amount: Fen(9_900),
            }],
            payer: Payer::Enterprise,
            perform_by: law::day::day_of(now) + TimeDelta::days(7),
            text: None,
        };
        let propose = Body::ProposeSettlement {
            proposal,
            terms,
            valid_until: None,
        };
        let accept = Body::AcceptProposal { proposal };
        acts.push((Service::Mediation, by(&enterprise, propose), Facts::None));
        acts.push((Service::Mediation, by(&consumer, accept), Facts::None));
    }
    Ok(acts)
}

fn decide(case: Option<&Case>, act: Act, now: DateTime<Utc>) -> Result<Written> {
    let (source, command, facts) = act;
    let decided = case::decide(case, &command, &facts, &Law::default(), now)?;
    let event = decided
        .into_iter()
        .next()
        .context("a decision makes an event")?;
    let meta = EventMeta {
        space: SPACE.to_owned(),
        occurred_at: now,
        recorded_at: now,
        actor: command.by,
        cause: Uuid::now_v7().to_string(),
        rule_set: law::RuleSet::on(law::day::day_of(now)),
        imported: false,
        notice_heads: Heads::new(),
    };
    let encoded = proto::event::encode(&event, &meta);
    Ok(Written {
        event,
        meta,
        source,
        event_type: encoded.event_type,
        value: encoded.value.into(),
    })
}

fn recorded(written: &Written, before: usize) -> Recorded {
    Recorded {
        id: Uuid::nil(),
        case_id: CaseId(Uuid::nil()),
        source: written.source,
        sequence: before as u64 + 1,
        meta: written.meta.clone(),
        event: written.event.clone(),
    }
}

/// The enterprise's code with its right check character.
fn credit_code() -> Uscc {
    let first = &ENTERPRISE[..17];
    let check = Uscc::check_character(first).expect("the constant has 17 characters of a code");
    Uscc::parse(&format!("{first}{check}")).expect("the check character is right")
}

fn to_the_enterprise() -> Result<Facts> {
    let authority = |text| AuthorityId::parse(text).context("an authority");
    Ok(Facts::Route {
        enterprise: Some(ActiveEnterprise {
            enterprise: credit_code(),
            on_behalf_of: None,
            registry_version: 1,
        }),
        jurisdiction: Jurisdiction::Decided(Destination {
            authority: authority("US-CA")?,
            level: Level::Province,
            ancestors: vec![authority("US-FED")?],
            unit: UnitId::parse("US-CA-00").context("a unit")?,
            basis: Basis::BusinessPlace,
            directory_version: 1,
        }),
        prior_odr_failed: false,
    })
}

fn filing(now: DateTime<Utc>) -> Result<Filing> {
    Ok(Filing {
        case_number: String::new(),
        complainant: PartyRef::parse("h1").context("a party")?,
        representatives: Vec::new(),
        consumer_region: None,
        identity: IdentityLevel::Stated,
        respondent: Respondent {
            uscc: Some(credit_code()),
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
        consents: Consents {
            odr: Some(now),
            ..Consents::default()
        },
        contains_report: false,
        joint: false,
        by_agent: false,
        prior_case: None,
        pledge: None,
        texts: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use chassis::admission::{Admission, Position, admit};

    use super::*;

    #[test]
    fn every_history_is_admitted_and_folds_to_its_ending() {
        for (ending, events) in [(Ending::Negotiating, 2), (Ending::Settled, 4)] {
            let histories = Histories::new(ending, chassis::clock::wall()).unwrap();
            assert_eq!(histories.events_per_case(), events);
            let (one, other) = (histories.case(1), histories.case(2));
            assert_ne!(one[0].subject, other[0].subject);
            let (mut position, mut case) = (Position::start(), None);
            for envelope in &one {
                let decoded = docket::work::decode(envelope).unwrap();
                let owner = case
                    .as_ref()
                    .map_or(Service::Intake, |case: &Case| case.state.owner());
                let admission = admit(&position, owner.code(), envelope, &decoded.absorbed);
                assert_eq!(admission, Admission::Next, "{}", envelope.event_type);
                position.advance(envelope, &decoded.absorbed);
                case = case::evolve(case, &decoded.event);
            }
            let case = case.unwrap();
            assert_eq!(case.version, events as u64);
            assert_eq!(case::invariant::broken(&case), None);
        }
    }
}
