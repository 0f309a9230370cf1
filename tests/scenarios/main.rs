//! Scenarios: whole flows on the real PostgreSQL and Kafka, with the four services as processes.
//!
//! Each scenario has databases and topics of its own and ends with `Stage::close`: nothing waits anywhere, every
//! service's cases are the log's, the logs are clean. They need the programs built (`./dev test` does it).

mod admission;
mod authority;
mod broker;
mod clocks;
mod database;
mod disturbed;
mod failpoints;
mod gaps;
mod killed;
mod links;
mod missing;
mod observed;
mod operators;
mod overload;
mod refused_files;
mod replayed;
mod replicas;
mod requests;
mod restored;
mod rolling;
mod settlement;
mod stepped;
mod stopping;
mod taken_back;
mod upgraded;
mod withdrawals;
