//! Where metrics go: Prometheus reads them from the operations port, and a collector is told of them if one is named.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::Key;
use opentelemetry_otlp::{MetricExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use prometheus::TextEncoder;

/// Everything measured in this process, in Prometheus' text form; empty before telemetry was started.
pub fn exposition() -> String {
    match TextEncoder::new().encode_to_string(&prometheus::gather()) {
        Ok(text) => text,
        Err(error) => {
            tracing::warn!(%error, "metrics could not be written");
            String::new()
        }
    }
}

/// Both ways out of the process. `resource` names the service; each of Prometheus' series carries that name.
///
/// # Errors
/// When the collector's address cannot be used, or telemetry was started before.
pub(crate) fn provider(
    resource: Resource,
    collector: Option<&str>,
    interval: Duration,
    patience: Duration,
) -> anyhow::Result<SdkMeterProvider> {
    let named = HashSet::from([Key::new("service.name")]);
    let scraped = opentelemetry_prometheus::exporter()
        .with_registry(prometheus::default_registry().clone())
        .with_resource_selector(named)
        .scope_info_enabled(false)
        .build()
        .context("metrics were started before")?;
    let mut provider = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(scraped);
    if let Some(endpoint) = collector {
        let exporter = MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_timeout(patience)
            .build()
            .context("ODR_OTLP_ENDPOINT")?;
        let pushed = PeriodicReader::builder(exporter)
            .with_interval(interval)
            .build();
        provider = provider.with_reader(pushed);
    }
    Ok(provider.build())
}
