//! The town the tests play in: servers, the running service, its callers, the other services' events.

pub(crate) mod asking;
pub(crate) mod log;
pub(crate) mod samples;
pub(crate) mod town;

pub(crate) use asking::{by, fresh, refusal, twice};
pub(crate) use town::Town;

/// Runs everything.
pub(crate) const OPERATOR: &str = "operator/-/operator-1";
/// Works for the federal authority.
pub(crate) const FEDERAL: &str = "official/US-FED/official-1";
/// Works for the authority of Alabama.
pub(crate) const ALABAMA: &str = "official/US-AL/official-2";
/// The complainant of every filing.
pub(crate) const CONSUMER: &str = "consumer/-/party-1";
