//! Logs, traces and metrics: set up once per process, flushed at its end.
//!
//! Logs go to standard error, metrics to whoever reads `/metrics`. Traces exist only when a collector is named, which then
//! is told the metrics too; without one a span costs a log filter's look.

mod lines;
mod propagation;
mod spans;

use std::time::Duration;

use anyhow::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{Common, LogFormat};
use crate::metrics::{self, Alarms};

use lines::WithTraceIds;
pub use propagation::{inject, link, parent, parent_from};
pub(crate) use spans::{delivered, process_span, send_span, write_span};

// A statement a batch, each logged at info, would drown everything; the exporter's own calls must not be traced.
const QUIET: &str = "info,sqlx=warn,h2=warn,hyper=warn,hyper_util=warn,tonic=warn,tower=warn,librdkafka=warn,opentelemetry=warn";
const FLUSH: Duration = Duration::from_secs(3);

/// Keeps telemetry going; flushes the last spans when dropped. Hold it until the end of `main`.
#[derive(Debug)]
#[must_use = "traces end when the guard is dropped"]
pub struct Guard(Option<Providers>);

#[derive(Debug)]
struct Providers {
    traces: Option<SdkTracerProvider>,
    metrics: SdkMeterProvider,
}

impl Guard {
    /// Flushes without blocking a worker of the runtime, which the exporter may need.
    pub async fn shutdown(mut self) {
        if let Some(providers) = self.0.take() {
            // The join fails only if flushing panicked; there is nobody left to tell.
            let _ = tokio::task::spawn_blocking(move || flush(&providers)).await;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(providers) = self.0.take() {
            flush(&providers);
        }
    }
}

fn flush(providers: &Providers) {
    // Without a collector nothing is sent, so nothing can be lost.
    let Some(traces) = &providers.traces else {
        return;
    };
    let spans = traces.shutdown_with_timeout(FLUSH);
    let figures = providers.metrics.shutdown_with_timeout(FLUSH);
    if let Err(error) = spans.and(figures) {
        tracing::warn!(%error, "the last spans may be lost");
    }
}

/// Starts logging, metrics and, if a collector is named, tracing. Call once, inside the runtime. `RUST_LOG` overrides the filter.
///
/// # Errors
/// If `RUST_LOG` cannot be read, the collector's address cannot be used, or telemetry was started before.
pub fn init(service: &'static str, replica: &str, common: &Common) -> anyhow::Result<Guard> {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.is_empty() => {
            EnvFilter::try_new(directives).context("RUST_LOG")?
        }
        _ => EnvFilter::new(QUIET),
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match common.log_format {
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .map_event_format(WithTraceIds)
            .boxed(),
        LogFormat::Text => lines.with_ansi(false).boxed(),
    };
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.namespace", "odr"))
        .with_attribute(KeyValue::new("service.instance.id", replica.to_owned()))
        .build();
    let collector = common.otlp_endpoint.as_deref();
    let interval = Duration::from_millis(common.metrics_interval_ms);
    let figures = metrics::provider(resource.clone(), collector, interval, FLUSH)?;
    global::set_meter_provider(figures.clone());
    metrics::start();
    let traces = match collector {
        Some(endpoint) => Some(tracer_provider(resource, endpoint, common.trace_ratio)?),
        None => None,
    };
    let spans = traces.as_ref().map(|traces| {
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer(service))
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
    });
    tracing_subscriber::registry()
        .with(filter)
        .with(spans)
        .with(lines)
        .with(Alarms)
        .try_init()
        .context("telemetry was started before")?;
    log_panics();
    tracing::info!(
        service.name = service,
        service.instance.id = replica,
        "telemetry started"
    );
    Ok(Guard(Some(Providers {
        traces,
        metrics: figures,
    })))
}

/// A call whose caller is traced follows the caller's choice; of the others `ratio` are kept.
fn tracer_provider(
    resource: Resource,
    endpoint: &str,
    ratio: f64,
) -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(FLUSH)
        .build()
        .context("ODR_OTLP_ENDPOINT")?;
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio)));
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(sampler)
        .with_resource(resource)
        .build())
}

/// A panic becomes a line of the log like any other, instead of loose text on standard error.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("no text");
        tracing::error!(code.location = at, panic.text = text, "panicked");
    }));
}
