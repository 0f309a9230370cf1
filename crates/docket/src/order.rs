//! An order: a command with the rows that come with it.

use case::{Actor, Command};

use crate::text::NewText;

/// A command on its way to a case, with its cause, the texts it brings, and the service's own extra.
#[derive(Clone, Debug)]
pub struct Order<X> {
    /// Who asks for what.
    pub command: Command,
    /// The request id; empty for the system's own acts, which name the decision they follow.
    pub cause: String,
    /// Texts to keep if the command is taken.
    pub texts: Vec<NewText>,
    /// What else the service keeps or answers.
    pub extra: X,
}

/// An event that was decided and has no place in the log yet.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) event: case::Event,
    pub(crate) actor: Actor,
    pub(crate) cause: String,
    pub(crate) space: Option<String>,
}
