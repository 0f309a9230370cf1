//! Who may depend on whom: read from `cargo metadata`.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::Findings;
use crate::repository::root;

/// A package of the workspace, and what it depends on outside its own tests.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Package {
    name: String,
    ours: Vec<String>,
    others: Vec<String>,
    /// Ours that only its tests see.
    tests: Vec<String>,
}

const SERVICES: [&str; 4] = ["intake", "routing", "mediation", "analytics"];

/// Our crates that a crate may depend on.
fn allowed(package: &str) -> Option<&'static [&'static str]> {
    Some(match package {
        "law" => &[],
        "case" => &["law"],
        "proto" => &["case", "law"],
        // moves envelopes and bytes; knows no case
        "chassis" => &[],
        "docket" => &["chassis", "proto", "case", "law"],
        "intake" | "routing" | "mediation" | "analytics" => {
            &["docket", "chassis", "proto", "case", "law"]
        }
        // services are processes to it: it speaks to them, it does not link them
        "devstack" => &["docket", "chassis", "proto", "case", "law"],
        "odrctl" | "load" | "e2e" => &["devstack", "docket", "chassis", "proto", "case", "law"],
        _ => return None,
    })
}

/// What the pure crates may use from outside; without a clock, a file or a socket in it.
const PURE: [(&str, &[&str]); 2] = [
    ("law", &["chrono", "csv", "sha2", "thiserror", "uuid"]),
    ("case", &["chrono", "sha2", "thiserror", "uuid"]),
];

fn forbidden_arrows(packages: &[Package]) -> Findings {
    let mut findings = Findings::new();
    for package in packages {
        let Some(allowed) = allowed(&package.name) else {
            findings.push(format!(
                "{}: its place among the crates is not told",
                package.name
            ));
            continue;
        };
        for ours in &package.ours {
            if !allowed.contains(&ours.as_str()) {
                findings.push(format!("{} must not depend on {ours}", package.name));
            }
        }
        for ours in &package.tests {
            if SERVICES.contains(&ours.as_str()) {
                findings.push(format!(
                    "{}: only e2e tests see other services",
                    package.name
                ));
            }
        }
    }
    findings
}

fn impure_crates(packages: &[Package]) -> Findings {
    let mut findings = Findings::new();
    for (name, allowed) in PURE {
        let uses = packages
            .iter()
            .filter(|package| package.name == name)
            .flat_map(|package| &package.others);
        let more = uses.filter(|used| !allowed.contains(&used.as_str()));
        findings.extend(more.map(|used| format!("{name} is pure: no {used}")));
    }
    findings
}

/// Libraries that are slow to build or bring a second TLS; this build has none.
fn unwanted_libraries(lock: &str) -> Findings {
    const UNWANTED: [&str; 6] = [
        "openssl-sys",
        "native-tls",
        "ring",
        "aws-lc-sys",
        "rustls",
        "rdkafka-sys/ssl",
    ];
    let names = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names
        .filter(|name| UNWANTED.contains(name))
        .map(|name| format!("Cargo.lock: {name}"))
        .collect()
}

fn packages() -> Vec<Package> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let told = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo can be run");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    read(&serde_json::from_slice(&told.stdout).expect("metadata is JSON"))
}

fn read(metadata: &Value) -> Vec<Package> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let package = |package: &Value| {
        let mut by_kind: BTreeMap<(bool, bool), Vec<String>> = BTreeMap::new();
        for dependency in list(&package["dependencies"]) {
            let kind = (
                dependency["path"].is_string(),
                dependency["kind"].as_str() == Some("dev"),
            );
            by_kind
                .entry(kind)
                .or_default()
                .push(text(&dependency["name"]));
        }
        Package {
            name: text(&package["name"]),
            ours: by_kind.remove(&(true, false)).unwrap_or_default(),
            others: by_kind.remove(&(false, false)).unwrap_or_default(),
            tests: by_kind.remove(&(true, true)).unwrap_or_default(),
        }
    };
    list(&metadata["packages"]).iter().map(package).collect()
}

#[test]
fn crates_depend_only_where_arrows_lead() {
    let packages = packages();
    assert!(packages.len() >= 12, "{packages:?}");
    crate::holds("arrows between crates", &forbidden_arrows(&packages));
    crate::holds("law and case are pure", &impure_crates(&packages));
}

#[test]
fn no_second_tls_is_built() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("the lock file is there");
    crate::holds("libraries that are not wanted", &unwanted_libraries(&lock));
    assert_eq!(
        unwanted_libraries("[[package]]\nname = \"ring\"\nversion = \"1\"\n\nname = \"string\"")
            .len(),
        1
    );
}

#[test]
fn a_forbidden_arrow_is_found() {
    let package = |name: &str, ours: &[&str], others: &[&str], tests: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        vec![Package {
            name: name.to_owned(),
            ours: owned(ours),
            others: owned(others),
            tests: owned(tests),
        }]
    };
    for bad in [
        package("law", &["case"], &[], &[]),
        package("case", &["proto"], &[], &[]),
        package("chassis", &["case"], &[], &[]),
        package("chassis", &["law"], &[], &[]),
        package("chassis", &["proto"], &[], &[]),
        package("proto", &["docket"], &[], &[]),
        package("intake", &["routing"], &[], &[]),
        package("intake", &["devstack"], &[], &[]),
        package("devstack", &["mediation"], &[], &[]),
        package("intake", &[], &[], &["mediation"]),
        package("newcomer", &[], &[], &[]),
    ] {
        assert_eq!(forbidden_arrows(&bad).len(), 1, "{bad:?}");
    }
    assert!(
        forbidden_arrows(&package(
            "routing",
            &["docket", "law"],
            &["tokio"],
            &["devstack"]
        ))
        .is_empty()
    );
    assert_eq!(
        impure_crates(&package("case", &["law"], &["tokio"], &[])).len(),
        1
    );
    assert!(impure_crates(&package("case", &["law"], &["uuid"], &[])).is_empty());
}

#[test]
fn metadata_is_read() {
    let metadata = serde_json::json!({ "packages": [{ "name": "case", "dependencies": [
        { "name": "law", "path": "p", "kind": null },
        { "name": "uuid", "kind": null },
        { "name": "devstack", "path": "p", "kind": "dev" },
        { "name": "proptest", "kind": "dev" },
    ]}]});
    let wanted = Package {
        name: "case".into(),
        ours: vec!["law".into()],
        others: vec!["uuid".into()],
        tests: vec!["devstack".into()],
    };
    assert_eq!(read(&metadata), [wanted]);
}
