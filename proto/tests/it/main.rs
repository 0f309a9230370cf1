//! The wire contract from outside: what is written is read back, what was ever published stays readable, and bytes
//! that are not right are refused.

#![expect(
    clippy::unwrap_used,
    reason = "test code beside the test functions, where the setting does not reach"
)]

mod damage;
mod garbage;
mod golden;
mod lint;
mod redaction;
mod requests;
mod round_trip;
mod samples;
mod views;
