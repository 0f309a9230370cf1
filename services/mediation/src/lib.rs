//! Mediation: what happens to a case while an enterprise negotiates, an authority decides, a mediation runs and an
//! agreement is performed. It owns those states, appends their decisions, and archives the events of all services.
//!
//! A request becomes a command and goes to the writer (`grpc`); the chassis and the docket admit, decide and save; the
//! desk adds where each case stands in lists (`domain::listing`, `store`). Deadlines come from the case itself. Reads
//! answer from the case row, lists find their cases by index, the archive gives events exactly as they were published.

mod app;
mod config;
mod desk;
mod domain;
mod grpc;
mod store;

pub use app::run;
pub use config::{Config, PolicySettings};

/// The service's own migrations (schema `mediation`).
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
