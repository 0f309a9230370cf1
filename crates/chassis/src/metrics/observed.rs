//! What is looked up when somebody reads metrics: queues, pool, process, and the last sample of the database.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use super::sampler::{Sample, Samples};
use super::{destination, meter, process, system};
use crate::probe::{Phase, Readiness};
use crate::store::Pool;

/// Where to look.
pub(crate) struct Observed<Q> {
    /// Gives the length of each queue of the writer.
    pub(crate) queues: Q,
    /// Connections for reads.
    pub(crate) pool: Pool,
    /// How far the service is.
    pub(crate) readiness: Readiness,
    /// The database, as it was a moment ago.
    pub(crate) samples: Arc<Samples>,
}

/// Has all of it shown from now on.
pub(crate) fn observe<Q>(observed: Observed<Q>)
where
    Q: Fn() -> [(&'static str, usize); 3] + Send + Sync + 'static,
{
    let meter = meter();
    let Observed {
        queues,
        pool,
        readiness,
        samples,
    } = observed;
    gauge(
        &meter,
        "odr.writer.queue.length",
        "{item}",
        "Items that wait for the writer",
        move |show| {
            for (queue, length) in queues() {
                show(whole(length), &[KeyValue::new("odr.queue", queue)]);
            }
        },
    );
    gauge(
        &meter,
        "odr.ready",
        "{service}",
        "1 while the service takes calls",
        move |show| {
            show(i64::from(readiness.phase() == Phase::Ready), &[]);
        },
    );
    connections(&meter, pool);
    of_process(&meter);
    of_database(&meter, &samples);
    lag(&meter, samples);
}

fn connections(meter: &Meter, pool: Pool) {
    const POOL: &str = "db.client.connection.pool.name";
    let (_, _, most) = pool.count();
    gauge(
        meter,
        "db.client.connection.count",
        "{connection}",
        "Connections for reads",
        move |show| {
            let (open, idle, _) = pool.count();
            let idle = whole(idle);
            let used = (i64::from(open) - idle).max(0);
            for (state, count) in [("idle", idle), ("used", used)] {
                let state = KeyValue::new("db.client.connection.state", state);
                show(count, &[KeyValue::new(POOL, "reader"), state]);
            }
        },
    );
    gauge(
        meter,
        "db.client.connection.max",
        "{connection}",
        "Connections for reads at most",
        move |show| {
            show(i64::from(most), &[KeyValue::new(POOL, "reader")]);
        },
    );
}

fn of_process(meter: &Meter) {
    meter
        .f64_observable_counter("process.cpu.time")
        .with_unit("s")
        .with_description("Processor time")
        .with_callback(|observer| {
            if let Some((user, system)) = process::cpu_seconds() {
                observer.observe(user, &[KeyValue::new("cpu.mode", "user")]);
                observer.observe(system, &[KeyValue::new("cpu.mode", "system")]);
            }
        })
        .build();
    gauge(
        meter,
        "process.memory.usage",
        "By",
        "Memory in use",
        |show| {
            if let Some(bytes) = process::memory_bytes() {
                show(bytes, &[]);
            }
        },
    );
}

/// The counts of the database; nothing is shown while it does not answer.
fn of_database(meter: &Meter, samples: &Arc<Samples>) {
    type Row = (&'static str, &'static str, &'static str, fn(&Sample) -> i64);
    const COUNTS: [Row; 8] = [
        ("odr.outbox.pending", "{event}", "Events to publish", |s| {
            s.left.outbox
        }),
        ("odr.parked", "{record}", "Parked records", |s| {
            s.left.parked
        }),
        ("odr.cases.blocked", "{subject}", "Blocked cases", |s| {
            s.left.blocked
        }),
        (
            "odr.steps.pending",
            "{subject}",
            "Cases whose step was not asked yet",
            |s| s.left.steps,
        ),
        (
            "odr.deadlines.due",
            "{deadline}",
            "Deadlines that have passed and were not acted on",
            |s| s.left.due,
        ),
        (
            "odr.deadlines.late",
            "{deadline}",
            "Of these, those passed for more than a minute",
            |s| s.left.late,
        ),
        (
            "odr.recovery.partitions",
            "{partition}",
            "Partitions to be read before the service acts",
            |s| s.left.recoveries,
        ),
        (
            "odr.outbox.oldest.age",
            "s",
            "Age of the oldest event to publish",
            |s| s.left.outbox_age_s,
        ),
    ];
    for (name, unit, what, of) in COUNTS {
        let samples = Arc::clone(samples);
        gauge(meter, name, unit, what, move |show| {
            if let Some(sample) = &*samples.last() {
                show(of(sample), &[]);
            }
        });
    }
    let samples = Arc::clone(samples);
    gauge(
        meter,
        "odr.store.answers",
        "{service}",
        "1 while the database answers",
        move |show| {
            show(i64::from(samples.last().is_some()), &[]);
        },
    );
}

fn lag(meter: &Meter, samples: Arc<Samples>) {
    gauge(
        meter,
        "odr.consumer.lag",
        "{message}",
        "Records of an assigned partition that were not taken in",
        move |show| {
            for (topic, partition, lag) in samples.last().iter().flat_map(|sample| &sample.lag) {
                let partition =
                    KeyValue::new("messaging.destination.partition.id", partition.to_string());
                show(*lag, &[system(), destination(topic), partition]);
            }
        },
    );
}

/// A gauge; `look` is given what shows a value with its labels.
fn gauge(
    meter: &Meter,
    name: &'static str,
    unit: &'static str,
    what: &'static str,
    look: impl Fn(&dyn Fn(i64, &[KeyValue])) + Send + Sync + 'static,
) {
    meter
        .i64_observable_gauge(name)
        .with_unit(unit)
        .with_description(what)
        .with_callback(move |observer| look(&|value, labels| observer.observe(value, labels)))
        .build();
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
