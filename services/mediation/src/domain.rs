//! Mediation's own pure rules: who may read a case, where it stands in lists, how pages follow each other.

pub(crate) mod access;
pub(crate) mod filter;
pub(crate) mod listing;
pub(crate) mod page;
