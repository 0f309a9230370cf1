//! Metrics: what is counted and timed while the service works, by the names of `docs/OBSERVABILITY.md`.
//!
//! Recording is a look into a table and an atomic add: no allocation a call, no label of a case or a person. What has to
//! be looked up (the database, the pool, the queues) is observed when somebody reads: see [`observed`].

mod alarms;
mod export;
mod methods;
mod observed;
mod process;
mod sampler;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use opentelemetry::metrics::{Counter, Histogram, Meter};
use opentelemetry::{KeyValue, global};

use crate::store::batch::EventRow;
use crate::writer::Record;

pub use alarms::Alarms;
pub use export::exposition;
pub(crate) use export::provider;
pub(crate) use methods::{Methods, code_name};
pub(crate) use observed::{Observed, observe};
pub(crate) use sampler::{Sampler, Samples};

/// Seconds: from an answer out of memory to the longest a caller waits.
const CALL_BOUNDS_S: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Items: a lone one, then doubling up to beyond a full batch.
const SIZE_BOUNDS: [f64; 11] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0,
];
struct Instruments {
    calls: Histogram<f64>,
    batch_duration: Histogram<f64>,
    batch_size: Histogram<u64>,
    batch_failures: Counter<u64>,
    appended: Counter<u64>,
    consumed: Counter<u64>,
    sent: Counter<u64>,
    relay_failures: Counter<u64>,
    handed: Counter<u64>,
    sending: Histogram<f64>,
    alarms: Counter<u64>,
}

/// Made at the first use, from the provider that `telemetry::init` has set by then.
static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| Instruments::of(&meter()));

fn meter() -> Meter {
    global::meter("odr")
}

impl Instruments {
    fn of(meter: &Meter) -> Self {
        let seconds = |name: &'static str, what: &'static str| {
            meter
                .f64_histogram(name)
                .with_unit("s")
                .with_description(what)
                .with_boundaries(CALL_BOUNDS_S.to_vec())
                .build()
        };
        let count = |name: &'static str, unit: &'static str, what: &'static str| {
            meter
                .u64_counter(name)
                .with_unit(unit)
                .with_description(what)
                .build()
        };
        Self {
            calls: seconds("rpc.server.call.duration", "Duration of calls"),
            batch_duration: seconds(
                "odr.writer.batch.duration",
                "Duration of committed batches of the writer",
            ),
            batch_size: meter
                .u64_histogram("odr.writer.batch.size")
                .with_unit("{item}")
                .with_description("Items of committed batches")
                .with_boundaries(SIZE_BOUNDS.to_vec())
                .build(),
            batch_failures: count(
                "odr.writer.batch.failures",
                "{batch}",
                "Batches that were not committed",
            ),
            appended: count(
                "odr.events.appended",
                "{event}",
                "Own events that were committed",
            ),
            consumed: count(
                "messaging.client.consumed.messages",
                "{message}",
                "Records that were judged",
            ),
            sent: count(
                "messaging.client.sent.messages",
                "{message}",
                "Events that the broker has taken",
            ),
            relay_failures: count(
                "odr.relay.failures",
                "{event}",
                "Events that were handed to the broker and not taken",
            ),
            handed: count(
                "odr.relay.handed",
                "{event}",
                "Events that were published as the writer handed them over, without being read",
            ),
            sending: seconds(
                "messaging.client.operation.duration",
                "Duration of a round of the relay, from handing over to the last delivery",
            ),
            alarms: count("odr.alarms", "{alarm}", "Lines of the log with an alarm"),
        }
    }
}

/// Shows what happens seldom as zero from the start, so that its first time is an increase.
pub(crate) fn start() {
    for word in alarms::WORDS {
        INSTRUMENTS
            .alarms
            .add(0, &[KeyValue::new("odr.alarm", word)]);
    }
    INSTRUMENTS.relay_failures.add(0, &[]);
    INSTRUMENTS.handed.add(0, &[]);
    for why in ["behind", "data", "missed", "transient"] {
        batch_failures(why, 0);
    }
}

/// A batch of the writer was committed.
pub(crate) fn batch(took: Duration, calls: usize, records: &[Record], wakes: usize) {
    let instruments = &*INSTRUMENTS;
    instruments.batch_duration.record(took.as_secs_f64(), &[]);
    for (queue, size) in [
        ("calls", calls),
        ("records", records.len()),
        ("wakes", wakes),
    ] {
        if size > 0 {
            let queue = [KeyValue::new("odr.queue", queue)];
            instruments.batch_size.record(size as u64, &queue);
        }
    }
    let judged = records.iter().filter(|record| record.parked_id().is_none());
    for (topic, count) in tally(judged.map(|record| record.raw.topic.as_str())) {
        instruments
            .consumed
            .add(count, &[system(), destination(topic)]);
    }
}

/// A batch of the writer was not committed: `behind`, `data`, `missed` or `transient`.
pub(crate) fn batch_failures(why: &'static str, count: u64) {
    let why = [KeyValue::new("error.type", why)];
    INSTRUMENTS.batch_failures.add(count, &why);
}

/// Own events were committed.
pub(crate) fn appended(events: &[EventRow]) {
    let own = events.iter().filter(|event| event.publish.is_some());
    for (event_type, count) in tally(own.map(|event| event.envelope.event_type.as_str())) {
        let event_type = [KeyValue::new("event.type", event_type.to_owned())];
        INSTRUMENTS.appended.add(count, &event_type);
    }
}

/// Events were published without being read.
pub(crate) fn handed(count: usize) {
    INSTRUMENTS.handed.add(count as u64, &[]);
}

/// A round of the relay is over: each record's topic, and whether the broker has it.
pub(crate) fn sent<'a>(took: Duration, outcomes: impl Iterator<Item = (&'a str, bool)>) {
    let instruments = &*INSTRUMENTS;
    let operation = [system(), KeyValue::new("messaging.operation.name", "send")];
    instruments.sending.record(took.as_secs_f64(), &operation);
    for ((topic, delivered), count) in tally(outcomes) {
        if delivered {
            instruments.sent.add(count, &[system(), destination(topic)]);
        } else {
            instruments.relay_failures.add(count, &[]);
        }
    }
}

fn system() -> KeyValue {
    KeyValue::new("messaging.system", "kafka")
}

fn destination(topic: &str) -> KeyValue {
    KeyValue::new("messaging.destination.name", topic.to_owned())
}

fn tally<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_insert(0) += 1;
    }
    counts
}
