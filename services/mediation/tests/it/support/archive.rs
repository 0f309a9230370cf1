//! A case's history as the archive gives it, verified as anyone could: chains, order, and what it folds to.

use std::collections::BTreeMap;

use case::{Case, Recorded};
use chassis::admission::Position;
use chassis::envelope::{Chain, Envelope, GENESIS, Kind};
use proto::mediation::v1::{ArchivedEvent, ListCaseEventsRequest, RecordKind};
use uuid::Uuid;

use super::Stage;
use super::asking::by;
use super::people::OPERATOR;

/// A verified history.
pub(crate) struct History {
    pub(crate) events: Vec<Recorded>,
    pub(crate) case: Option<Case>,
    pub(crate) position: Position,
}

impl Default for History {
    fn default() -> Self {
        Self {
            events: Vec::new(),
            case: None,
            position: Position::start(),
        }
    }
}

impl History {
    /// The types of the events, without the package.
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.events
            .iter()
            .map(|recorded| recorded.event.event_kind().code())
            .collect()
    }

    /// The case; there must be one.
    pub(crate) fn case(&self) -> &Case {
        self.case.as_ref().expect("the case was filed")
    }
}

impl Stage {
    /// All archived events of a case, read in small pages.
    pub(crate) async fn archived(&self, case_id: Uuid) -> Vec<ArchivedEvent> {
        let mut events = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListCaseEventsRequest {
                case_id: case_id.to_string(),
                page_size: 3,
                page_token,
                min_version: 0,
            };
            let page = self.client().list_case_events(by(OPERATOR, request)).await;
            let page = page.unwrap().into_inner();
            assert!(page.events.len() <= 3);
            events.extend(page.events);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return events;
            }
        }
    }

    /// The history of a case that is known here.
    pub(crate) async fn history(&self, case_id: Uuid) -> History {
        let mut chains: BTreeMap<String, (u64, Chain)> = BTreeMap::new();
        let mut history = History::default();
        for archived in self.archived(case_id).await {
            let envelope = envelope(archived);
            let stream = envelope.stream().to_owned();
            let (sequence, chain) = chains.get(&stream).copied().unwrap_or((0, GENESIS));
            assert_eq!(envelope.sequence, sequence + 1, "a hole in `{stream}`");
            assert_eq!(
                envelope.chain,
                envelope.chain_after(&chain),
                "the chain breaks"
            );
            chains.insert(stream, (envelope.sequence, envelope.chain));
            let decoded = docket::work::decode(&envelope).unwrap();
            history.case = case::evolve(history.case, &decoded.event);
            history.position.advance(&envelope, &decoded.absorbed);
            history.events.push(decoded.event);
        }
        history
    }
}

fn envelope(archived: ArchivedEvent) -> Envelope {
    let kind = match archived.kind() {
        RecordKind::Decision => Kind::Decision,
        RecordKind::Notice => Kind::Notice,
        RecordKind::Unspecified => panic!("an event is a decision or a notice"),
    };
    assert_eq!(
        proto::event::kind_of(&archived.r#type).map(proto::wire::number),
        Some(archived.event_kind)
    );
    Envelope {
        id: archived.event_id.parse().unwrap(),
        kind,
        event_type: archived.r#type,
        source: archived.source,
        time: archived.time.parse().unwrap(),
        subject: archived.subject.parse().unwrap(),
        sequence: archived.sequence,
        traceparent: None,
        chain: archived.chain.as_ref().try_into().unwrap(),
        value: archived.value,
    }
}
