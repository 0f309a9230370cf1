//! Log lines that name the trace they belong to: `trace_id` and `span_id` stand at the end of a JSON line.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes lines as the inner form does, and the ids of the current span into them. For JSON alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct WithTraceIds<F>(pub(super) F);

impl<S, N, F> FormatEvent<S, N> for WithTraceIds<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(ids) = current_ids() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        match line.trim_end().strip_suffix('}') {
            Some(open) => writeln!(writer, "{open},{ids}}}"),
            None => writer.write_str(&line),
        }
    }
}

/// The tracing layer makes the span that is entered the current one of this thread.
fn current_ids() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let ids = span.span_context();
        ids.is_valid().then(|| {
            let (trace, span) = (ids.trace_id(), ids.span_id());
            format!(r#""trace_id":"{trace}","span_id":"{span}""#)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Kept {
        type Writer = Kept;

        fn make_writer(&self) -> Kept {
            self.clone()
        }
    }

    #[test]
    fn a_line_within_a_span_names_it_and_one_outside_names_none() {
        let kept = Kept::default();
        let provider = SdkTracerProvider::builder().build();
        let traced = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(kept.clone())
            .json()
            .flatten_event(true)
            .map_event_format(WithTraceIds);
        let subscriber = tracing_subscriber::registry().with(traced).with(lines);
        let mut traceparent = None;
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("outside");
            let span = tracing::info_span!("call");
            traceparent = super::super::inject(&span);
            span.in_scope(|| tracing::info!(text = "}\n", "inside"));
        });
        let written = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> = written
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0]["trace_id"].is_null() && lines[0]["span_id"].is_null());
        let ids = [&lines[1]["trace_id"], &lines[1]["span_id"]].map(|id| id.as_str().unwrap());
        let traceparent = traceparent.unwrap();
        assert_eq!(traceparent, format!("00-{}-{}-01", ids[0], ids[1]));
    }
}
