//! The engine on the real PostgreSQL and Kafka, with a toy subject (a ticket) that two services own in turn.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario that cannot go on has failed"
)]

mod admitting;
mod blocking;
mod calls;
mod deadlines;
mod handing;
mod operations;
mod positions;
mod publishing;
mod reads;
mod recovering;
mod replicas;
mod steps;
mod support;
