//! What the tests of the lifecycle share: people, contents, situations, and a history that is decided and folded.

pub(crate) mod bodies;
pub(crate) mod history;
pub(crate) mod people;
pub(crate) mod play;
pub(crate) mod random;
pub(crate) mod samples;
pub(crate) mod situations;

pub(crate) use history::History;
pub(crate) use situations::At;
