//! A member of a service's consumer group that holds its partitions and does nothing with them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::rig::{PARTITIONS, Rig};
use super::{BOUND, eventually};

pub(crate) struct Idler {
    consumer: Arc<BaseConsumer>,
    left: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    topic: String,
}

impl Idler {
    /// Joins a service's group and waits until it has partitions.
    pub(crate) async fn join(rig: &Rig, service: &str) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", rig.kafka())
            .set("group.id", format!("{}{service}", rig.prefix()))
            .set("partition.assignment.strategy", "range")
            .set("heartbeat.interval.ms", "500")
            .set("enable.auto.commit", "false")
            .create()
            .unwrap();
        let topics = rig.topics();
        consumer
            .subscribe(&[&topics.subjects, &topics.registry])
            .unwrap();
        let (consumer, left) = (Arc::new(consumer), Arc::new(AtomicBool::new(false)));
        let thread = {
            let (consumer, left) = (Arc::clone(&consumer), Arc::clone(&left));
            std::thread::spawn(move || {
                while !left.load(Ordering::Acquire) {
                    drop(consumer.poll(Duration::from_millis(20)));
                }
                consumer.unsubscribe();
            })
        };
        let idler = Self {
            consumer,
            left,
            thread,
            topic: topics.subjects,
        };
        eventually("an assignment", async || !idler.partitions().is_empty()).await;
        idler
    }

    /// The partitions of the subjects' topic that it holds.
    pub(crate) fn partitions(&self) -> BTreeSet<i32> {
        let held = self.consumer.assignment().unwrap();
        let held = held.elements();
        let held = held.iter().filter(|held| held.topic() == self.topic);
        held.map(|held| held.partition()).collect()
    }

    /// The ends of the partitions of the subjects' topic.
    pub(crate) fn ends(&self) -> BTreeMap<i32, i64> {
        let end = |partition| {
            let (_, end) = self
                .consumer
                .fetch_watermarks(&self.topic, partition, BOUND)
                .unwrap();
            (partition, end)
        };
        (0..PARTITIONS).map(end).collect()
    }

    /// Leaves the group: its partitions go to the others.
    pub(crate) fn leave(self) {
        self.left.store(true, Ordering::Release);
        self.thread.join().unwrap();
    }
}
