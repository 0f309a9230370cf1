//! Routing on the real PostgreSQL and Kafka: every command comes through gRPC, each delivered twice; intake and mediation
//! are played by writing their events to the log.

#![expect(
    clippy::unwrap_used,
    reason = "what a test cannot do is a failure of the test, outside its functions too"
)]

mod enterprises;
mod held;
mod inputs;
mod places;
mod restored;
mod routes;
mod start;
mod support;
