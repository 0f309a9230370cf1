//! A scenario's own databases and topics on the real servers, gone when it ends, however it ends.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chassis::engine::Topics;
use chassis::envelope::{Envelope, RawRecord};
use devstack::databases;
use devstack::servers::{ServerOptions, Servers};
use devstack::topics::{self, TopicOptions};
use futures::FutureExt;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use sqlx::{Connection, PgConnection};

use super::BOUND;
use super::toy::TABLES;

/// Partitions of each topic: few, so that scenarios start quickly; more than one, so that neighbours differ.
pub(crate) const PARTITIONS: i32 = 3;

static SCENARIOS: AtomicU32 = AtomicU32::new(0);

/// What a scenario has of the servers.
pub(crate) struct Rig {
    servers: Servers,
    name: String,
    made: Mutex<Vec<String>>,
    producer: FutureProducer,
}

/// Runs a scenario on a runtime of its own and cleans up after it.
pub(crate) fn scenario(run: impl AsyncFnOnce(&Rig)) {
    let _logs = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    let servers = Servers::start(&ServerOptions::from_environment()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let outcome = runtime.block_on(async {
        let rig = Rig::new(servers).await;
        let outcome = AssertUnwindSafe(run(&rig)).catch_unwind().await;
        rig.remove().await;
        outcome
    });
    runtime.shutdown_background();
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

impl Rig {
    async fn new(servers: Servers) -> Self {
        let number = SCENARIOS.fetch_add(1, Ordering::Relaxed);
        let name = format!("toy_{}_{number}", std::process::id());
        let producer = ClientConfig::new()
            .set("bootstrap.servers", &servers.kafka)
            .create()
            .unwrap();
        let rig = Self {
            servers,
            name,
            made: Mutex::default(),
            producer,
        };
        rig.make_topics().await;
        rig
    }

    pub(crate) async fn make_topics(&self) {
        let options = TopicOptions {
            prefix: self.prefix(),
            partitions: Some(PARTITIONS),
        };
        topics::create(&self.servers.kafka, &options).await.unwrap();
    }

    pub(crate) async fn remove_topics(&self) {
        topics::remove(&self.servers.kafka, &self.prefix())
            .await
            .unwrap();
    }

    /// Removes the topics and makes them anew, empty.
    pub(crate) async fn recreate_topics(&self) {
        self.remove_topics().await;
        self.make_topics_again().await;
    }

    /// Makes topics that were removed.
    pub(crate) async fn make_topics_again(&self) {
        // The broker forgets a topic a moment after it says so.
        super::eventually("new topics", async || {
            let options = TopicOptions {
                prefix: self.prefix(),
                partitions: Some(PARTITIONS),
            };
            let made = topics::create(&self.servers.kafka, &options).await.is_ok();
            made && self.try_log_length().await.is_some()
        })
        .await;
    }

    async fn try_log_length(&self) -> Option<i64> {
        let (kafka, topic) = (self.servers.kafka.clone(), self.topics().subjects);
        let lengths = move || {
            let consumer: BaseConsumer = ClientConfig::new()
                .set("bootstrap.servers", &kafka)
                .create()
                .ok()?;
            (0..PARTITIONS)
                .map(|partition| {
                    let (_, high) = consumer
                        .fetch_watermarks(&topic, partition, Duration::from_secs(2))
                        .ok()?;
                    Some(high)
                })
                .sum()
        };
        tokio::task::spawn_blocking(lengths).await.unwrap()
    }

    /// Forgets what a service's group had told Kafka.
    pub(crate) async fn forget_group(&self, service: &str) {
        let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
            .set("bootstrap.servers", &self.servers.kafka)
            .create()
            .unwrap();
        let group = format!("{}{service}", self.prefix());
        // Its members take a moment to be gone.
        super::eventually("the group forgotten", async || {
            let answers = admin
                .delete_groups(&[&group], &AdminOptions::new())
                .await
                .unwrap();
            answers.iter().all(Result::is_ok)
        })
        .await;
    }

    async fn remove(&self) {
        self.remove_topics().await;
        let made = std::mem::take(&mut *self.made.lock().unwrap());
        for name in made {
            databases::remove(&self.servers.database_url, &name)
                .await
                .unwrap();
        }
    }

    pub(crate) fn kafka(&self) -> &str {
        &self.servers.kafka
    }

    pub(crate) fn prefix(&self) -> String {
        format!("{}.", self.name)
    }

    pub(crate) fn topics(&self) -> Topics {
        Topics {
            subjects: format!("{}odr.case.events.v1", self.prefix()),
            registry: format!("{}odr.registry.events.v1", self.prefix()),
        }
    }

    fn database_name(&self, service: &str) -> String {
        let name = format!("{}_{service}", self.name);
        let mut made = self.made.lock().unwrap();
        if !made.contains(&name) {
            made.push(name.clone());
        }
        name
    }

    /// A database with the tables of chassis and toy and nothing in them.
    pub(crate) async fn database(&self, service: &str) -> String {
        let name = self.database_name(service);
        let url = databases::create_fresh(&self.servers.database_url, &name)
            .await
            .unwrap();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        chassis::store::MIGRATOR.run(&mut connection).await.unwrap();
        sqlx::raw_sql(TABLES)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        url
    }

    /// Keeps a copy of a database nobody is connected to.
    pub(crate) async fn copy_database(&self, service: &str, copy: &str) {
        let (from, to) = (self.database_name(service), self.database_name(copy));
        // Connections of a stopped service take a moment to be gone.
        super::eventually("a copy of the database", async || {
            databases::copy(&self.servers.database_url, &from, &to)
                .await
                .is_ok()
        })
        .await;
    }

    /// Puts a database that nobody is connected to back to its copy, which is gone then.
    pub(crate) async fn put_back(&self, service: &str, copy: &str) {
        let (to, from) = (self.database_name(service), self.database_name(copy));
        super::eventually("the database put back", async || {
            databases::rename(&self.servers.database_url, &from, &to)
                .await
                .is_ok()
        })
        .await;
    }

    /// Publishes an event and waits until the broker has it.
    pub(crate) async fn publish(&self, envelope: &Envelope) -> (i32, i64) {
        let topic = self.topics().subjects;
        self.publish_raw(
            &topic,
            &envelope.key(),
            envelope.headers(),
            Some(&envelope.value),
        )
        .await
    }

    /// Publishes anything.
    pub(crate) async fn publish_raw(
        &self,
        topic: &str,
        key: &str,
        headers: OwnedHeaders,
        value: Option<&[u8]>,
    ) -> (i32, i64) {
        let record = FutureRecord::<str, [u8]> {
            topic,
            partition: None,
            payload: value,
            key: Some(key),
            timestamp: None,
            headers: Some(headers),
        };
        let delivery = self.producer.send(record, BOUND).await.unwrap();
        (delivery.partition, delivery.offset)
    }

    /// Every record of the subjects' topic that is an event, in the order of its partition.
    pub(crate) async fn log(&self) -> Vec<Envelope> {
        let (kafka, topic) = (self.servers.kafka.clone(), self.topics().subjects);
        tokio::task::spawn_blocking(move || read_all(&kafka, &topic))
            .await
            .unwrap()
    }

    /// How many records the partitions of the subjects' topic hold.
    pub(crate) async fn log_length(&self) -> usize {
        self.log().await.len()
    }
}

fn read_all(kafka: &str, topic: &str) -> Vec<Envelope> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", "toy-log")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "false")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    let mut left = 0;
    for partition in 0..PARTITIONS {
        let (low, high) = consumer.fetch_watermarks(topic, partition, BOUND).unwrap();
        left += high - low;
        list.add_partition_offset(topic, partition, Offset::Beginning)
            .unwrap();
    }
    consumer.assign(&list).unwrap();
    let mut envelopes = Vec::new();
    while left > 0 {
        let message = consumer
            .poll(Duration::from_secs(20))
            .expect("the broker answers")
            .unwrap();
        left -= 1;
        envelopes.extend(Envelope::read(&RawRecord::from_message(&message)));
    }
    envelopes
}
