//! What a database that was restored from an older copy lacks: its own events came back from the log, texts did not.

use std::collections::BTreeSet;

use case::{ActorKind, Recorded};
use chassis::envelope::Envelope;
use chassis::principal::{Kind, Principal};
use chassis::work::{MissingThing, References};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::desk::Desk;
use crate::{text, work};

/// The code of a missing text.
const TEXT: &str = "text";

/// What own events refer to. Events that are no case's are passed over.
pub(crate) async fn references<D: Desk>(
    desk: &D,
    connection: &mut PgConnection,
    events: &[Envelope],
) -> sqlx::Result<References> {
    let events: Vec<Recorded> = events
        .iter()
        .filter_map(|envelope| Some(work::decode(envelope).ok()?.event))
        .collect();
    let thing = |event: &Recorded, what, id| MissingThing {
        subject: event.case_id.0,
        what,
        id,
        event_id: event.id,
        at: event.meta.occurred_at,
    };
    let texts: Vec<(&Recorded, Uuid)> = events
        .iter()
        .flat_map(|event| {
            event
                .event
                .texts()
                .into_iter()
                .map(move |text| (event, text.id))
        })
        .collect();
    let ids: Vec<Uuid> = texts.iter().map(|(_, id)| *id).collect();
    let kept = text::kept(connection, &ids).await?;
    // Terms carry the text of the proposal on.
    let mut told = BTreeSet::new();
    let mut missing: Vec<MissingThing> = texts
        .into_iter()
        .filter(|(_, id)| !kept.contains(id) && told.insert(*id))
        .map(|(event, id)| thing(event, TEXT, Some(id)))
        .collect();
    let refs: Vec<&Recorded> = events.iter().collect();
    let own = desk.missing(connection, &refs).await?;
    missing.extend(
        own.into_iter()
            .map(|(event, what)| thing(event, what, None)),
    );
    let causes = events.iter().filter_map(cause).collect();
    Ok(References { missing, causes })
}

/// The request that caused an event; none for what the service did by itself.
fn cause(event: &Recorded) -> Option<(Uuid, String, String)> {
    let actor = &event.meta.actor;
    if actor.kind == ActorKind::System {
        return None;
    }
    let principal = Principal {
        kind: Kind::from_code(actor.kind.code())?,
        org: actor.org.clone(),
        subject: actor.subject.clone(),
    };
    Some((event.id, principal.key(), event.meta.cause.clone()))
}
