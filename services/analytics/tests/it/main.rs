//! Analytics from outside: sums as properties of histories, then the whole service on the real PostgreSQL and Kafka,
//! fed with events as the other services publish them.

mod delivery;
mod figures;
mod reading;
mod sums;
mod support;
