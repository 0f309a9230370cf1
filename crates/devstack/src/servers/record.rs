//! What a state directory knows of its servers: `state.json`, read and written under a file lock.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{Instance, Kind};

/// The recorded servers. The lock is held as long as the value lives.
#[derive(Debug)]
pub(super) struct Record {
    /// In the order in which they were started.
    pub(super) instances: Vec<Instance>,
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    servers: Vec<Instance>,
}

impl Record {
    /// Waits for the lock of the state directory, which is made if need be, and reads what it knows.
    pub(super) fn lock(state_directory: &Path) -> Result<Record> {
        fs::create_dir_all(state_directory).with_context(|| {
            format!(
                "cannot create the state directory {}",
                state_directory.display()
            )
        })?;
        let lock = File::create(state_directory.join("lock"))?;
        lock.lock()?;
        let path = state_directory.join("state.json");
        let stored = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("cannot read {}", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Stored::default(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        Ok(Record {
            instances: stored.servers,
            path,
            _lock: lock,
        })
    }

    /// The record of one kind.
    pub(super) fn of(&self, kind: Kind) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.kind == kind)
    }

    /// Records an instance in place of the earlier one of its kind.
    pub(super) fn put(&mut self, instance: Instance) -> Result<()> {
        self.instances.retain(|other| other.kind != instance.kind);
        self.instances.push(instance);
        let text = serde_json::to_vec_pretty(&Stored {
            servers: self.instances.clone(),
        })?;
        let partial = self.path.with_extension("partial");
        fs::write(&partial, text)?;
        fs::rename(&partial, &self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Identity;

    #[test]
    fn recorded_server_is_found_by_a_later_reader() {
        let directory =
            std::env::temp_dir().join(format!("devstack-record-{}", std::process::id()));
        let instance = |port| Instance {
            kind: Kind::Kafka,
            identity: Identity {
                pid: 1,
                start_ticks: 2,
            },
            port,
            directory: directory.join("kafka"),
            log: directory.join("kafka.log"),
        };
        let mut record = Record::lock(&directory).unwrap();
        record.put(instance(1)).unwrap();
        record.put(instance(2)).unwrap();
        drop(record);
        let found = Record::lock(&directory).unwrap();
        assert_eq!(found.instances, [instance(2)]);
        fs::remove_dir_all(&directory).unwrap();
    }
}
