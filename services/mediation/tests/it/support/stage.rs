//! The service in this process, on a database and topics of its own.

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

use super::asking::{Client, by};
use super::people::OPERATOR;
use super::samples::{TUESDAY, instant};

/// How long anything may take to become so.
pub(crate) const BOUND: Duration = Duration::from_secs(30);
/// The space of the tests' cases.
pub(crate) const SPACE: &str = "main";

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: mediation::Config,
}

/// The running service.
pub(crate) struct Stage {
    pub(crate) producer: FutureProducer,
    pub(crate) topic: String,
    pub(crate) pool: PgPool,
    channel: Channel,
    shutdown: Shutdown,
    running: Option<JoinHandle<anyhow::Result<()>>>,
    _cleared: Cleared,
}

/// Takes database and topics away at the end, also after a panic.
struct Cleared {
    servers: Servers,
    name: String,
}

impl Drop for Cleared {
    fn drop(&mut self) {
        let (servers, name) = (self.servers.clone(), self.name.clone());
        let clearing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                databases::remove(&servers.database_url, &name)
                    .await
                    .unwrap();
                topics::remove(&servers.kafka, &format!("{name}."))
                    .await
                    .unwrap();
            });
        });
        drop(clearing.join());
    }
}

impl Stage {
    /// On a stepped clock that shows a Tuesday in March 2026.
    pub(crate) async fn stepped() -> Self {
        let stage = Self::start(&["--clock=stepped"]).await;
        stage.set_clock(instant(TUESDAY)).await;
        stage
    }

    /// With more settings.
    pub(crate) async fn start(more: &[&str]) -> Self {
        let started = || Servers::start(&ServerOptions::from_environment()).unwrap();
        let servers = tokio::task::spawn_blocking(started).await.unwrap();
        let name = format!("mediation_{}", &Uuid::new_v4().simple().to_string()[..12]);
        let cleared = Cleared {
            servers: servers.clone(),
            name: name.clone(),
        };
        let database_url = databases::create_fresh(&servers.database_url, &name)
            .await
            .unwrap();
        let prefix = format!("{name}.");
        let topics = TopicOptions {
            prefix: prefix.clone(),
            partitions: Some(2),
        };
        topics::create(&servers.kafka, &topics).await.unwrap();
        let settings = [
            "mediation".to_owned(),
            format!("--database-url={database_url}"),
            format!("--kafka={}", servers.kafka),
            format!("--topic-prefix={prefix}"),
            "--mode=sandbox".to_owned(),
            "--listen=127.0.0.1:0".to_owned(),
            "--ops-listen=127.0.0.1:0".to_owned(),
            "--drain-timeout-ms=5000".to_owned(),
        ];
        let more = more.iter().map(|setting| (*setting).to_owned());
        let config = Settings::parse_from(settings.into_iter().chain(more)).config;
        config.validate().unwrap();
        launch::migrate(&config.common, &mediation::MIGRATOR)
            .await
            .unwrap();
        let listeners = Listeners::bind(&config.common).await.unwrap();
        let address = listeners.grpc.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let running = tokio::spawn(mediation::run(config, listeners, shutdown.clone()));
        let channel = Channel::from_shared(format!("http://{address}"))
            .unwrap()
            .connect_lazy();
        let producer = ClientConfig::new()
            .set("bootstrap.servers", &servers.kafka)
            .set("linger.ms", "0")
            .create()
            .unwrap();
        let stage = Self {
            producer,
            topic: launch::topics(&prefix).subjects,
            pool: PgPool::connect_lazy(&database_url).unwrap(),
            channel,
            shutdown,
            running: Some(running),
            _cleared: cleared,
        };
        stage
            .until("the service is ready", |status| status.ready)
            .await;
        stage
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.channel.clone())
    }

    fn ops(&self) -> OpsServiceClient<Channel> {
        OpsServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn set_clock(&self, now: DateTime<Utc>) {
        let now = proto::wire::timestamp(now);
        let request = SetClockRequest {
            space: SPACE.to_owned(),
            now: Some(now),
        };
        self.ops().set_clock(by(OPERATOR, request)).await.unwrap();
    }

    /// The clock's time.
    pub(crate) async fn now(&self) -> DateTime<Utc> {
        let shown = sqlx::query_scalar("select now from chassis.clocks where space = $1");
        let shown = shown.bind(SPACE).fetch_optional(&self.pool).await.unwrap();
        shown.unwrap_or_else(chassis::clock::wall)
    }

    /// How many events the archive holds.
    pub(crate) async fn events_kept(&self) -> i64 {
        let count = sqlx::query_scalar("select count(*) from chassis.events");
        count.fetch_one(&self.pool).await.unwrap()
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

    /// Ends the service; nothing is left over.
    pub(crate) async fn close(mut self) {
        self.until("everything is done", |status| {
            status.quiet && status.parked == 0 && status.blocked == 0
        })
        .await;
        self.shutdown.begin();
        let running = self.running.take().expect("a stage is closed once");
        tokio::time::timeout(BOUND, running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        self.pool.close().await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}
