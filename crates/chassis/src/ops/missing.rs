//! What a restored database lacks: own events came back from the log, what they refer to did not.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tonic::Status;
use uuid::Uuid;

use super::replica::Replica;
use super::wire::{stamp, unavailable, violated};
use crate::clock::wall;
use crate::envelope::Envelope;
use crate::pb;
use crate::status;
use crate::store::{events, recoveries, requests};
use crate::work::{MissingThing, Work};

/// Own events looked at in a page, unless the caller says.
const USUAL: i64 = 500;

/// One page over the service's own events.
pub(super) async fn list<W: Work>(
    replica: &Replica<W>,
    request: pb::ListMissingRequest,
) -> Result<pb::ListMissingResponse, Status> {
    let most = match request.page_size {
        0 => USUAL,
        size @ 1..=2000 => i64::from(size),
        _ => return Err(violated("page_size", "must be 0 to 2000")),
    };
    let after = place(&request.page_token)
        .ok_or_else(|| violated("page_token", "must be a token of the last answer"))?;
    let mut connection = replica.connection().await?;
    // Before everything is read, what is not there yet cannot be told from what is lost.
    if recoveries::left(&mut connection)
        .await
        .map_err(unavailable)?
        > 0
    {
        return Err(status::unavailable(
            "the service reads its own words again",
            Duration::from_secs(1),
        ));
    }
    let after = (after.0, after.1.as_str(), after.2);
    let own = events::of_source(&mut connection, replica.source, after, most)
        .await
        .map_err(unavailable)?;
    let found = replica
        .work
        .references(&mut connection, &own)
        .await
        .map_err(unavailable)?;
    // Older answers were forgotten on purpose.
    let kept_since = wall() - TimeDelta::days(i64::from(replica.request_retention_days));
    let mut causes = found.causes;
    causes.retain(|(event, ..)| made_at(*event).is_some_and(|at| at > kept_since));
    let principals: Vec<String> = causes.iter().map(|cause| cause.1.clone()).collect();
    let request_ids: Vec<String> = causes.iter().map(|cause| cause.2.clone()).collect();
    let unanswered = requests::unanswered(&mut connection, &principals, &request_ids)
        .await
        .map_err(unavailable)?;
    let requests_from = unanswered
        .into_iter()
        .filter_map(|place| made_at(causes.get(place)?.0))
        .min();
    let full = i64::try_from(own.len()) == Ok(most);
    Ok(pb::ListMissingResponse {
        things: found.missing.into_iter().map(thing).collect(),
        next_page_token: own.last().filter(|_| full).map_or_else(String::new, token),
        requests_from: requests_from.map(stamp),
    })
}

fn thing(missing: MissingThing) -> pb::MissingThing {
    pb::MissingThing {
        case_id: missing.subject.to_string(),
        what: missing.what.to_owned(),
        id: missing.id.map_or_else(String::new, |id| id.to_string()),
        event_id: missing.event_id.to_string(),
        at: Some(stamp(missing.at)),
    }
}

/// When an event was made by the machine's clock, whatever clock dates it.
fn made_at(event: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = event.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

fn token(last: &Envelope) -> String {
    format!("{}/{}/{}", last.subject, last.stream(), last.sequence)
}

fn place(token: &str) -> Option<(Uuid, String, i64)> {
    if token.is_empty() {
        return Some((Uuid::nil(), String::new(), 0));
    }
    let mut parts = token.split('/');
    let (subject, stream, sequence) = (parts.next()?, parts.next()?, parts.next()?);
    Some((
        subject.parse().ok()?,
        stream.to_owned(),
        sequence.parse().ok()?,
    ))
}
