//! The whole system on one machine: the real PostgreSQL and Kafka, and the services as processes.
//!
//! - [`servers`]: PostgreSQL and Kafka, started, found again and stopped
//! - [`topics`], [`databases`]: what the services need on those servers
//! - [`services`]: the services as processes that can be killed, paused and started again
//! - `coordinator`, `replay` (feature `replay`): stepped time, and real complaints replayed through the services
//! - [`query_cache`]: the committed descriptions of every SQL statement, so that a build needs no database
//!
//! Tests, the demo and the `devstack` program use it; no service may.

#[cfg(feature = "replay")]
pub mod coordinator;
pub mod databases;
pub mod query_cache;
#[cfg(feature = "replay")]
pub mod replay;
pub mod servers;
pub mod services;
pub mod topics;

mod artifacts;
mod ports;
mod process;
mod repository;
mod wait;

pub use ports::free_port;
pub use process::{Identity, Lifetime};
pub use repository::{root, state_directory};
