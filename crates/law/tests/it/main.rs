//! The law crate from outside: vectors of the regulations, properties of counting, refusals of bad files.

mod calendar;
mod counting;
mod day;
mod directory;
mod directory_refusals;
mod jurisdiction;
mod properties;
mod rules;
mod shipped_directories;
mod table;

/// A day written YYYY-MM-DD.
fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("tests write days as YYYY-MM-DD")
}
