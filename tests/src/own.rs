//! Servers of a scenario's own, which it may stop, fill up and set back without disturbing anybody.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use devstack::servers::{Kind, PrivateServers, ServerOptions, Servers};

use crate::disk::SmallDisk;

/// The servers of a scenario's own; they end with it, those that it does not use are not started.
#[derive(Debug)]
pub struct OwnServers {
    running: Option<PrivateServers>,
    disk: Option<SmallDisk>,
    folders: Vec<PathBuf>,
}

impl OwnServers {
    /// Starts what is asked for; the rest are the shared servers.
    pub(crate) fn start(
        name: &str,
        own: &[Kind],
        disk_mib: Option<u32>,
    ) -> Result<(Servers, OwnServers)> {
        let shared = || Servers::start(&ServerOptions::from_environment());
        let mut servers = OwnServers {
            running: None,
            disk: None,
            folders: Vec::new(),
        };
        if own.is_empty() {
            return Ok((shared()?, servers));
        }
        let folder = devstack::state_directory().join("own").join(name);
        fs::create_dir_all(&folder)?;
        let place = |kind| Servers::place_of(&folder, kind);
        servers.folders = own.iter().map(|kind| place(*kind)).collect();
        servers.folders.push(folder.clone());
        servers.disk = disk_mib
            .map(|mib| SmallDisk::lay_over(&place(Kind::Postgres), mib))
            .transpose()?;
        let running = Servers::private_of(&folder, own)?;
        let addresses = running.addresses_beside(&shared()?);
        servers.running = Some(running);
        Ok((addresses, servers))
    }

    /// The running servers.
    ///
    /// # Panics
    /// When the scenario has none of its own.
    pub fn running(&mut self) -> &mut PrivateServers {
        self.running.as_mut().expect("the scene has own servers")
    }

    /// The small disk below PostgreSQL.
    ///
    /// # Panics
    /// When the scene has none.
    pub fn disk(&self) -> &SmallDisk {
        self.disk.as_ref().expect("the scene has a small disk")
    }

    /// Ends them and removes what they kept.
    pub(crate) fn remove(self) -> Result<()> {
        drop(self.running);
        drop(self.disk);
        for folder in self.folders.iter().filter(|folder| folder.exists()) {
            fs::remove_dir_all(folder)?;
        }
        Ok(())
    }
}
