//! The lifecycle as a table: which command a state takes, from whom, and what follows.

mod allowed;
mod document;
mod kinds;
mod table;

pub use allowed::allowed;
pub use document::document;
pub use kinds::{CommandKind, EventKind, StateKind};
pub use table::{ROWS, Row, Yield, row};
