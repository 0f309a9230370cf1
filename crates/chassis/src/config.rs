//! Settings every service has: a long flag and an `ODR_…` variable each, with unit, default and reason.
//!
//! A service flattens [`Common`] into its own arguments and calls [`Common::validate`] before anything binds.

mod check;
mod database;
mod kinds;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use clap::{Args, Subcommand};

pub use check::{Problems, check};
pub use kinds::{ClockMode, LogFormat, Mode, Secret};

/// What a service's program is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve until a signal comes.
    Serve,
    /// Bring the database to this program's schema, then end.
    Migrate,
    /// Say what is wrong with the settings, then end; nothing is bound or reached.
    CheckConfig,
    /// Ask the service that runs beside this program whether it is ready; for health checks of containers.
    Probe,
}

/// The settings shared by all services.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// PostgreSQL URL of this service's own database, a direct connection (advisory locks need one). No default: a guess could write to a stranger's data.
    #[arg(long, env = "ODR_DATABASE_URL", hide_env_values = true)]
    pub database_url: Secret,

    /// File with the password of the URL's user, for a URL that names none. Default none: a file is how containers get secrets, and not everything is one.
    #[arg(long = "database-password-file", env = "ODR_DATABASE_PASSWORD_FILE", value_name = "FILE", value_parser = Secret::read)]
    pub database_password: Option<Secret>,

    /// Kafka bootstrap servers, `host:port` separated by commas. No default, for the same reason.
    #[arg(long, env = "ODR_KAFKA")]
    pub kafka: String,

    /// Put before every topic and group name, so that several deployments can share one broker. Default empty: one deployment.
    #[arg(long, env = "ODR_TOPIC_PREFIX", default_value = "")]
    pub topic_prefix: String,

    /// Address the gRPC server listens on; port 0 takes a free one. Default loopback: there is no TLS, so leaving the machine is a choice.
    #[arg(long, env = "ODR_LISTEN", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,

    /// Address of the HTTP probes /livez and /readyz and of /metrics; port 0 takes a free one. Default loopback, as above.
    #[arg(long, env = "ODR_OPS_LISTEN", default_value = "127.0.0.1:50081")]
    pub ops_listen: SocketAddr,

    /// Production, or sandbox where callers name their own principal. Default production, so that nobody runs a sandbox unawares.
    #[arg(long, env = "ODR_MODE", value_enum, default_value_t = Mode::Production)]
    pub mode: Mode,

    /// Real time, or time stepped by a coordinator (sandbox only). Default real.
    #[arg(long, env = "ODR_CLOCK", value_enum, default_value_t = ClockMode::Real)]
    pub clock: ClockMode,

    /// Space of new cases, unless a caller in a sandbox names another. Default `main`: production has exactly one.
    #[arg(long, env = "ODR_SPACE", default_value = "main")]
    pub space: String,

    /// Name of this replica in logs, traces and locks. Default the host's name (a pod's name in a cluster), or 1 where there is none.
    #[arg(long, env = "ODR_REPLICA", default_value_t = kinds::host_name())]
    pub replica: String,

    /// OTLP/gRPC collector of traces and metrics, `http://host:port`. Default none: no traces are made, metrics are read at /metrics only.
    #[arg(long, env = "ODR_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,

    /// Share of calls traced, 0 to 1, of those whose caller does not say. Default 1: all, right up to some hundred calls a second.
    #[arg(long, env = "ODR_TRACE_RATIO", default_value_t = 1.0)]
    pub trace_ratio: f64,

    /// Milliseconds between two looks into the database for metrics, and between two reports to the collector. Default 10 000: half of a usual scrape.
    #[arg(long, env = "ODR_METRICS_INTERVAL_MS", default_value_t = 10_000)]
    pub metrics_interval_ms: u64,

    /// Form of the log on standard error. Default json: collectors read it, people have text.
    #[arg(long, env = "ODR_LOG_FORMAT", value_enum, default_value_t = LogFormat::Json)]
    pub log_format: LogFormat,

    /// Milliseconds from a stop signal to the end: half for calls in flight, a quarter for the other front tasks, the rest for what stands behind them.
    /// Default 20 000: twice the longest usual call, and below the 30 s a cluster waits before it kills.
    #[arg(long, env = "ODR_DRAIN_TIMEOUT_MS", default_value_t = 20_000)]
    pub drain_timeout_ms: u64,

    /// How the writer gathers commands.
    #[command(flatten)]
    pub writer: WriterSettings,

    /// How the relay publishes the outbox.
    #[command(flatten)]
    pub relay: RelaySettings,

    /// Connections for lists and other reads, beside those of writer, relay, deadlines and single cases. Default 6: three per core of a small machine.
    #[arg(long, env = "ODR_READER_CONNECTIONS", default_value_t = 6)]
    pub reader_connections: u32,

    /// Milliseconds without a heartbeat after which the group gives this replica's partitions to another, or to itself when it was killed and started again.
    /// Default 6,000: a busy machine may stand still for a while, and a false alarm costs a rebalance.
    #[arg(long, env = "ODR_SESSION_TIMEOUT_MS", default_value_t = 6_000)]
    pub session_timeout_ms: u64,

    /// Days a used request id and its response are kept. Default 30: longer than any caller goes on repeating.
    #[arg(long, env = "ODR_REQUEST_RETENTION_DAYS", default_value_t = 30)]
    pub request_retention_days: u32,

    /// Bytes one request message may have. Default 1 MiB: texts and metadata only, evidence bytes do not come this way.
    #[arg(long, env = "ODR_MESSAGE_LIMIT_BYTES", default_value_t = 1_048_576)]
    pub message_limit_bytes: u32,

    /// Milliseconds a call may take when its caller names no deadline. Default 10 000: beyond that a person has gone.
    #[arg(long, env = "ODR_REQUEST_TIMEOUT_MS", default_value_t = 10_000)]
    pub request_timeout_ms: u64,

    /// Calls in flight at once; more are answered RESOURCE_EXHAUSTED. Default 6 144: half as many again as the writer's queue takes, so that reads find a place still when it is full.
    #[arg(long, env = "ODR_CONCURRENT_CALLS", default_value_t = 6144)]
    pub concurrent_calls: u32,

    /// Milliseconds between two looks for versions written by other replicas, while a call waits for one and they read some of the partitions. Default 5: below what a caller notices.
    #[arg(long, env = "ODR_MIN_VERSION_POLL_MS", default_value_t = 5)]
    pub min_version_poll_ms: u64,
}

/// How many commands the writer takes into one transaction, and how long it gathers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Args)]
pub struct WriterSettings {
    /// Calls in one batch. Default 256: beyond it throughput no longer grows, latency does.
    #[arg(id = "writer-max-calls", long = "writer-max-calls", env = "ODR_WRITER_MAX_CALLS", default_value_t = Self::default().max_calls)]
    pub max_calls: usize,

    /// Kafka records in one batch. Default 500: nine tenths of the best drain rate at a quarter of the batch.
    #[arg(id = "writer-max-records", long = "writer-max-records", env = "ODR_WRITER_MAX_RECORDS", default_value_t = Self::default().max_records)]
    pub max_records: usize,

    /// Cases woken by a passed deadline in one batch. Default 256: as many as calls.
    #[arg(id = "writer-max-wakes", long = "writer-max-wakes", env = "ODR_WRITER_MAX_WAKES", default_value_t = Self::default().max_wakes)]
    pub max_wakes: usize,

    /// Milliseconds between batches of records while they come many at a time, up to 40 the more come and the longer they take; 0 does not wait. Calls are never delayed. Default 3: little delay while little comes.
    #[arg(id = "writer-pace-ms", long = "writer-pace-ms", env = "ODR_WRITER_PACE_MS", default_value_t = Self::default().pace_ms)]
    pub pace_ms: u64,

    /// Records from which a batch counts as large. Default 2: a lone record is never delayed, and more than one at once shows that others are on their way.
    #[arg(id = "writer-large-batch", long = "writer-large-batch", env = "ODR_WRITER_LARGE_BATCH", default_value_t = Self::default().large_batch)]
    pub large_batch: usize,

    /// Calls that may wait for the writer, and filings for a case number. Default 4 096: sixteen batches, about a quarter of a second at full speed.
    #[arg(id = "writer-queue-calls", long = "writer-queue-calls", env = "ODR_WRITER_QUEUE_CALLS", default_value_t = Self::default().queue_calls)]
    pub queue_calls: usize,

    /// Records that may wait for the writer. Default 4 096: eight batches read ahead.
    #[arg(id = "writer-queue-records", long = "writer-queue-records", env = "ODR_WRITER_QUEUE_RECORDS", default_value_t = Self::default().queue_records)]
    pub queue_records: usize,
}

impl Default for WriterSettings {
    fn default() -> Self {
        Self {
            max_calls: 256,
            max_records: 500,
            max_wakes: 256,
            pace_ms: 3,
            large_batch: 2,
            queue_calls: 4096,
            queue_records: 4096,
        }
    }
}

/// How the relay reads and publishes the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Args)]
pub struct RelaySettings {
    /// Outbox rows read at once. Default 1 000: the knee of the measured curve.
    #[arg(id = "relay-batch", long = "relay-batch", env = "ODR_RELAY_BATCH", default_value_t = Self::default().batch)]
    pub batch: usize,

    /// Least milliseconds between two rounds that published, up to 40 the more was published and the longer it took; 0 does not wait. Default 5: little delay while little is published.
    #[arg(id = "relay-pace-ms", long = "relay-pace-ms", env = "ODR_RELAY_PACE_MS", default_value_t = Self::default().pace_ms)]
    pub pace_ms: u64,

    /// Milliseconds between two looks when nobody wakes it. Default 500: another replica's rows wait no longer than that, and idling costs nothing.
    #[arg(id = "relay-poll-ms", long = "relay-poll-ms", env = "ODR_RELAY_POLL_MS", default_value_t = Self::default().poll_ms)]
    pub poll_ms: u64,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            batch: 1000,
            pace_ms: 5,
            poll_ms: 500,
        }
    }
}
