//! Histories published to services that read along, and to services that find everything there.

use chassis::envelope::Envelope;
use chassis::store::subjects::Row;
use uuid::Uuid;

use super::found;
use super::history::History;
use super::rig::Rig;
use super::service::Service;
use super::ticket::{Body, LEFT};
use super::toy::Toy;

/// Publishes with a service running, checks; then checks a second one that finds everything there.
pub(crate) async fn read_twice(
    rig: &Rig,
    toy: Toy,
    publish: impl AsyncFnOnce(),
    check: impl AsyncFn(&Service),
) {
    let first = Service::ready(rig, toy.clone(), &rig.database("first").await).await;
    publish().await;
    check(&first).await;
    first.stop().await;
    let second = Service::ready(rig, toy, &rig.database("second").await).await;
    check(&second).await;
    second.quiet().await;
    second.stop().await;
}

pub(crate) async fn publish_all(rig: &Rig, envelopes: &[Envelope]) {
    for envelope in envelopes {
        rig.publish(envelope).await;
    }
}

pub(crate) async fn blocked(service: &Service, subject: Uuid) -> Row {
    found("a block", async || {
        service
            .row(subject)
            .await
            .filter(|row| row.blocked.is_some())
    })
    .await
}

/// A history of `count` additions of one.
pub(crate) fn additions(history: &mut History, count: usize) -> Vec<Envelope> {
    let mut envelopes = vec![history.next(LEFT, Body::Opened { total: 0 })];
    envelopes.extend((1..count).map(|_| history.next(LEFT, Body::Added { amount: 1 })));
    envelopes
}
