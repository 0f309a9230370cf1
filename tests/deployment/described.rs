//! What docker-compose.yml promises of every container, read from compose's own understanding of it.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::compose::Compose;

/// Longer than the drain of a service, which is 20 s.
const GRACE: [&str; 2] = ["30s", "1m0s"];
/// Images without anything that could probe.
const UNPROBED: [&str; 2] = ["otel-collector", "jaeger"];

#[test]
fn every_container_is_confined_limited_and_pinned() -> Result<()> {
    if std::env::var_os("ODR_DEPLOYMENT").is_none() {
        println!("SKIPPED: no docker compose");
        return Ok(());
    }
    let folder = devstack::state_directory().join("described");
    let compose = Compose::new(&folder)?;
    let printed = compose.run("docker compose --profile '*' config --format json")?;
    let described: Value = serde_json::from_str(&printed)?;
    let services = described["services"].as_object().context("services")?;
    ensure!(services.len() > 15, "{} services", services.len());
    for (name, service) in services {
        confined(service).with_context(|| name.clone())?;
        long_running(name, service).with_context(|| name.clone())?;
    }
    Ok(())
}

fn confined(service: &Value) -> Result<()> {
    ensure!(service["read_only"] == true, "its file system is writable");
    ensure!(
        service["cap_drop"] == serde_json::json!(["ALL"]),
        "it has capabilities"
    );
    let options = service["security_opt"].to_string();
    ensure!(
        options.contains("no-new-privileges:true"),
        "it may gain privileges"
    );
    let user = service["user"].as_str().unwrap_or("0");
    ensure!(!user.starts_with('0'), "it runs as root");
    ensure!(service["mem_limit"].is_string(), "its memory has no limit");
    let image = service["image"].as_str().unwrap_or_default();
    let (_, tag) = image.rsplit_once(':').context("its image has no tag")?;
    ensure!(tag != "latest", "{image} is not pinned");
    for (variable, _) in service["environment"].as_object().into_iter().flatten() {
        let secret = ["PASSWORD", "_KEY", "SECRET"];
        let in_the_open = secret.iter().any(|word| variable.ends_with(word));
        ensure!(!in_the_open, "{variable} is a secret and no file");
    }
    for port in service["ports"].as_array().into_iter().flatten() {
        ensure!(
            port["host_ip"] == "127.0.0.1",
            "a port is open to the world"
        );
    }
    Ok(())
}

fn long_running(name: &str, service: &Value) -> Result<()> {
    if service["restart"] == "no" {
        return Ok(());
    }
    ensure!(service["restart"] == "unless-stopped", "it stays down");
    ensure!(service["cpus"].is_number(), "its processors have no limit");
    let probed = service["healthcheck"]["test"].is_array() || UNPROBED.contains(&name);
    ensure!(probed, "nobody knows whether it is well");
    if devstack::services::NAMES.contains(&name) {
        let grace = service["stop_grace_period"].as_str().unwrap_or_default();
        ensure!(GRACE.contains(&grace), "{grace} until it is killed");
    }
    Ok(())
}
