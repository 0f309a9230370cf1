//! mediation.
