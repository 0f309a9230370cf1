//! Every SQL statement of analytics.

pub(crate) mod audit;
pub(crate) mod facts;
pub(crate) mod figures;
pub(crate) mod rollups;
