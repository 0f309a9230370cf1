//! A case's story: its archived events decoded, their chain verified, their due dates explained.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use case::{Case, Event, Recorded};
use chassis::admission::{Admission, Position, admit};
use chassis::envelope::{Envelope, Kind};
use chrono::{DateTime, NaiveDate, Utc};
use law::day::day_of;
use law::period::explain;
use law::{Due, Law, Period};
use proto::mediation::v1::{ArchivedEvent, RecordKind};

use crate::case_list::{local, state_name};
use crate::law_command::skipped;

/// A case's events, and whether they follow each other.
pub(crate) struct Story {
    pub(crate) events: Vec<Recorded>,
    pub(crate) verified: bool,
}

/// Reads archived events.
pub(crate) fn read(archived: &[ArchivedEvent]) -> Result<Story> {
    let mut envelopes = archived.iter().map(envelope).collect::<Result<Vec<_>>>()?;
    let mut story = Story {
        events: Vec::new(),
        verified: true,
    };
    let mut position = Position::start();
    let mut case: Option<Case> = None;
    // Notices lie beside decisions: whatever follows next is taken, until nothing does.
    while !envelopes.is_empty() {
        let next = envelopes.iter().position(|envelope| {
            let owner = case
                .as_ref()
                .map_or("intake", |case| case.state.owner().code());
            docket::work::decode(envelope).is_ok_and(|decoded| {
                admit(&position, owner, envelope, &decoded.absorbed) == Admission::Next
            })
        });
        let Some(place) = next else {
            story.verified = false;
            break;
        };
        let envelope = envelopes.remove(place);
        let decoded = docket::work::decode(&envelope)
            .ok()
            .context("a decoded event decodes")?;
        position.advance(&envelope, &decoded.absorbed);
        case = case::evolve(case, &decoded.event);
        story.events.push(decoded.event);
    }
    story.events.sort_by_key(|event| event.meta.occurred_at);
    Ok(story)
}

fn envelope(event: &ArchivedEvent) -> Result<Envelope> {
    let kind = match event.kind() {
        RecordKind::Decision => Kind::Decision,
        RecordKind::Notice => Kind::Notice,
        RecordKind::Unspecified => {
            anyhow::bail!("an archived event is neither decision nor notice")
        }
    };
    Ok(Envelope {
        id: event.event_id.parse().context("event id")?,
        kind,
        event_type: event.r#type.clone(),
        source: event.source.clone(),
        time: DateTime::parse_from_rfc3339(&event.time)
            .context("event time")?
            .with_timezone(&Utc),
        subject: event.subject.parse().context("subject")?,
        sequence: event.sequence,
        traceparent: None,
        chain: event.chain.as_ref().try_into().context("chain")?,
        value: event.value.clone(),
    })
}

/// The story as text; without the head for a case that cannot be read.
pub(crate) fn render(case: Option<&proto::v1::Case>, story: &Story) -> String {
    let mut text = case.map_or_else(String::new, head);
    text.push('\n');
    for event in &story.events {
        let actor = &event.meta.actor;
        let org = actor
            .org
            .as_deref()
            .map_or_else(String::new, |org| format!(" {org}"));
        let at = local(event.meta.occurred_at.timestamp());
        let kind = event.event.event_kind();
        let _ = writeln!(
            text,
            "{at}  {:<2} {:<9} {kind} by {}{org}",
            event.sequence,
            event.source.code(),
            actor.kind
        );
        if let Some((due, explained)) = due_of(event) {
            let _ = writeln!(
                text,
                "{:34}due {} ({}), rules {}{explained}",
                "",
                due.last_day,
                due.last_day.format("%A"),
                due.rule_set.code()
            );
        }
    }
    let word = if story.verified {
        "every event follows its chain"
    } else {
        "BROKEN"
    };
    let _ = writeln!(text, "\nchain   {word} ({} events)", story.events.len());
    text
}

fn head(case: &proto::v1::Case) -> String {
    let filing = case.filing.clone().unwrap_or_default();
    let mut text = format!(
        "case    {}\nnumber  {}\nstate   {}\n",
        case.case_id,
        filing.case_number,
        state_name(case.state)
    );
    let _ = writeln!(
        text,
        "version {}   etag {}   problem {}   category {}",
        case.version, case.etag, filing.problem, filing.category
    );
    for due in case.due_dates.iter().filter_map(|date| date.due.as_ref()) {
        let _ = writeln!(text, "due     {}", due.last_day);
    }
    text
}

/// The due date an event starts, explained where the built-in policy gives the same day.
fn due_of(event: &Recorded) -> Option<(&Due, String)> {
    let law = Law::default();
    let day = day_of(event.meta.occurred_at);
    let (due, from, period) = match &event.event {
        Event::RoutedToEnterprise(routed) => (&routed.due, day, law.policy.negotiation),
        Event::RoutedToAuthority(routed) => (
            &routed.decide_by,
            day_of(routed.received_at),
            routed.rule_set.acceptance(),
        ),
        Event::ComplaintAccepted { due, .. } => (due, day, due.rule_set.mediation()),
        Event::RoutingHeld { due, .. } | Event::CaseReturned { due, .. } => {
            (due, day, law.policy.routing)
        }
        Event::NegotiationDeclined { escalate_by, .. }
        | Event::NegotiationExpired { escalate_by, .. }
        | Event::NegotiationEnded { escalate_by, .. } => {
            (escalate_by, day, law.policy.escalation_window)
        }
        _ => return None,
    };
    Some((due, explanation(due, from, period, &law)))
}

fn explanation(due: &Due, from: NaiveDate, period: Period, law: &Law) -> String {
    let explained = explain(from, period, &[], due.rule_set, law);
    if explained.due.last_day == due.last_day {
        format!("; {period} from {from}, {}", skipped(&explained))
    } else {
        String::new()
    }
}
