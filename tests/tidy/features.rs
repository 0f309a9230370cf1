//! Fail points are in programs built for tests, and in no other.

use std::process::Command;

use crate::repository::{SOURCES, root};
use crate::source::Source;
use crate::{Findings, holds, tells_apart};

/// Where the feature may be named by what builds: its definition, and the one function that builds for tests.
const NAMED: [(&str, &str); 3] = [
    ("crates/chassis/Cargo.toml", "failpoints = [\"dep:fail\"]"),
    ("Cargo.toml", "fail = { version"),
    ("dev", "local features=chassis/failpoints"),
];

fn fail_points_elsewhere(sources: &[Source]) -> Findings {
    let mut findings = Findings::new();
    let builds = |source: &&Source| !source.is_rust() && !source.path.ends_with(".md");
    for source in sources.iter().filter(builds) {
        for (at, line) in source.text.lines().enumerate() {
            let line = line.trim();
            let named = NAMED
                .iter()
                .any(|(path, start)| source.path == *path && line.starts_with(start));
            if line.contains("failpoints") && !named && !line.starts_with('#') {
                findings.push(source.at(at + 1, "fail points are for ./dev test only"));
            }
        }
    }
    findings
}

/// Whether programs built like this hold the crate that fail points are made of.
fn has_fail_points(options: &[&str]) -> bool {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--workspace", "--offline", "--locked"])
        .args(["--edges", "normal,build", "--prefix", "none"])
        .args(options)
        .current_dir(root());
    let listed = tree.output().expect("cargo runs, it runs this test");
    let text = String::from_utf8_lossy(&listed.stdout);
    assert!(
        listed.status.success() && text.contains("chassis v"),
        "cargo tree: {}",
        String::from_utf8_lossy(&listed.stderr)
    );
    text.lines().any(|line| line.starts_with("fail v"))
}

#[test]
fn fail_points_are_for_tests_only() {
    holds("fail points", &fail_points_elsewhere(&SOURCES));
    tells_apart(
        fail_points_elsewhere,
        &[("dev", "    local features=chassis/failpoints")],
        &[
            (
                "deploy/Dockerfile",
                "RUN cargo build --features chassis/failpoints",
            ),
            (
                "services/a/Cargo.toml",
                "chassis = { features = [\"failpoints\"] }",
            ),
            ("dev", "    build release chassis/failpoints"),
        ],
    );
    assert!(!has_fail_points(&[]));
    assert!(!has_fail_points(&["--features", "devstack/replay"]));
    assert!(has_fail_points(&["--features", "chassis/failpoints"]));
}
