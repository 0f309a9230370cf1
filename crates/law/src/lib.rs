//! The law as data and pure functions: which rule set governs a day, when a period ends, what a ground is
//! called, which authority is competent.
//!
//! Nothing here reads a clock, a file or a network: days come in as arguments, data as text. The sources of the
//! figures are the measures named "Order 20" and "Order 121" of the State Administration for Market Regulation
//! and the Implementing Regulation of the Consumer Law; what they leave open is a [`rules::Policy`] setting.

pub mod calendar;
pub mod day;
pub mod directory;
pub mod grounds;
pub mod jurisdiction;
pub mod period;
pub mod rules;
pub mod table;

pub use calendar::Calendar;
pub use period::{Due, Period};
pub use rules::{Law, Policy, RuleSet};
