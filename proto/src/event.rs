//! Events of the log: domain to bytes and back.
//!
//! Readers refuse what they do not understand: unknown types, UNSPECIFIED and unknown values of closed lists, fields
//! that are missing or cannot be what they say. Unknown fields are passed over, so that messages may grow.

mod decode;
mod encode;
mod types;

pub use decode::decode;
pub use encode::encode;
pub use types::{kind_of, type_of};

/// An event as the log carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Full name of its message, like `odr.case.v1.ComplaintFiled`.
    pub event_type: &'static str,
    /// The message's bytes.
    pub value: Vec<u8>,
}

/// Type of the registry event that carries an enterprise's full record.
pub const ENTERPRISE_RECORDED: &str = "odr.routing.v1.EnterpriseRecorded";

/// Type of the registry event that carries an authority's full record.
pub const AUTHORITY_RECORDED: &str = "odr.routing.v1.AuthorityRecorded";
