//! Bad input: every limit of every field, unknown ids, wrong states, stale etags, used request ids. Never INTERNAL.

mod common;
mod fields;
mod lists;
mod others;
