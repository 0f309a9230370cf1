//! Bytes that lie in the databases, the write-ahead log and the topics.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use devstack::servers::Kind;
use devstack::services::NAMES;
use sqlx::{Connection, PgConnection};

use crate::bench::Bench;
use crate::site::Site;

/// Where to look.
pub(super) struct Place {
    server_url: String,
    databases: Vec<String>,
    topic_prefix: String,
    kafka: Option<PathBuf>,
}

/// What lies there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stored {
    /// Of all databases of the site.
    pub(super) database_bytes: f64,
    /// Written to the log since the cluster was made.
    pub(super) wal_bytes: f64,
    /// Of all segments of the site's topics.
    pub(super) topic_bytes: f64,
}

impl Place {
    pub(super) fn new(bench: &Bench, site: &Site) -> Self {
        let options = site.stack.options();
        let database = |service| format!("{}_{service}", options.database_prefix);
        Self {
            server_url: bench.servers.database_url.clone(),
            databases: NAMES.map(database).to_vec(),
            topic_prefix: options.topic_prefix.clone(),
            kafka: bench.directory_of(Kind::Kafka).map(Path::to_owned),
        }
    }

    pub(super) async fn read(&self) -> Result<Stored> {
        let mut connection = PgConnection::connect(&self.server_url).await?;
        let (database_bytes, wal_bytes): (f64, f64) = sqlx::query_as(
            "select coalesce(sum(pg_database_size(datname)), 0)::float8, (pg_current_wal_lsn() - '0/0')::float8
             from pg_database where datname = any($1)",
        )
        .bind(&self.databases)
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        let kafka = self.kafka.as_deref();
        Ok(Stored {
            database_bytes,
            wal_bytes,
            topic_bytes: kafka.map_or(0, |folder| segments(folder, &self.topic_prefix)) as f64,
        })
    }
}

/// Bytes of the segments below a folder whose own folder is named after a topic with this prefix.
fn segments(folder: &Path, topic_prefix: &str) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = |path: PathBuf| {
        if path.is_dir() {
            return segments(&path, topic_prefix);
        }
        let named = folder.file_name().and_then(|name| name.to_str());
        let ours = named.is_some_and(|name| name.starts_with(topic_prefix));
        let segment = path.extension().is_some_and(|extension| extension == "log");
        match fs::metadata(&path) {
            Ok(metadata) if ours && segment => metadata.len(),
            _ => 0,
        }
    };
    entries.map(|entry| bytes(entry.path())).sum()
}
