//! Telling the other services of the directory: at the start, each authority whose record is new or changed.

use std::sync::Arc;
use std::time::Duration;

use case::Actor;
use chassis::envelope::Envelope;
use chassis::store::batch::{EventRow, Save, SaveError, save};
use chassis::store::{SILENCE, opening, within};
use law::directory::Directory;
use prost::Message;
use sqlx::Connection as _;
use tokio_util::sync::CancellationToken;

use crate::directory::version_number;
use crate::registry::Registry;
use crate::store::record::{self, Recording};
use crate::store::{KeptAuthority, authorities, time};

const PAUSE: Duration = Duration::from_millis(100);

/// Waits until the service is ready, since before that its database may be older than what it said; then publishes.
pub(crate) async fn run(
    registry: Registry,
    directory: Arc<Directory>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    loop {
        if registry.readiness.reached() {
            match within(SILENCE, publish(&registry, &directory)).await {
                Ok(Some(count)) => {
                    tracing::info!(
                        count,
                        directory.version = directory.version(),
                        "authorities are published"
                    );
                    return Ok(());
                }
                Ok(None) | Err(SaveError::Missed) => {}
                Err(error) => tracing::warn!(%error, "authorities could not be published yet"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Publishes in one transaction what is not published yet and gives the number; `None` while the service recovers.
async fn publish(registry: &Registry, directory: &Directory) -> Result<Option<usize>, SaveError> {
    let mut connection = registry.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let before = authorities::lock_all(&mut transaction).await?;
    let (recovering, _) = opening::requests(&mut transaction, &[]).await?;
    if recovering {
        return Ok(None);
    }
    let by = Actor::system();
    let recording = Recording {
        space: &registry.space,
        at: time::now(&mut transaction, registry.stepped, &registry.space).await?,
        by: &by,
        cause: format!("directory {}", directory.version()),
        traceparent: None,
    };
    let (kept, envelopes): (Vec<KeptAuthority>, Vec<Envelope>) = directory
        .authorities()
        .iter()
        .filter_map(|authority| {
            let message = record::authority_message(authority, directory);
            let before = before.get(&authority.id);
            let changed = before.is_none_or(|before| before.content != message.encode_to_vec());
            changed.then(|| {
                record::of_authority(
                    authority,
                    message,
                    version_number(directory),
                    before,
                    &recording,
                )
            })
        })
        .unzip();
    if kept.is_empty() {
        return Ok(Some(0));
    }
    let mut sorted: Vec<&KeptAuthority> = kept.iter().collect();
    sorted.sort_by(|a, b| a.id.cmp(&b.id));
    if authorities::keep_newer(&mut transaction, &sorted).await? != kept.len() as u64 {
        return Err(SaveError::Missed);
    }
    let events = envelopes
        .into_iter()
        .map(|envelope| EventRow {
            envelope,
            publish: Some(registry.topic.clone()),
        })
        .collect();
    save(
        &mut transaction,
        &Save {
            events,
            ..Save::default()
        },
    )
    .await?;
    transaction.commit().await?;
    registry.relay.notify_one();
    Ok(Some(kept.len()))
}
