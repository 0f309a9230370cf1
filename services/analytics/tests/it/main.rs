//! Analytics from outside: sums as properties of histories, then the whole service on the real PostgreSQL and Kafka,
//! fed with events as the other services publish them.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a helper here fails the test that called it"
)]

mod delivery;
mod figures;
mod reading;
mod sums;
mod support;
