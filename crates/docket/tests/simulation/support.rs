//! The people and contents of the lifecycle's own tests: the same acts, whoever delivers them.

#[path = "../../../case/tests/it/support/bodies.rs"]
pub(crate) mod bodies;
#[path = "../../../case/tests/it/support/history.rs"]
pub(crate) mod history;
#[path = "../../../case/tests/it/support/people.rs"]
pub(crate) mod people;
#[path = "../../../case/tests/it/support/play.rs"]
pub(crate) mod play;
#[path = "../../../case/tests/it/support/random.rs"]
pub(crate) mod random;
#[path = "../../../case/tests/it/support/samples.rs"]
pub(crate) mod samples;
#[path = "../../../case/tests/it/support/situations.rs"]
pub(crate) mod situations;

pub(crate) use history::History;
