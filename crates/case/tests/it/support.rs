//! What the tests of the lifecycle share: people, contents, situations, and a history that is decided and folded.

pub mod bodies;
pub mod history;
pub mod people;
pub mod random;
pub mod samples;
pub mod situations;

pub use history::History;
pub use situations::At;
