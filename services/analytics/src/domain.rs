//! Analytics' own pure rules: what a case counts as, how sums are kept, what figures are made of them, who reads them.

pub mod ending;
pub mod fact;
pub mod figures;
pub mod measures;
pub mod rollup;

pub(crate) mod access;
pub(crate) mod page;
pub(crate) mod selection;
