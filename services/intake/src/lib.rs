//! Intake: takes complaints, keeps who the parties are and what they wrote, and tells people where their case stands.
//!
//! A filing is checked field by field against its documented limits and the directory, gets its case number and
//! progress code, and becomes version 1 of a case. Names, telephone numbers and addresses stay in this service's
//! database; the event carries opaque references and salted hashes. What happens to the case afterwards is read from
//! the log; a consumer's wish to withdraw and new evidence are appended as notices for whoever owns the case then.

mod app;
mod config;
mod desk;
mod domain;
mod grpc;
mod serials;
mod store;

use sqlx::migrate::Migrator;

pub use app::run;
pub use config::Config;

/// Intake's own migrations (schema `intake`).
pub static MIGRATOR: Migrator = sqlx::migrate!();
