//! The parts that events and stored cases share: message to domain and back.

mod authority;
mod clock;
mod filing;
mod meta;
mod milestones;
mod terms;

pub(crate) use meta::{heads, notice_heads};
