//! The lifecycle as a whole: its table, its properties, and its hand-over between services.

mod clocks;
mod commuting;
mod handover;
mod invariants;
mod properties;
mod routes;
mod support;
mod transitions;
mod withdrawals;
