//! The stage the tests play on: servers, the service, the people, the other services' events.

pub(crate) mod archive;
pub(crate) mod asking;
pub(crate) mod elsewhere;
pub(crate) mod people;
pub(crate) mod samples;
pub(crate) mod stage;

pub(crate) use asking::{ask, forbidden, give, precondition, reason};
pub(crate) use stage::Stage;
