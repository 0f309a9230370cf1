//! Every SQL statement of mediation, and its reads of the archive, the texts and the clocks.

pub(crate) mod archive;
pub(crate) mod lists;
pub(crate) mod pages;
pub(crate) mod times;
