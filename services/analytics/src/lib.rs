//! Analytics: what became of the complaints, counted from the log alone. It owns no state of a case and gives no command.
//!
//! Every figure is a pure function of the folded case: `domain::fact` says what figures know of a case, `domain::rollup`
//! what it adds to which sums. When a case changes, its old contribution is subtracted and its new one added in the
//! transaction that admits the event (`desk`, `store`), so that redelivery, replay and reopening leave exact sums.
//! Totals and indicators read sums only; `domain::rollup::Rollups::recount` counts them again from the cases' facts, and
//! [`differences`] compares.

pub mod domain;

mod app;
mod config;
mod desk;
mod grpc;
mod store;

pub use app::run;
pub use config::Config;
pub use store::audit::differences;

/// The service's own migrations (schema `analytics`).
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
