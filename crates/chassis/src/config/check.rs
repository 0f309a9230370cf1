//! Finds everything that is wrong with the settings at once, before anything binds.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::{ClockMode, Common, Mode, database};

/// Every fault found in the settings, one line each, by the variable's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Notes a fault of `setting` (the variable's name) unless `holds`.
    pub fn require(&mut self, holds: bool, setting: &str, rule: impl fmt::Display) {
        if !holds {
            self.0.push(format!("{setting}: {rule}"));
        }
    }

    /// Notes a fault unless `value` lies in `allowed`.
    pub fn range(&mut self, setting: &str, value: impl Into<u64>, allowed: RangeInclusive<u64>) {
        let holds = allowed.contains(&value.into());
        let (least, most) = (allowed.start(), allowed.end());
        self.require(holds, setting, format_args!("must be {least} to {most}"));
    }

    /// The lines found.
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    /// `Ok` if nothing was found.
    ///
    /// # Errors
    /// All faults found.
    pub fn into_result(self) -> Result<(), Problems> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Problems {}

impl Common {
    /// Checks every setting; reaches nothing and binds nothing.
    ///
    /// # Errors
    /// All faults together, so that they can be mended in one go.
    pub fn validate(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        check(self, &mut problems);
        problems.into_result()
    }
}

/// Adds the faults of the shared settings to `problems`, for a service that has settings of its own.
pub fn check(common: &Common, problems: &mut Problems) {
    places(common, problems);
    modes(common, problems);
    sizes(common, problems);
}

fn places(common: &Common, problems: &mut Problems) {
    let url = common.database_url.expose();
    problems.require(
        common.database_password.is_none() || database::takes_a_password(url),
        "ODR_DATABASE_PASSWORD_FILE",
        "needs a URL postgres://user@host without a password",
    );
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    problems.require(
        is_postgres && PgConnectOptions::from_str(url).is_ok(),
        "ODR_DATABASE_URL",
        "must be a URL postgres://user@host:port/database",
    );
    problems.require(
        common.kafka.split(',').all(is_host_and_port),
        "ODR_KAFKA",
        "must be host:port, several separated by commas",
    );
    problems.require(
        common.topic_prefix.len() <= 64 && is_name(&common.topic_prefix),
        "ODR_TOPIC_PREFIX",
        "must have at most 64 of a-z A-Z 0-9 . _ -",
    );
    problems.require(
        common.listen != common.ops_listen || common.listen.port() == 0,
        "ODR_OPS_LISTEN",
        "must differ from ODR_LISTEN",
    );
    problems.require(
        common.otlp_endpoint.as_deref().is_none_or(|endpoint| {
            endpoint
                .strip_prefix("http://")
                .is_some_and(is_host_and_port)
        }),
        "ODR_OTLP_ENDPOINT",
        "must be http://host:port (this build has no TLS)",
    );
}

fn modes(common: &Common, problems: &mut Problems) {
    problems.require(
        common.mode == Mode::Sandbox,
        "ODR_MODE",
        "production needs real verification of principals, which does not exist yet; only sandbox can start",
    );
    problems.require(
        common.clock == ClockMode::Real || common.mode == Mode::Sandbox,
        "ODR_CLOCK",
        "stepped time is for mode sandbox only",
    );
    for (setting, name) in [
        ("ODR_SPACE", &common.space),
        ("ODR_REPLICA", &common.replica),
    ] {
        problems.require(
            (1..=64).contains(&name.len()) && is_name(name),
            setting,
            "must have 1 to 64 of a-z A-Z 0-9 . _ -",
        );
    }
}

fn sizes(common: &Common, problems: &mut Problems) {
    let (writer, relay) = (&common.writer, &common.relay);
    problems.range(
        "ODR_DRAIN_TIMEOUT_MS",
        common.drain_timeout_ms,
        100..=600_000,
    );
    problems.range("ODR_READER_CONNECTIONS", common.reader_connections, 1..=200);
    problems.range(
        "ODR_REQUEST_RETENTION_DAYS",
        common.request_retention_days,
        1..=3_650,
    );
    problems.range(
        "ODR_MESSAGE_LIMIT_BYTES",
        common.message_limit_bytes,
        1_024..=4_194_304,
    );
    problems.range(
        "ODR_REQUEST_TIMEOUT_MS",
        common.request_timeout_ms,
        1..=60_000,
    );
    problems.range(
        "ODR_CONCURRENT_CALLS",
        common.concurrent_calls,
        1..=1_000_000,
    );
    problems.range(
        "ODR_SESSION_TIMEOUT_MS",
        common.session_timeout_ms,
        1_500..=60_000,
    );
    problems.range(
        "ODR_MIN_VERSION_POLL_MS",
        common.min_version_poll_ms,
        1..=10_000,
    );
    let counts = [
        ("ODR_WRITER_MAX_CALLS", writer.max_calls, 4_096),
        ("ODR_WRITER_MAX_RECORDS", writer.max_records, 10_000),
        ("ODR_WRITER_MAX_WAKES", writer.max_wakes, 10_000),
        ("ODR_WRITER_LARGE_BATCH", writer.large_batch, 10_000),
        ("ODR_WRITER_QUEUE_CALLS", writer.queue_calls, 1_000_000),
        ("ODR_WRITER_QUEUE_RECORDS", writer.queue_records, 1_000_000),
        ("ODR_RELAY_BATCH", relay.batch, 10_000),
    ];
    for (setting, count, most) in counts {
        problems.range(setting, count as u64, 1..=most);
    }
    problems.range(
        "ODR_METRICS_INTERVAL_MS",
        common.metrics_interval_ms,
        100..=600_000,
    );
    problems.require(
        (0.0..=1.0).contains(&common.trace_ratio),
        "ODR_TRACE_RATIO",
        "must be 0 to 1",
    );
    problems.range("ODR_WRITER_PACE_MS", writer.pace_ms, 0..=1_000);
    problems.range("ODR_RELAY_PACE_MS", relay.pace_ms, 0..=1_000);
    problems.range("ODR_RELAY_POLL_MS", relay.poll_ms, 1..=60_000);
}

fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

fn is_host_and_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && !host.contains(|c: char| c.is_whitespace() || c == '/')
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}
