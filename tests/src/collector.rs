//! A collector inside the test: takes what services send over OTLP and keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// A span as it was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The service that told it.
    pub service: String,
    /// The span itself.
    pub span: Span,
}

impl Told {
    /// An attribute as text; empty when there is none.
    pub fn attribute(&self, name: &str) -> String {
        let found = self.span.attributes.iter().find(|pair| pair.key == name);
        found.map_or_else(String::new, |pair| text(pair.value.as_ref()))
    }
}

#[derive(Debug, Default)]
struct Kept {
    spans: Vec<Told>,
    metrics: BTreeSet<String>,
}

/// A running collector; it ends when dropped.
#[derive(Debug)]
pub struct Collector {
    /// Where services send to: `http://host:port`.
    pub endpoint: String,
    kept: Arc<Mutex<Kept>>,
    serving: JoinHandle<()>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Collector {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Collector> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let kept = Arc::new(Mutex::new(Kept::default()));
        let routes = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(Keeping(Arc::clone(&kept))))
            .add_service(MetricsServiceServer::new(Keeping(Arc::clone(&kept))));
        let serving = tokio::spawn(async move {
            // whoever waits for what is told learns that nobody listens any more
            let _ended = routes
                .serve_with_incoming(TcpListenerStream::new(listener))
                .await;
        });
        Ok(Collector {
            endpoint,
            kept,
            serving,
        })
    }

    /// All spans told so far.
    pub fn spans(&self) -> Vec<Told> {
        lock(&self.kept).spans.clone()
    }

    /// Names of all metrics told so far.
    pub fn metrics(&self) -> BTreeSet<String> {
        lock(&self.kept).metrics.clone()
    }

    /// The spans of one trace as a tree: a line each, `service name event`, children below their parent in the order of
    /// their text. A span whose parent was not told stands at the edge.
    pub fn tree(&self, trace: &[u8]) -> String {
        let spans = self.spans();
        let mine: Vec<&Told> = spans.iter().filter(|t| t.span.trace_id == trace).collect();
        let known: BTreeSet<&[u8]> = mine.iter().map(|t| t.span.span_id.as_slice()).collect();
        let mut children: BTreeMap<&[u8], Vec<&Told>> = BTreeMap::new();
        for told in &mine {
            let parent = told.span.parent_span_id.as_slice();
            let parent = known.get(parent).copied().unwrap_or_default();
            children.entry(parent).or_default().push(told);
        }
        branches(&children, &[], 0)
    }
}

fn branches(children: &BTreeMap<&[u8], Vec<&Told>>, parent: &[u8], depth: usize) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for told in children.get(parent).into_iter().flatten() {
        let event = told.attribute("event.type");
        let event = event.rsplit('.').next().unwrap_or_default();
        let line = format!("{} {} {event}", told.service, told.span.name);
        let below = branches(children, &told.span.span_id, depth + 1);
        rows.push((line.trim_end().to_owned(), below));
    }
    rows.sort();
    rows.into_iter()
        .fold(String::new(), |mut tree, (line, below)| {
            let _infallible = writeln!(tree, "{}{line}", "  ".repeat(depth));
            tree + &below
        })
}

struct Keeping(Arc<Mutex<Kept>>);

#[tonic::async_trait]
impl TraceService for Keeping {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut kept = lock(&self.0);
        for of_resource in request.into_inner().resource_spans {
            let service = service(of_resource.resource.as_ref());
            let spans = of_resource.scope_spans.into_iter().flat_map(|s| s.spans);
            kept.spans.extend(spans.map(|span| Told {
                service: service.clone(),
                span,
            }));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Keeping {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let told = request.into_inner().resource_metrics.into_iter();
        let metrics = told.flat_map(|r| r.scope_metrics).flat_map(|s| s.metrics);
        let mut kept = lock(&self.0);
        kept.metrics.extend(metrics.map(|metric| metric.name));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

fn service(resource: Option<&Resource>) -> String {
    let attributes = resource.map_or(&[][..], |resource| &resource.attributes);
    let named = |pair: &&KeyValue| pair.key == "service.name";
    let found = attributes.iter().find(named);
    found.map_or_else(String::new, |pair| text(pair.value.as_ref()))
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
