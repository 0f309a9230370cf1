//! The broker without the platform: one producer, then one consumer, of records like those of the platform.

use std::time::{Duration, Instant};

use anyhow::Result;
use devstack::topics::{self, TopicOptions};
use rdkafka::producer::{BaseProducer, Producer};

use crate::histories::{Ending, Histories};
use crate::topic::{Topic, send};

const PREFIX: &str = "bench_floor.";
/// Records made beforehand and sent in turn.
const PREPARED_CASES: usize = 5_000;

/// Records a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokerFloor {
    pub(crate) produce_per_s: f64,
    pub(crate) consume_per_s: f64,
}

/// Produces for so long with the platform's own settings, then reads it all.
pub(crate) async fn broker(kafka: &str, phase: Duration) -> Result<BrokerFloor> {
    topics::remove(kafka, PREFIX).await?;
    let options = TopicOptions {
        prefix: PREFIX.to_owned(),
        partitions: None,
    };
    topics::create(kafka, &options).await?;
    let address = kafka.to_owned();
    let floor = tokio::task::spawn_blocking(move || both(&address, phase)).await??;
    topics::remove(kafka, PREFIX).await?;
    Ok(floor)
}

fn both(kafka: &str, phase: Duration) -> Result<BrokerFloor> {
    let topic = Topic::open(kafka, PREFIX)?;
    let histories = Histories::new(Ending::Settled, chassis::clock::wall())?;
    let prepared: Vec<_> = (0..PREPARED_CASES)
        .flat_map(|case| histories.case(case))
        .collect();
    let producer: BaseProducer = chassis::producer::settings(kafka, "load").create()?;
    let started = Instant::now();
    let mut sent = 0_u64;
    while started.elapsed() < phase {
        for envelope in &prepared {
            send(&producer, &topic.name, envelope)?;
            sent += 1;
            if sent % 1000 == 0 {
                producer.poll(Duration::ZERO);
            }
        }
    }
    producer.flush(Duration::from_secs(60))?;
    let produce_per_s = sent as f64 / started.elapsed().as_secs_f64();
    let started = Instant::now();
    let read = topic.read(drop)?;
    Ok(BrokerFloor {
        produce_per_s,
        consume_per_s: read as f64 / started.elapsed().as_secs_f64(),
    })
}
