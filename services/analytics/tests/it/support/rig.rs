//! A test's own databases and topics on the real servers, gone when it ends, however it ends.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use chassis::envelope::Envelope;
use devstack::databases;
use devstack::servers::{ServerOptions, Servers};
use devstack::topics::{self, TopicOptions};
use futures::FutureExt;
use futures::future::try_join_all;
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::{Connection, PgConnection};

use super::BOUND;

static WORLDS: AtomicU32 = AtomicU32::new(0);

/// The servers, and what was made on them.
pub(crate) struct Rig {
    servers: Servers,
    producer: FutureProducer,
    made: Mutex<Vec<String>>,
}

/// A database and topics of their own.
pub(crate) struct World<'a> {
    rig: &'a Rig,
    name: String,
    /// URL of the database.
    pub(crate) database: String,
}

/// Runs a test on a runtime of its own and cleans up after it.
pub(crate) fn test(run: impl AsyncFnOnce(&Rig)) {
    let servers = Servers::start(&ServerOptions::from_environment()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let outcome = runtime.block_on(async {
        let rig = Rig::new(servers);
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
    fn new(servers: Servers) -> Self {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", &servers.kafka)
            .create()
            .unwrap();
        Self {
            servers,
            producer,
            made: Mutex::default(),
        }
    }

    /// An empty database with the tables of the service, and empty topics of three partitions.
    pub(crate) async fn world(&self) -> World<'_> {
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let name = format!("figures_{}_{number}", std::process::id());
        self.made.lock().unwrap().push(name.clone());
        let options = TopicOptions {
            prefix: format!("{name}."),
            partitions: Some(3),
        };
        topics::create(&self.servers.kafka, &options).await.unwrap();
        let database = databases::create_fresh(&self.servers.database_url, &name)
            .await
            .unwrap();
        World {
            rig: self,
            name,
            database,
        }
    }

    async fn remove(&self) {
        let made = std::mem::take(&mut *self.made.lock().unwrap());
        for name in made {
            let prefix = format!("{name}.");
            topics::remove(&self.servers.kafka, &prefix).await.unwrap();
            databases::remove(&self.servers.database_url, &name)
                .await
                .unwrap();
        }
    }
}

impl World<'_> {
    pub(crate) fn kafka(&self) -> &str {
        &self.rig.servers.kafka
    }

    pub(crate) fn prefix(&self) -> String {
        format!("{}.", self.name)
    }

    pub(crate) async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.database).await.unwrap()
    }

    /// Publishes events in this order and waits until the broker has them.
    pub(crate) async fn publish<'e>(&self, events: impl IntoIterator<Item = &'e Envelope>) {
        let topic = docket::launch::topics(&self.prefix()).subjects;
        let sent = events.into_iter().map(|envelope| {
            let key = envelope.key();
            let record = FutureRecord::<str, [u8]> {
                topic: &topic,
                partition: None,
                payload: Some(&envelope.value),
                key: Some(&key),
                timestamp: None,
                headers: Some(envelope.headers()),
            };
            // Handed over here, so that records keep their order; awaited together.
            self.rig
                .producer
                .send_result(record)
                .map_err(|(error, _)| error)
                .unwrap()
        });
        let sent: Vec<_> = sent.collect();
        let delivered = tokio::time::timeout(BOUND, try_join_all(sent)).await;
        for delivery in delivered.unwrap().unwrap() {
            delivery.unwrap();
        }
    }
}
