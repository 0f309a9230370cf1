//! The replay of real complaints: a file's rows become filings, offers, escalations and decisions, only through gRPC.
//!
//! It replays real flow; it is no settlement rate.

mod acts;
mod audit;
mod driver;
mod file;
mod insisting;
mod outcome;
mod people;
mod plan;
mod report;
mod setup;

pub use audit::{Audit, audit};
pub use driver::{Progress, replay};
pub use file::{FileError, Row, read_bytes, read_file};
pub use outcome::Counts;
pub use people::{Addresses, People};
pub use plan::{Answer, Escalation, Plan, Planned};
pub use report::{ByAnswer, Figures, table};
pub use setup::set_up;

/// What every refund in the replay amounts to: the file names no amounts.
pub const REFUND_FEN: i64 = 10_000;

/// The space the replay runs in.
pub const SPACE: &str = "main";
