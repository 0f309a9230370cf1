//! The composition every service shares: pool, writer, relay, consumer, deadlines, pending steps, operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::config::{ClockMode, Common};
use crate::consumer::{Consumer, Progress};
use crate::deadline::Deadlines;
use crate::metrics::{self, Observed, Sampler, Samples};
use crate::ops::Ops;
use crate::pace::LastBatch;
use crate::pending::Pending;
use crate::probe::{Phase, Readiness};
use crate::producer::Producer;
use crate::relay::{Handed, Published, Relay};
use crate::shutdown::Shutdown;
use crate::store::{self, Pool, SILENCE, within};
use crate::waiting::Waiters;
use crate::work::Work;
use crate::writer::{Parts, Writer, writer};

/// The topics a service reads; own events go to the first.
#[derive(Clone, Debug)]
pub struct Topics {
    /// Where subjects' events are.
    pub subjects: String,
    /// Where registry records are.
    pub registry: String,
}

/// The running engine of a service.
pub struct Engine<W: Work> {
    /// Carries out commands.
    pub writer: Writer<W>,
    /// For reading.
    pub pool: Pool,
    /// For `min_version`.
    pub waiters: Arc<Waiters>,
    /// What probes and health follow.
    pub readiness: Readiness,
    /// Serves `odr.ops.v1`.
    pub ops: Ops<W>,
    /// Wakes the relay, for acts outside the writer.
    pub relay: Arc<Notify>,
}

/// Connection options of a service's database, for those who touch rows by key: writer, relay, deadlines. (The connection for
/// single reads makes its own of the pool's.)
///
/// # Errors
/// When the address cannot be read.
pub fn connection(url: &str, application: &str) -> anyhow::Result<PgConnectOptions> {
    let options = store::options(url, application).context("ODR_DATABASE_URL cannot be read")?;
    Ok(store::by_key(options))
}

impl<W: Work> Engine<W> {
    /// Starts all tasks of the engine.
    ///
    /// # Errors
    /// When a client cannot be made.
    pub fn start(
        work: Arc<W>,
        common: &Common,
        topics: &Topics,
        shutdown: &Shutdown,
    ) -> anyhow::Result<Self> {
        #[cfg(feature = "failpoints")]
        crate::failpoints::arm()?;
        let source = work.source();
        let url = common.database();
        let url = url.expose();
        let stepped = common.clock == ClockMode::Stepped;
        let pool = store::pool(url, &format!("{source} reader"), common.reader_connections)?;
        let (relay_woken, steps, recover, due) = (notify(), notify(), notify(), notify());
        let starting = Arc::new(AtomicBool::new(true));
        let progress = Arc::new(Progress::default());
        let waiters = Arc::new(Waiters::new(pool.clone(), Arc::clone(&progress)));
        let published = Arc::new(Published::default());
        let handed = Arc::new(Handed::default());
        let last_batch = Arc::new(LastBatch::default());
        let readiness = Readiness::new();

        let (writer, run) = writer(
            &common.writer,
            Parts {
                work: Arc::clone(&work),
                connection: connection(url, &format!("{source} writer"))?,
                topic: topics.subjects.clone(),
                stepped,
                relay: Arc::clone(&relay_woken),
                handed: Arc::clone(&handed),
                steps: Arc::clone(&steps),
                recover: Arc::clone(&recover),
                progress: Arc::clone(&progress),
                starting: Arc::clone(&starting),
                waiters: Arc::clone(&waiters),
                last_batch: Arc::clone(&last_batch),
            },
        );
        let finishing = shutdown.finishing();
        shutdown.spawn_back("writer", async move {
            run.run(finishing).await;
            Ok(())
        });

        let relay = Relay {
            settings: common.relay,
            connection: connection(url, &format!("{source} relay"))?,
            producer: Producer::new(&common.kafka, &format!("{source}-{}", common.replica))?,
            woken: Arc::clone(&relay_woken),
            handed,
            published: Arc::clone(&published),
        };
        shutdown.spawn_back("relay", relay.run(shutdown.finishing()));

        let consumer = Consumer {
            kafka: common.kafka.clone(),
            group: format!("{}{source}", common.topic_prefix),
            client_id: format!("{source}-{}", common.replica),
            session_timeout_ms: common.session_timeout_ms,
            topic: topics.subjects.clone(),
            registry_topic: topics.registry.clone(),
            pool: pool.clone(),
            records: writer.records(),
            progress: Arc::clone(&progress),
            published: Arc::clone(&published),
            pace_ms: common.writer.pace_ms,
            large_batch: common.writer.large_batch,
            last_batch,
            recover,
        };
        shutdown.spawn("consumer", consumer.run(shutdown.stopping()));

        let deadlines = Deadlines {
            connection: connection(url, &format!("{source} deadlines"))?,
            writer: writer.clone(),
            stepped,
            woken: Arc::clone(&due),
            readiness: readiness.clone(),
        };
        shutdown.spawn("deadlines", deadlines.run(shutdown.stopping()));
        let pending = Pending {
            pool: pool.clone(),
            writer: writer.clone(),
            progress: Arc::clone(&progress),
            woken: steps,
        };
        shutdown.spawn("pending steps", pending.run(shutdown.stopping()));
        let waiting = Arc::clone(&waiters).run(
            Duration::from_millis(common.min_version_poll_ms),
            shutdown.stopping(),
        );
        shutdown.spawn("waiters", async move {
            waiting.await;
            Ok(())
        });
        let becoming = become_ready(
            readiness.clone(),
            Arc::clone(&progress),
            pool.clone(),
            starting,
            shutdown.stopping(),
        );
        shutdown.spawn("readiness", becoming);
        shutdown.spawn(
            "retention",
            forget_requests(
                pool.clone(),
                common.request_retention_days,
                shutdown.stopping(),
            ),
        );
        shutdown.spawn(
            "unknown types",
            retry_unknown_types(
                pool.clone(),
                writer.clone(),
                topics.registry.clone(),
                shutdown.stopping(),
            ),
        );

        let samples = Arc::new(Samples::default());
        metrics::observe(Observed {
            queues: {
                let writer = writer.clone();
                move || writer.queues()
            },
            pool: pool.clone(),
            readiness: readiness.clone(),
            samples: Arc::clone(&samples),
        });
        let sampler = Sampler {
            pool: pool.clone(),
            stepped,
            interval: Duration::from_millis(common.metrics_interval_ms),
            progress: Arc::clone(&progress),
            samples,
        };
        shutdown.spawn("sampler", sampler.run(shutdown.stopping()));

        let ops = Ops::new(
            work,
            common,
            topics,
            &writer,
            &pool,
            progress,
            published,
            readiness.clone(),
            Arc::clone(&relay_woken),
            due,
        );
        Ok(Self {
            writer,
            pool,
            waiters,
            readiness,
            ops,
            relay: relay_woken,
        })
    }
}

fn notify() -> Arc<Notify> {
    Arc::new(Notify::new())
}

/// Ready once everything that was on the log at the start is taken in and no recovery is under way.
async fn become_ready(
    readiness: Readiness,
    progress: Arc<Progress>,
    pool: Pool,
    starting: Arc<AtomicBool>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut wait = Duration::from_millis(10);
    loop {
        let looked = async {
            let mut connection = pool.acquire().await?;
            let left = store::recoveries::settle(&mut connection).await?;
            let stored = store::positions::all(&mut connection).await?;
            Ok::<_, sqlx::Error>((left, progress.has_reached_start(&stored)))
        };
        // A replica that has acted goes on through later assignments; a recovery stops them all.
        if !starting.load(Ordering::Acquire) || progress.caught_up() {
            match within(SILENCE, looked).await {
                Ok((0, true)) => {
                    starting.store(false, Ordering::Release);
                    readiness.ready();
                }
                Ok((0, false)) if !starting.load(Ordering::Acquire) => readiness.ready(),
                Ok(_) => readiness.starting(),
                Err(error) => tracing::warn!(%error, "readiness could not be told"),
            }
            wait = Duration::from_millis(match readiness.phase() {
                Phase::Starting => 20,
                Phase::Ready | Phase::Draining => 1_000,
            });
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Forgets answers that are older than the retention, every minute.
async fn forget_requests(pool: Pool, days: u32, stop: CancellationToken) -> anyhow::Result<()> {
    const MOST: i64 = 10_000;
    let mut wait = Duration::from_secs(60);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
        let before = crate::clock::wall() - chrono::TimeDelta::days(i64::from(days));
        let forgotten = async {
            let mut connection = pool.acquire().await?;
            store::requests::forget(&mut connection, before, MOST).await
        };
        let all = match within(SILENCE, forgotten).await {
            Ok(count) => i64::try_from(count).is_ok_and(|count| count < MOST),
            Err(error) => {
                tracing::warn!(%error, "old answers could not be forgotten");
                true
            }
        };
        wait = Duration::from_millis(if all { 60_000 } else { 500 });
    }
}

/// A newer release may understand what an older one parked.
async fn retry_unknown_types<W: Work>(
    pool: Pool,
    writer: Writer<W>,
    registry: String,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    loop {
        let parked = async {
            let mut connection = pool.acquire().await?;
            store::parked::of_unknown_type(&mut connection).await
        };
        match within(SILENCE, parked).await {
            Ok(parked) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = writer.again(parked, &registry) => {}
                }
                return Ok(());
            }
            Err(error) => tracing::warn!(%error, "parked records could not be read"),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}
