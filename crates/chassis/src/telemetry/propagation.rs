//! Trace context across processes, as the W3C `traceparent` text: in gRPC metadata and in record headers.

use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";

/// The `traceparent` of a span (`Span::current()` for the current one); `None` when it is not traced.
pub fn inject(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    let mut carried = Carried(None);
    TraceContextPropagator::new().inject_context(&span.context(), &mut carried);
    carried.0
}

/// Links `span` to the span a record was produced in.
pub fn link(span: &Span, traceparent: &str) {
    let carried = Carried(Some(traceparent.to_owned()));
    let context = TraceContextPropagator::new().extract(&carried);
    span.add_link(context.span().span_context().clone());
}

/// Makes the span behind `traceparent` the parent of `span`, which must not have been entered yet. A malformed text changes nothing.
pub fn parent(span: &Span, traceparent: &str) {
    let carried = Carried(Some(traceparent.to_owned()));
    adopt(span, &carried);
}

/// As [`parent`], with `traceparent` and `tracestate` from a request's headers.
pub fn parent_from(span: &Span, headers: &http::HeaderMap) {
    if headers.contains_key(TRACEPARENT) {
        adopt(span, &Headers(headers));
    }
}

fn adopt(span: &Span, carrier: &dyn Extractor) {
    let context = TraceContextPropagator::new().extract(carrier);
    if context.span().span_context().is_valid() {
        // Fails only where spans are not traced at all.
        let _ = span.set_parent(context);
    }
}

struct Carried(Option<String>);

impl Injector for Carried {
    fn set(&mut self, key: &str, value: String) {
        if key == TRACEPARENT {
            self.0 = Some(value);
        }
    }
}

impl Extractor for Carried {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.as_deref().filter(|_| key == TRACEPARENT)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

struct Headers<'a>(&'a http::HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[derive(Clone, Debug, Default)]
    struct Kept(Arc<Mutex<Vec<SpanData>>>);

    impl SpanExporter for Kept {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap().extend(batch);
            Ok(())
        }
    }

    /// Runs `work` where spans are traced and gives the spans it ended.
    fn traced(work: impl FnOnce()) -> Vec<SpanData> {
        let kept = Kept::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(kept.clone())
            .build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        provider.shutdown().unwrap();
        let spans = kept.0.lock().unwrap();
        spans.clone()
    }

    #[test]
    fn a_produced_record_leads_back_to_its_span() {
        let mut sent = None;
        let spans = traced(|| {
            let span = tracing::info_span!("produce");
            sent = inject(&span);
            span.in_scope(|| assert_eq!(inject(&Span::current()), sent));
        });
        let sent = sent.expect("a traced span has a traceparent");
        let (trace, span) = (
            spans[0].span_context.trace_id(),
            spans[0].span_context.span_id(),
        );
        assert_eq!(sent, format!("00-{trace}-{span}-01"));
    }

    #[test]
    fn a_consumer_links_and_a_server_descends() {
        let mut headers = http::HeaderMap::new();
        headers.insert(TRACEPARENT, REMOTE.parse().unwrap());
        let spans = traced(|| {
            link(&tracing::info_span!("consume"), REMOTE);
            parent(&tracing::info_span!("serve"), REMOTE);
            parent_from(&tracing::info_span!("serve headers"), &headers);
            link(&tracing::info_span!("garbage linked"), "00-zz");
            parent(&tracing::info_span!("garbage parent"), "");
        });
        let rows = [(1, false), (0, true), (0, true), (0, false), (0, false)];
        for (span, (links, descends)) in spans.iter().zip(rows) {
            assert_eq!(span.links.len(), links, "{}", span.name);
            let in_remote_trace = span.span_context.trace_id().to_string() == REMOTE[3..35];
            assert_eq!(in_remote_trace, descends, "{}", span.name);
        }
        assert_eq!(spans.len(), rows.len());
        assert_eq!(
            spans[0].links[0].span_context.span_id().to_string(),
            REMOTE[36..52]
        );
    }

    #[test]
    fn without_tracing_nothing_is_sent_and_nothing_fails() {
        let span = tracing::info_span!("quiet");
        link(&span, REMOTE);
        parent(&span, REMOTE);
        assert_eq!(inject(&span), None);
    }
}
