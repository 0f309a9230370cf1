//! Counts alarms as they pass through the log, so that whoever raises one has nothing else to do.

use std::fmt::Debug;

use opentelemetry::KeyValue;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::INSTRUMENTS;

/// The words of `docs/OBSERVABILITY.md`; another one counts as `other`.
pub(super) const WORDS: [&str; 11] = [
    "data",
    "deadline_survived",
    "invariant",
    "log_cut",
    "other",
    "own_word_unknown",
    "panic",
    "parked",
    "state_unreadable",
    "step_circle",
    "step_refused",
];

/// A layer that counts lines with the field `alarm`.
#[derive(Clone, Copy, Debug)]
pub struct Alarms;

impl<S: Subscriber> Layer<S> for Alarms {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().fields().field("alarm").is_some() {
            event.record(&mut Counting);
        }
    }
}

struct Counting;

impl Visit for Counting {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "alarm" {
            let known = WORDS.into_iter().find(|word| *word == value);
            let word = known.unwrap_or("other");
            INSTRUMENTS
                .alarms
                .add(1, &[KeyValue::new("odr.alarm", word)]);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
