//! Where things are: the checkout, and the directory that keeps a running stack's data, logs and process ids.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The account an unprivileged server runs under when we are root: `nobody`.
const NOBODY: u32 = 65534;

/// The root of the checkout this program was built from.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .expect("the crate lies two folders below the root")
        .to_path_buf()
}

/// The directory of the running stack: `ODR_STATE_DIR`, or `.devstack` in the checkout.
pub fn state_directory() -> PathBuf {
    std::env::var_os("ODR_STATE_DIR").map_or_else(|| root().join(".devstack"), PathBuf::from)
}

/// The user and group id PostgreSQL must run under: some when we are root, since it refuses to run as root.
pub(crate) fn unprivileged_account() -> Option<u32> {
    let own = std::fs::metadata("/proc/self")
        .map(|process| process.uid())
        .unwrap_or(NOBODY);
    (own == 0).then_some(NOBODY)
}

/// Whether every other account may walk through `directory` and all its existing parents.
pub(crate) fn everyone_may_enter(directory: &Path) -> bool {
    let enterable = |path: &Path| {
        path.metadata()
            .is_ok_and(|found| found.permissions().mode() & 0o001 != 0)
    };
    directory
        .ancestors()
        .filter(|path| path.exists())
        .all(enterable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_holds_the_workspace_manifest() {
        assert!(root().join("Cargo.toml").exists());
        assert!(root().join("deploy/local/pom.xml").exists());
    }

    #[test]
    fn directory_closed_to_others_may_not_be_entered() {
        let directory = std::env::temp_dir().join(format!("devstack-enter-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("inner")).unwrap();
        let mode = |bits| {
            std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(bits)).unwrap()
        };
        mode(0o700);
        assert!(!everyone_may_enter(&directory.join("inner/not-there-yet")));
        mode(0o755);
        assert!(everyone_may_enter(&directory.join("inner/not-there-yet")));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
