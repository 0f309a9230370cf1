//! The client: how it is set up, and how it joins its group.

use std::sync::Arc;

use anyhow::Context as _;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use tokio::runtime::Handle;

use super::assignment::Assigning;
use super::{Consumer, Signals};

/// A client that asks for its share of the partitions.
///
/// # Errors
/// When the client cannot be made or does not take the topics.
pub(super) fn join(
    parts: &Consumer,
    handle: &Handle,
    signals: &Arc<Signals>,
) -> anyhow::Result<BaseConsumer<Assigning>> {
    let context = Assigning::new(parts, handle.clone(), Arc::clone(signals));
    let consumer: BaseConsumer<Assigning> = ClientConfig::new()
        .set("bootstrap.servers", &parts.kafka)
        .set("group.id", &parts.group)
        .set("client.id", &parts.client_id)
        .set("partition.assignment.strategy", "range")
        .set("session.timeout.ms", parts.session_timeout_ms.to_string())
        .set("heartbeat.interval.ms", "500")
        .set("max.poll.interval.ms", "300000")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error")
        // A fetch may leave out a partition that something waited of when it began: so long it then waits at most.
        .set("fetch.wait.max.ms", "20")
        .set("queued.max.messages.kbytes", "16384")
        .set("socket.nagle.disable", "true")
        // A line that falls silent without a word is given up after this.
        .set("socket.timeout.ms", "10000")
        // Nothing more is fetched while something waits to be polled: fetching keeps the pace of polling.
        .set("queued.min.messages", "1")
        .set("fetch.queue.backoff.ms", parts.pace_ms.max(1).to_string())
        .set("fetch.message.max.bytes", "1048576")
        .set("reconnect.backoff.max.ms", "500")
        // for lag, and for telling a client that has lost its way
        .set("statistics.interval.ms", "5000")
        .create_with_context(context)
        .context("the consumer could not be made")?;
    consumer
        .subscribe(&[&parts.topic, &parts.registry_topic])
        .context("the topics could not be subscribed")?;
    Ok(consumer)
}
