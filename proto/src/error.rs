//! Why bytes of the log or of a stored case cannot be read.

use thiserror::Error;

/// What was wrong with the bytes. Never repeats a value: it may come from anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The event type is not one this build understands.
    #[error("the event type is not understood")]
    UnknownType,
    /// A value of a closed list is UNSPECIFIED or not in the list.
    #[error("{field} is not a value of its closed list")]
    UnknownValue {
        /// Message and field.
        field: &'static str,
    },
    /// Not the message it should be, or a field that cannot be what it says.
    #[error("{what} cannot be read")]
    Garbage {
        /// Message and field, or the whole.
        what: &'static str,
    },
}
