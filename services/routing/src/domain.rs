//! Routing's own rules, all pure: who takes a case, what becomes of an enterprise, who may read.

pub mod access;
pub mod choice;
pub mod enterprise;

#[cfg(test)]
pub(crate) mod sample;
