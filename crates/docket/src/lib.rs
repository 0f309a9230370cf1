//! docket.
