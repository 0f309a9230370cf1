//! Intake against the real PostgreSQL and Kafka, from outside: gRPC calls in, answers, rows and events out.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a helper here fails the test that called it"
)]

mod bad_input;
mod filing;
mod lists;
mod notices;
mod progress;
mod reading;
mod recovery;
mod settings;
mod support;
