//! The service, run in this process on a database and topics of its own.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use chassis::principal;
use chassis::shutdown::Shutdown;
use clap::Parser;
use devstack::servers::{ServerOptions, Servers};
use devstack::topics::TopicOptions;
use devstack::{databases, topics};
use docket::launch::{self, Listeners};
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{
    Complaint, FileComplaintRequest, FileComplaintResponse, GetComplaintRequest,
};
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Request, Status};

use super::{BOUND, eventually};

/// Who may read everything.
pub(crate) const STAFF: &str = "staff/330106/s-1";

#[derive(Parser)]
#[command(args_override_self = true)]
struct Cli {
    #[command(flatten)]
    config: intake::Config,
}

/// A running service.
pub(crate) struct Service {
    pub(crate) client: IntakeServiceClient<Channel>,
    pub(crate) pool: PgPool,
    pub(crate) kafka: String,
    pub(crate) case_topic: String,
    servers: Servers,
    name: String,
    settings: Vec<String>,
    shutdown: Shutdown,
    running: JoinHandle<anyhow::Result<()>>,
}

/// The settings of a test, all of them on the command line.
pub(crate) fn config(settings: &[String]) -> intake::Config {
    let directory = devstack::root().join("deploy/directories/cn");
    let fixed = [
        "intake".to_owned(),
        "--mode=sandbox".to_owned(),
        "--listen=127.0.0.1:0".to_owned(),
        "--ops-listen=127.0.0.1:0".to_owned(),
        format!("--directory={}", directory.display()),
    ];
    Cli::parse_from(fixed.iter().chain(settings)).config
}

impl Service {
    /// Starts the service with these settings beside those every test has.
    pub(crate) async fn start(settings: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("intake_it_{}_{number}", std::process::id());
        let servers =
            tokio::task::spawn_blocking(|| Servers::start(&ServerOptions::from_environment()))
                .await
                .unwrap()
                .unwrap();
        let database_url = databases::create_fresh(&servers.database_url, &name)
            .await
            .unwrap();
        let prefix = format!("{name}.");
        let options = TopicOptions {
            prefix: prefix.clone(),
            partitions: Some(2),
        };
        topics::create(&servers.kafka, &options).await.unwrap();
        let mut all = vec![
            format!("--database-url={database_url}"),
            format!("--kafka={}", servers.kafka),
            format!("--topic-prefix={prefix}"),
        ];
        all.extend(settings.iter().map(|setting| (*setting).to_owned()));
        Self::run(servers, name, all).await
    }

    async fn run(servers: Servers, name: String, settings: Vec<String>) -> Self {
        let config = config(&settings);
        launch::migrate(&config.common, &intake::MIGRATOR)
            .await
            .unwrap();
        let listeners = Listeners::bind(&config.common).await.unwrap();
        let grpc = listeners.grpc.local_addr().unwrap();
        let probes = listeners.ops.local_addr().unwrap();
        let pool = PgPool::connect_lazy(config.common.database_url.expose()).unwrap();
        let (kafka, prefix) = (
            config.common.kafka.clone(),
            config.common.topic_prefix.clone(),
        );
        let shutdown = Shutdown::new();
        let running = tokio::spawn(intake::run(config, listeners, shutdown.clone()));
        eventually("the service gets ready", async || is_ready(probes).await).await;
        let client = IntakeServiceClient::connect(format!("http://{grpc}"))
            .await
            .unwrap();
        let case_topic = launch::topics(&prefix).subjects;
        Self {
            client,
            pool,
            kafka,
            case_topic,
            servers,
            name,
            settings,
            shutdown,
            running,
        }
    }

    /// Ends the service in order.
    async fn end(&mut self) {
        self.shutdown.begin();
        let ended = tokio::time::timeout(BOUND, &mut self.running).await;
        ended.expect("the service ends in time").unwrap().unwrap();
        self.pool.close().await;
    }

    /// Ends the service, throws its database away and starts it on an empty one; the log stays.
    pub(crate) async fn rebuilt(mut self) -> Self {
        self.end().await;
        databases::create_fresh(&self.servers.database_url, &self.name)
            .await
            .unwrap();
        Self::run(self.servers, self.name, self.settings).await
    }

    /// Ends the service and removes what it had.
    pub(crate) async fn stop(mut self) {
        self.end().await;
        databases::remove(&self.servers.database_url, &self.name)
            .await
            .unwrap();
        let (kafka, prefix) = (self.servers.kafka.clone(), format!("{}.", self.name));
        topics::remove(&kafka, &prefix).await.unwrap();
    }

    /// Files a complaint.
    pub(crate) async fn file(
        &self,
        by: &str,
        request: FileComplaintRequest,
    ) -> Result<FileComplaintResponse, Status> {
        let mut client = self.client.clone();
        client
            .file_complaint(as_caller(by, request))
            .await
            .map(tonic::Response::into_inner)
    }

    /// Reads a complaint.
    pub(crate) async fn get(
        &self,
        by: &str,
        case_id: &str,
        min_version: u64,
    ) -> Result<Complaint, Status> {
        let request = GetComplaintRequest {
            case_id: case_id.into(),
            min_version,
        };
        let mut client = self.client.clone();
        client
            .get_complaint(as_caller(by, request))
            .await
            .map(tonic::Response::into_inner)
    }

    /// Waits until everything that was appended is published.
    pub(crate) async fn published(&self) {
        eventually("the outbox empties", async || {
            self.count("chassis.outbox").await == 0
        })
        .await;
    }

    /// Rows of a table.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let statement = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(statement)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

/// A request that names its caller.
pub(crate) fn as_caller<T>(by: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    principal::attach(&mut request, by);
    request
}

async fn is_ready(probes: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(probes).await?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: probe\r\nconnection: close\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    asked
        .await
        .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
