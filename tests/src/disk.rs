//! A small disk of a server's own, which can be filled.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A mounted file system in memory; it is taken away with this value.
#[derive(Debug)]
pub struct SmallDisk {
    place: PathBuf,
}

impl SmallDisk {
    /// Lays a disk of so many MiB over a folder, which is made if need be.
    ///
    /// # Errors
    /// When this process may not mount.
    pub fn lay_over(place: &Path, mib: u32) -> Result<SmallDisk> {
        fs::create_dir_all(place)?;
        let mut mount = Command::new("mount");
        mount.args([
            "-t",
            "tmpfs",
            "-o",
            &format!("size={mib}m,mode=0755"),
            "tmpfs",
        ]);
        let done = mount.arg(place).output().context("mount cannot be run")?;
        ensure!(
            done.status.success(),
            "mount refuses: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(SmallDisk {
            place: place.to_owned(),
        })
    }

    /// Whether this process may mount at all.
    pub fn is_possible() -> bool {
        let name = format!("odr-small-disk-{}", std::process::id());
        let place = std::env::temp_dir().join(name);
        let possible = SmallDisk::lay_over(&place, 1).is_ok();
        // an empty folder that stays harms nobody
        drop(fs::remove_dir(&place));
        possible
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// When writing fails otherwise than for want of room.
    pub fn fill(&self) -> Result<()> {
        let mut ballast = fs::File::create(self.ballast())?;
        let mut piece = vec![0x55_u8; 1 << 20];
        while piece.len() > 512 {
            match ballast.write_all(&piece) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => {
                    piece.truncate(piece.len() / 2);
                }
                Err(error) => return Err(error).context("the ballast"),
            }
        }
        Ok(())
    }

    /// Gives the room back.
    ///
    /// # Errors
    /// When it was not filled.
    pub fn empty(&self) -> Result<()> {
        fs::remove_file(self.ballast()).context("the ballast")
    }

    fn ballast(&self) -> PathBuf {
        self.place.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // lazily: a server that has not ended yet loses it when it does
        drop(Command::new("umount").arg("-l").arg(&self.place).status());
    }
}
