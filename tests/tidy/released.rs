//! What was released stays as it was: migrations ran on databases that exist.

use std::fs;

use sha2::{Digest, Sha256};

use crate::repository::root;
use crate::{Findings, holds};

/// SHA-256 and path of every migration of a release, as `sha256sum` writes them.
const LIST: &str = "deploy/released-migrations";

fn changed(list: &str, read: impl Fn(&str) -> Option<Vec<u8>>) -> Findings {
    let judge = |line: &str| {
        let Some((wanted, path)) = line.split_once("  ") else {
            return Some(format!("{LIST}: {line:?} is no hash and path"));
        };
        let Some(bytes) = read(path) else {
            return Some(format!("{path}: was released and is gone"));
        };
        let found: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        (found != wanted).then(|| format!("{path}: was released and has changed"))
    };
    list.lines().filter_map(judge).collect()
}

#[test]
fn released_migrations_never_change() {
    let list = fs::read_to_string(root().join(LIST)).expect("the list is there");
    assert!(list.lines().count() >= 6, "{list}");
    let findings = changed(&list, |path| fs::read(root().join(path)).ok());
    holds("a migration that was released never changes", &findings);

    let (empty, other) = (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "00",
    );
    for (row, line, bad) in [
        ("the same", format!("{empty}  a"), 0),
        ("another", format!("{other}  a"), 1),
        ("gone", format!("{empty}  b"), 1),
        ("no line of the list", "a".to_owned(), 1),
    ] {
        let found = changed(&line, |path| (path == "a").then(Vec::new));
        assert_eq!(found.len(), bad, "{row}: {found:?}");
    }
}
