//! Routing: every choice of a holder.
//!
//! A complaint that is filed goes to the ODR enterprise the consumer chose, else to the competent authority, else it is
//! held until a receiving unit routes it by hand. The service reads the directory of regions and authorities from a
//! folder, keeps the registry of ODR enterprises, and tells the other services of both by full records on the registry
//! topic. The engine (writer, consumer, relay, deadlines) is the chassis'; what this service adds is [`desk`].

pub mod config;
pub mod directory;
pub mod domain;

mod app;
mod consumer;
mod desk;
mod error;
mod grpc;
mod publication;
mod readiness;
mod registry;
mod store;

use chassis::shutdown::Shutdown;
use docket::launch::Listeners;

pub use config::Config;

/// The service's own migrations (schema `routing`).
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Runs the service until the shutdown has drained it.
///
/// # Errors
/// When the settings or the directory are wrong, a part cannot be made, or a task fails.
pub async fn run(config: Config, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    app::run(config, listeners, shutdown).await
}
