//! What whole-system scenarios are told with: a stage with the real services, people who act, and an end that leaves nothing.
//!
//! - [`Scene`], [`Stage`]: which services run, how, and what must be left when they end
//! - [`Play`]: one complaint and its people; every act is a gRPC call in somebody's name
//! - [`log`]: the topic of case events, read and written as raw records
//! - [`Scribe`]: events as other services would append them, right ones and wrong ones
//! - [`Collector`], [`figures`]: what services tell of themselves, received and read, and what the page says they tell
//! - [`ShortReplay`], [`agreed`]: real complaints and the counts that must agree
//! - [`Crowd`], [`account`]: load while something is done to the servers, and what must be there afterwards
//! - [`proxy`]: the lines to PostgreSQL and Kafka, which can be slow, cut, half-closed, silent
//! - [`tables`], [`offices`], [`programs`]: what a service's database holds, which replica publishes, and the programs of the repository

pub mod account;
mod act;
mod clients;
mod collector;
mod crowd;
mod disk;
mod ending;
pub mod figures;
mod form;
pub mod log;
pub mod offices;
mod own;
mod play;
pub mod programs;
pub mod proxy;
mod scribe;
mod short_replay;
mod stage;
pub mod tables;
mod wait;

pub use act::{Act, Offer};
pub use clients::{Clients, OPERATOR, by, official};
pub use collector::{Collector, Told};
pub use crowd::{Crowd, Lived};
pub use disk::SmallDisk;
pub use ending::Ending;
pub use form::{Filing, synthetic_uscc};
pub use own::OwnServers;
pub use play::{Play, refused};
pub use scribe::Scribe;
pub use short_replay::{ShortReplay, Unseen, agreed};
pub use stage::{CALL_TIMEOUT, SPACE, Scene, Stage};
pub use wait::eventually;
