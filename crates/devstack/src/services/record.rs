//! The record of detached services, `services.json`, by which `./dev down` and `./dev status` find them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::readiness;
use crate::process::Identity;

/// A replica that was started detached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedReplica {
    /// The service's name.
    pub service: String,
    /// The replica's number, from 0.
    pub replica: usize,
    /// The process.
    pub identity: Identity,
    /// Port of gRPC on 127.0.0.1.
    pub grpc_port: u16,
    /// Port of `/livez` and `/readyz` on 127.0.0.1.
    pub ops_port: u16,
    /// Its log file.
    pub log: PathBuf,
}

impl RecordedReplica {
    /// Whether it says that it is ready now.
    pub fn is_ready(&self) -> bool {
        self.identity.is_alive() && readiness::is_ready(self.ops_port)
    }
}

/// The replicas recorded in a state directory, whether they run or not.
///
/// # Errors
/// When the record is there and cannot be read.
pub fn recorded(state_directory: &Path) -> Result<Vec<RecordedReplica>> {
    let path = file(state_directory);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .with_context(|| format!("cannot read {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Ends the recorded replicas with SIGTERM, by force after `bound`, and forgets them.
///
/// # Errors
/// When a process cannot be signalled.
pub fn stop_recorded(state_directory: &Path, bound: Duration) -> Result<()> {
    let replicas = recorded(state_directory)?;
    for replica in &replicas {
        replica.identity.signal(libc::SIGCONT)?;
        replica.identity.signal(libc::SIGTERM)?;
    }
    for replica in &replicas {
        replica.identity.end(libc::SIGTERM, bound)?;
    }
    crate::artifacts::remove(&file(state_directory))
}

/// Records replicas in place of earlier ones.
pub(super) fn write(state_directory: &Path, replicas: Vec<RecordedReplica>) -> Result<()> {
    fs::create_dir_all(state_directory)?;
    let (path, text) = (file(state_directory), serde_json::to_vec_pretty(&replicas)?);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn file(state_directory: &Path) -> PathBuf {
    state_directory.join("services.json")
}
