//! The files of the repository: what git tracks, or everything but built and run-time files where there is no git.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::source::Source;

/// Folders that hold nothing of ours.
const NOT_OURS: [&str; 3] = [".git", "target", ".devstack"];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Paths and sizes in bytes of all files.
pub(crate) static FILES: LazyLock<Vec<(String, u64)>> = LazyLock::new(|| {
    let paths = tracked().unwrap_or_else(|| {
        let mut paths = Vec::new();
        walk(&root(), "", &mut paths);
        paths
    });
    let sized = |path: String| {
        // a file that was removed and not committed yet
        let size = fs::metadata(root().join(&path)).ok()?.len();
        Some((path, size))
    };
    paths.into_iter().filter_map(sized).collect()
});

/// All files that are text.
pub(crate) static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let read = |(path, _): &(String, u64)| {
        let text = fs::read_to_string(root().join(path)).ok()?;
        Some(Source::new(path, &text))
    };
    FILES.iter().filter_map(read).collect()
});

fn tracked() -> Option<Vec<String>> {
    // a checkout may belong to another account than the one that tests
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root())
        .output()
        .ok()
        .filter(|listed| listed.status.success())?;
    let text = String::from_utf8(listed.stdout).ok()?;
    Some(text.split_terminator('\0').map(str::to_owned).collect())
}

fn walk(root: &Path, below: &str, paths: &mut Vec<String>) {
    let entries = fs::read_dir(root.join(below)).expect("the repository can be read");
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() {
            name.clone()
        } else {
            format!("{below}/{name}")
        };
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if entry.path().is_dir() {
            walk(root, &path, paths);
        } else {
            paths.push(path);
        }
    }
}

#[test]
fn the_repository_is_seen() {
    let sees = |path: &str| SOURCES.iter().any(|source| source.path == path);
    assert!(sees("Cargo.toml") && sees("tests/tidy/main.rs") && sees("crates/law/src/lib.rs"));
    assert!(SOURCES.len() > 200, "{} files", SOURCES.len());
    let mut walked = Vec::new();
    walk(&root(), "", &mut walked);
    let missing: Vec<_> = FILES
        .iter()
        .filter(|(path, _)| !walked.contains(path))
        .collect();
    assert!(
        missing.is_empty(),
        "walking finds what git tracks: {missing:?}"
    );
}
