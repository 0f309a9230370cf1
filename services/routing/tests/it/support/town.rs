//! The service in this process, on a database and topics of its own.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chassis::pb::ops_service_client::OpsServiceClient;
use chassis::pb::{GetStatusRequest, GetStatusResponse, SetClockRequest};
use chassis::shutdown::Shutdown;
use chrono::{DateTime, Utc};
use clap::Parser;
use devstack::databases;
use devstack::servers::{ServerOptions, Servers};
use devstack::topics::{self, TopicOptions};
use docket::launch::{self, Listeners};
use rdkafka::ClientConfig;
use rdkafka::producer::FutureProducer;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use uuid::Uuid;

use super::asking::Client;
use super::samples::{TUESDAY, instant};
use super::{OPERATOR, by};

/// How long anything may take to become so.
pub(crate) const BOUND: Duration = Duration::from_secs(30);
/// The space of the tests' cases.
pub(crate) const SPACE: &str = "main";

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: routing::Config,
}

/// Settings as flags, read.
pub(crate) fn config(flags: &[String]) -> routing::Config {
    let program = std::iter::once("routing".to_owned());
    Settings::parse_from(program.chain(flags.iter().cloned())).config
}

/// A directory of the repository.
pub(crate) fn directory(name: &str) -> PathBuf {
    devstack::root().join("deploy/directories").join(name)
}

/// The running service.
pub(crate) struct Town {
    pub(crate) producer: FutureProducer,
    pub(crate) case_topic: String,
    pub(crate) registry_topic: String,
    pub(crate) pool: PgPool,
    channel: Channel,
    shutdown: Shutdown,
    running: Option<JoinHandle<anyhow::Result<()>>>,
    place: Place,
}

/// Where a town lies: servers, the name of its topics, the databases it ever had. Taken away at the end.
struct Place {
    servers: Servers,
    name: String,
    databases: Vec<String>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let (servers, name, databases) = (
            self.servers.clone(),
            self.name.clone(),
            std::mem::take(&mut self.databases),
        );
        if databases.is_empty() {
            return;
        }
        let clearing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                for database in databases {
                    databases::remove(&servers.database_url, &database)
                        .await
                        .unwrap();
                }
                topics::remove(&servers.kafka, &format!("{name}."))
                    .await
                    .unwrap();
            });
        });
        drop(clearing.join());
    }
}

impl Place {
    async fn new() -> Self {
        let started = || Servers::start(&ServerOptions::from_environment()).unwrap();
        let servers = tokio::task::spawn_blocking(started).await.unwrap();
        let name = format!("routing_{}", &Uuid::new_v4().simple().to_string()[..12]);
        let options = TopicOptions {
            prefix: format!("{name}."),
            partitions: Some(2),
        };
        topics::create(&servers.kafka, &options).await.unwrap();
        let mut place = Self {
            servers,
            name,
            databases: Vec::new(),
        };
        place.add_database().await;
        place
    }

    async fn add_database(&mut self) {
        let name = format!("{}_{}", self.name, self.databases.len());
        self.databases.push(name.clone());
        databases::create_fresh(&self.servers.database_url, &name)
            .await
            .unwrap();
    }

    fn database_url(&self) -> String {
        databases::url(
            &self.servers.database_url,
            self.databases.last().expect("there is one"),
        )
    }

    fn flags(&self, more: &[String]) -> Vec<String> {
        let own = [
            format!("--database-url={}", self.database_url()),
            format!("--kafka={}", self.servers.kafka),
            format!("--topic-prefix={}.", self.name),
            "--mode=sandbox".to_owned(),
            "--clock=stepped".to_owned(),
            "--listen=127.0.0.1:0".to_owned(),
            "--ops-listen=127.0.0.1:0".to_owned(),
            "--drain-timeout-ms=5000".to_owned(),
        ];
        own.into_iter().chain(more.iter().cloned()).collect()
    }
}

impl Town {
    /// With the directory of the United States, on a clock that shows a Tuesday in March 2026.
    pub(crate) async fn start() -> Self {
        Self::with_directory(directory("us")).await
    }

    pub(crate) async fn with_directory(folder: PathBuf) -> Self {
        let town = Self::open(Place::new().await, &folder).await;
        town.set_clock(instant(TUESDAY)).await;
        town
    }

    async fn open(place: Place, folder: &std::path::Path) -> Self {
        let config = config(&place.flags(&[format!("--directory={}", folder.display())]));
        launch::migrate(&config.common, &routing::MIGRATOR)
            .await
            .unwrap();
        let listeners = Listeners::bind(&config.common).await.unwrap();
        let address = listeners.grpc.local_addr().unwrap();
        let topics = launch::topics(&config.common.topic_prefix);
        let shutdown = Shutdown::new();
        let running = tokio::spawn(routing::run(config, listeners, shutdown.clone()));
        let producer = ClientConfig::new()
            .set("bootstrap.servers", &place.servers.kafka)
            .set("linger.ms", "0")
            .create()
            .unwrap();
        let town = Self {
            producer,
            case_topic: topics.subjects,
            registry_topic: topics.registry,
            pool: PgPool::connect_lazy(&place.database_url()).unwrap(),
            channel: Channel::from_shared(format!("http://{address}"))
                .unwrap()
                .connect_lazy(),
            shutdown,
            running: Some(running),
            place,
        };
        town.until("the service is ready", |status| status.ready)
            .await;
        town.until_published().await;
        town
    }

    /// Ends the service and starts it again, with another directory.
    pub(crate) async fn again(self, folder: &std::path::Path) -> Self {
        let place = self.end().await;
        Self::open(place, folder).await
    }

    /// Ends the service and starts it on an empty database: older than all its words.
    pub(crate) async fn bereft(self) -> Self {
        let mut place = self.end().await;
        place.add_database().await;
        Self::open(place, &directory("us")).await
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.channel.clone())
    }

    fn ops(&self) -> OpsServiceClient<Channel> {
        OpsServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn set_clock(&self, now: DateTime<Utc>) {
        let request = SetClockRequest {
            space: SPACE.to_owned(),
            now: Some(proto::wire::timestamp(now)),
        };
        self.ops().set_clock(by(OPERATOR, request)).await.unwrap();
    }

    /// The clock's time.
    pub(crate) async fn now(&self) -> DateTime<Utc> {
        let shown = sqlx::query_scalar("select now from chassis.clocks where space = $1");
        shown.bind(SPACE).fetch_one(&self.pool).await.unwrap()
    }

    /// How many own events are kept.
    pub(crate) async fn events_kept(&self) -> i64 {
        self.count("select count(*) from chassis.events").await
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Waits until the service's status is as wanted.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&GetStatusResponse) -> bool) {
        let give_up_at = Instant::now() + BOUND;
        loop {
            let status = self
                .ops()
                .get_status(by(OPERATOR, GetStatusRequest {}))
                .await;
            if status.as_ref().is_ok_and(|status| wanted(status.get_ref())) {
                return;
            }
            assert!(
                Instant::now() < give_up_at,
                "{what} not in time: {status:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn until_published(&self) {
        let give_up_at = Instant::now() + BOUND;
        while self.count("select count(*) from routing.authorities").await == 0 {
            assert!(
                Instant::now() < give_up_at,
                "the authorities are not published in time"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the service; nothing is left over.
    pub(crate) async fn close(self) {
        drop(self.end().await);
    }

    async fn end(mut self) -> Place {
        self.until("everything is done", |status| {
            status.quiet && status.parked == 0 && status.blocked == 0
        })
        .await;
        self.shutdown.begin();
        let running = self.running.take().expect("a town ends once");
        tokio::time::timeout(BOUND, running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        self.pool.close().await;
        let place = &mut self.place;
        Place {
            servers: place.servers.clone(),
            name: place.name.clone(),
            databases: std::mem::take(&mut place.databases),
        }
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}
