//! The docket: what every service does with a case row, on top of the chassis.
//!
//! It gives the chassis' unit of work its meaning (`case` decides, `proto` reads and writes), keeps texts,
//! answers refusals as gRPC statuses and reads cases. What differs between services is their `Desk`.

pub mod answer;
pub mod asking;
pub mod clerk;
pub mod desk;
pub mod error;
pub mod launch;
mod missing;
pub mod order;
pub mod read;
pub mod text;
pub mod work;

pub use clerk::{Clerk, Submission};
pub use desk::{Asked, Desk};
pub use launch::{Office, launch};
pub use order::Order;
pub use work::Docket;
