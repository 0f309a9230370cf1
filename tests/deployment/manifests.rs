//! The manifests of Kubernetes: valid against its schemas, and complete for every service.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use devstack::services::NAMES;
use devstack::{root, state_directory};
use serde::Deserialize;
use serde_yaml_ng::Value;

/// What each service must have.
const KINDS: [&str; 4] = [
    "Service",
    "Deployment",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
];
/// Seconds a service drains, and seconds its pod waits before.
const DRAIN_S: i64 = 20 + 5;

#[test]
fn manifests_fit_the_schemas_and_every_service_has_its_set() -> Result<()> {
    if std::env::var_os("ODR_DEPLOYMENT").is_none() {
        println!("SKIPPED: ./dev test fetches the schemas");
        return Ok(());
    }
    let folder = state_directory().join("k8s");
    let checked = Command::new(root().join("deploy/k8s/check"))
        .arg(&folder)
        .output()?;
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    ensure!(checked.status.success(), "{said}");
    let text = std::fs::read_to_string(folder.join("production.yaml"))?;
    let objects: Vec<Value> = serde_yaml_ng::Deserializer::from_str(&text)
        .map(Value::deserialize)
        .collect::<Result<_, _>>()?;
    let find = |kind: &str, name: &str| {
        let found = objects
            .iter()
            .find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
        found.with_context(|| format!("no {kind} {name}"))
    };
    for service in NAMES {
        for kind in KINDS {
            find(kind, service)?;
        }
        let deployed = find("Deployment", service)?;
        confined(pod(deployed)).with_context(|| service.to_owned())?;
        probed(pod(deployed)).with_context(|| service.to_owned())?;
        let job = find("Job", &format!("{service}-migrate"))?;
        confined(pod(job)).with_context(|| format!("{service}-migrate"))?;
    }
    confined(pod(find("Job", "topics")?))
}

fn pod(owner: &Value) -> &Value {
    &owner["spec"]["template"]["spec"]
}

fn confined(pod: &Value) -> Result<()> {
    ensure!(pod["securityContext"]["runAsNonRoot"] == true, "root");
    ensure!(pod["automountServiceAccountToken"] == false, "a token");
    let container = &pod["containers"][0];
    let rights = &container["securityContext"];
    ensure!(
        rights["readOnlyRootFilesystem"] == true
            && rights["allowPrivilegeEscalation"] == false
            && rights["capabilities"]["drop"][0] == "ALL",
        "rights: {rights:?}"
    );
    for limit in ["cpu", "memory"] {
        let limits = &container["resources"]["limits"];
        ensure!(limits[limit].is_string(), "no limit of {limit}");
    }
    let image = container["image"].as_str().unwrap_or_default();
    ensure!(image.rsplit_once(':').is_some(), "{image} is not pinned");
    Ok(())
}

fn probed(pod: &Value) -> Result<()> {
    let container = &pod["containers"][0];
    for (probe, path) in [
        ("startupProbe", "/livez"),
        ("livenessProbe", "/livez"),
        ("readinessProbe", "/readyz"),
    ] {
        ensure!(container[probe]["httpGet"]["path"] == path, "{probe}");
    }
    let grace_s = pod["terminationGracePeriodSeconds"].as_i64().unwrap_or(0);
    ensure!(grace_s > DRAIN_S, "killed after {grace_s} s");
    Ok(())
}
