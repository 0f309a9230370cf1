//! Mediation on the real PostgreSQL and Kafka: every command through gRPC, each delivered twice; intake and routing are
//! played by writing their events to the log.
#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its own functions too"
)]

mod authority;
mod direct;
mod failing;
mod inputs;
mod lists;
mod mediating;
mod reading;
mod support;
mod withdrawals;
