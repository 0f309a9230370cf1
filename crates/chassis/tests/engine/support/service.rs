//! A running toy service: started, called, looked into, stopped or killed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chassis::config::Common;
use chassis::engine::Engine;
use chassis::pb::ops_service_server::OpsService;
use chassis::pb::{GetStatusRequest, GetStatusResponse};
use chassis::principal::{Kind, Principal};
use chassis::probe::Phase;
use chassis::shutdown::Shutdown;
use chassis::store::parked::{self, Parked};
use chassis::store::requests::Key;
use chassis::store::subjects::{self, Row};
use chassis::writer::{Answer, Call, CallError};
use clap::Parser;
use futures::future::join_all;
use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;
use tonic::Request;
use uuid::Uuid;

use super::rig::Rig;
use super::ticket::{Command, Refusal, Ticket};
use super::toy::Toy;
use super::{BOUND, eventually};

static REPLICAS: AtomicU32 = AtomicU32::new(1);
static REQUESTS: AtomicU32 = AtomicU32::new(1);

#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    common: Common,
}

/// A service in this process, on a runtime of its own, so that it can be killed as a whole.
pub(crate) struct Service {
    pub(crate) engine: Engine<Toy>,
    pub(crate) shutdown: Shutdown,
    pub(crate) url: String,
    runtime: Mutex<Option<Runtime>>,
}

/// What a call came to.
pub(crate) type Outcome = Result<Answer, CallError<Refusal>>;

impl Service {
    /// Starts a service on a database and waits until it is ready.
    pub(crate) async fn ready(rig: &Rig, toy: Toy, url: &str) -> Self {
        let service = Self::start(rig, toy, url, &[]);
        service.wait_until_ready().await;
        service
    }

    /// Starts a service with further settings.
    pub(crate) fn start(rig: &Rig, toy: Toy, url: &str, settings: &[&str]) -> Self {
        let replica = REPLICAS.fetch_add(1, Ordering::Relaxed).to_string();
        let prefix = rig.prefix();
        let mut arguments = vec![
            "toy",
            "--mode=sandbox",
            "--database-url",
            url,
            "--kafka",
            rig.kafka(),
            "--topic-prefix",
            &prefix,
            "--replica",
            &replica,
        ];
        arguments.extend(settings);
        let common = Settings::parse_from(arguments).common;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let shutdown = Shutdown::new();
        let engine = {
            let _entered = runtime.enter();
            Engine::start(Arc::new(toy), &common, &rig.topics(), &shutdown).unwrap()
        };
        Self {
            engine,
            shutdown,
            url: url.to_owned(),
            runtime: Mutex::new(Some(runtime)),
        }
    }

    pub(crate) async fn wait_until_ready(&self) {
        eventually("ready", async || {
            self.engine.readiness.phase() == Phase::Ready
        })
        .await;
    }

    /// Stops as on a signal and waits for the end.
    pub(crate) async fn stop(self) {
        self.shutdown.begin();
        let shutdown = self.shutdown.clone();
        let runtime = self.runtime.lock().unwrap().take().unwrap();
        let drained = runtime.spawn(async move { shutdown.drain(Duration::from_secs(20)).await });
        drained.await.unwrap().unwrap();
        runtime.shutdown_background();
    }

    /// Ends all tasks where they stand.
    pub(crate) fn kill(&self) {
        if let Some(runtime) = self.runtime.lock().unwrap().take() {
            runtime.shutdown_background();
        }
    }

    /// A call with a request id of its own.
    pub(crate) async fn call(&self, subject: Uuid, command: Command) -> Outcome {
        let id = format!("r{}", REQUESTS.fetch_add(1, Ordering::Relaxed));
        self.engine
            .writer
            .call(request(&id, subject, command))
            .await
    }

    /// Opens a ticket.
    pub(crate) async fn open(&self, total: i64) -> Uuid {
        let subject = Uuid::now_v7();
        self.call(subject, super::ticket::open(total))
            .await
            .unwrap();
        subject
    }

    /// Carries out calls that reach the writer while a batch is in hand, so that they share the next one.
    pub(crate) async fn together(&self, calls: Vec<Call<Command>>) -> Vec<Outcome> {
        let busy = self.open(0).await;
        let dawdle = self.call(busy, Command::Dawdle(Duration::from_millis(300)));
        let others = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            join_all(calls.into_iter().map(|call| self.engine.writer.call(call))).await
        };
        let (dawdled, outcomes) = tokio::join!(dawdle, others);
        dawdled.unwrap();
        outcomes
    }

    pub(crate) async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    pub(crate) async fn row(&self, subject: Uuid) -> Option<Row> {
        subjects::get(&mut self.connection().await, subject)
            .await
            .unwrap()
    }

    /// Version of a subject; 0 when there is no row.
    pub(crate) async fn version(&self, subject: Uuid) -> u64 {
        self.row(subject)
            .await
            .map_or(0, |row| row.position.version)
    }

    pub(crate) async fn ticket(&self, subject: Uuid) -> Ticket {
        let row = self.row(subject).await.unwrap();
        serde_json::from_slice(&row.state).unwrap()
    }

    /// Waits until a subject has reached a version here.
    pub(crate) async fn reaches(&self, subject: Uuid, version: u64) -> Ticket {
        let what = format!("version {version} of {subject}");
        eventually(&what, async || self.version(subject).await >= version).await;
        self.ticket(subject).await
    }

    /// Total and number of events as the service's own table has them.
    pub(crate) async fn projected(&self, subject: Uuid) -> (i64, i64) {
        sqlx::query_as("select total, events from toy.totals where subject = $1")
            .bind(subject)
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
    }

    /// One number from the database.
    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
    }

    /// Partitions of the subjects' topic that are taken in up to these ends.
    pub(crate) async fn read_up_to(&self, ends: &BTreeMap<i32, i64>) -> BTreeSet<i32> {
        let rows: Vec<(i32, i64)> = sqlx::query_as(
            "select partition, next_offset from chassis.positions where topic like '%odr.case.events.v1'",
        )
        .fetch_all(&mut self.connection().await)
        .await
        .unwrap();
        let read = rows
            .into_iter()
            .filter(|(partition, next)| *next >= ends[partition]);
        read.map(|(partition, _)| partition).collect()
    }

    /// Parked records, oldest first.
    pub(crate) async fn parked(&self) -> Vec<Parked> {
        parked::page(&mut self.connection().await, 0, 1000)
            .await
            .unwrap()
    }

    /// Reasons of parked records, sorted, once there are that many.
    pub(crate) async fn parked_reasons(&self, count: usize) -> Vec<String> {
        let started = Instant::now();
        loop {
            let rows = self.parked().await;
            let mut reasons: Vec<String> = rows.into_iter().map(|row| row.reason).collect();
            reasons.sort();
            if reasons.len() == count {
                return reasons;
            }
            assert!(started.elapsed() < BOUND, "not {count}: {reasons:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it says of itself; nothing while its database does not answer.
    pub(crate) async fn status(&self) -> Option<GetStatusResponse> {
        let answer = self
            .engine
            .ops
            .get_status(Request::new(GetStatusRequest {}));
        answer.await.ok().map(tonic::Response::into_inner)
    }

    /// Waits until everything is published and read; a deadline may wait.
    pub(crate) async fn quiet_but_due(&self) {
        eventually("read and published", async || {
            let status = self.status().await;
            status.is_some_and(|s| s.outbox_pending == 0 && s.lag == 0 && s.steps_pending == 0)
        })
        .await;
    }

    /// Waits until nothing is left to do here.
    pub(crate) async fn quiet(&self) {
        eventually("quiet", async || {
            self.status().await.is_some_and(|status| status.quiet)
        })
        .await;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A call as a client would make it.
pub(crate) fn request(id: &str, subject: Uuid, command: Command) -> Call<Command> {
    let creates = matches!(command, Command::Open { .. });
    Call {
        key: Key {
            principal: "consumer/-/c1".into(),
            method: "Do".into(),
            request_id: id.to_owned(),
        },
        body_hash: format!("{command:?}").into_bytes(),
        subject,
        creates,
        etag: None,
        command,
        traceparent: None,
    }
}

/// A request of someone who operates the machines.
pub(crate) fn operator<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Principal {
        kind: Kind::Operator,
        org: None,
        subject: Some("o1".into()),
    });
    request
}
