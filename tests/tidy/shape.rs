//! How files look: length, first line, size.

use crate::repository::{FILES, SOURCES};
use crate::source::Source;
use crate::{Findings, holds, tells_apart};

/// Lines a Rust file may have. 150 is the aim; a file that outgrows it becomes a folder of the same name.
const MOST_LINES: usize = 400;

/// Bytes a file may have: larger data is fetched, not committed.
const MOST_BYTES: u64 = 2 * 1024 * 1024;

fn long_files(sources: &[Source]) -> Findings {
    let lines = |source: &Source| source.text.lines().count();
    let long = sources
        .iter()
        .filter(|source| source.is_rust() && lines(source) > MOST_LINES);
    long.map(|source| {
        source.at(
            MOST_LINES,
            format_args!("{} lines: split it where its subject splits", lines(source)),
        )
    })
    .collect()
}

fn files_without_a_purpose(sources: &[Source]) -> Findings {
    let says = |source: &Source| {
        source
            .text
            .lines()
            .next()
            .is_some_and(|line| line.starts_with("//! ") && line.len() > 10)
    };
    let silent = sources
        .iter()
        .filter(|source| source.is_rust() && !says(source));
    silent
        .map(|source| source.at(1, "begins with `//!` and what it is for"))
        .collect()
}

fn module_files(sources: &[Source]) -> Findings {
    let old = sources
        .iter()
        .filter(|source| source.path.ends_with("/mod.rs"));
    old.map(|source| source.at(1, "is named after its folder, beside it"))
        .collect()
}

fn names_that_say_nothing(sources: &[Source]) -> Findings {
    const NOTHING: [&str; 7] = [
        "manager", "helper", "helpers", "util", "utils", "common", "misc",
    ];
    let stem = |source: &Source| {
        let name = source.path.rsplit('/').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default().to_owned()
    };
    let vague = sources
        .iter()
        .filter(|source| NOTHING.contains(&stem(source).as_str()));
    vague
        .map(|source| source.at(1, "its name does not say what is in it"))
        .collect()
}

fn large_files(files: &[(String, u64)]) -> Findings {
    let large = files.iter().filter(|(_, size)| *size > MOST_BYTES);
    large
        .map(|(path, size)| format!("{path}: {size} bytes"))
        .collect()
}

#[test]
fn files_keep_their_budget() {
    holds("line budget", &long_files(&SOURCES));
    let (fits, long) = ("x\n".repeat(400), "x\n".repeat(401));
    tells_apart(
        long_files,
        &[("a/x.rs", &fits), ("a/x.csv", &long)],
        &[("a/x.rs", &long)],
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    holds("first line", &files_without_a_purpose(&SOURCES));
    tells_apart(
        files_without_a_purpose,
        &[("a/x.rs", "//! Reads the directory.\n")],
        &[
            ("a/x.rs", "use std::fs;\n"),
            ("a/x.rs", ""),
            ("a/x.rs", "//! x.\n"),
            ("a/x.rs", "// Reads the directory.\n"),
        ],
    );
}

#[test]
fn files_have_names_that_say_something() {
    holds("mod.rs", &module_files(&SOURCES));
    holds("names", &names_that_say_nothing(&SOURCES));
    tells_apart(module_files, &[("a/x.rs", "")], &[("a/x/mod.rs", "")]);
    tells_apart(
        names_that_say_nothing,
        &[("a/x.rs", "")],
        &[("a/util.rs", ""), ("common.sh", "")],
    );
}

#[test]
fn no_file_is_large() {
    holds("large files", &large_files(&FILES));
    let files = [
        ("small".to_owned(), MOST_BYTES),
        ("large".to_owned(), MOST_BYTES + 1),
    ];
    assert_eq!(large_files(&files).len(), 1);
}
