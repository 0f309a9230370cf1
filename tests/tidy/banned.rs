//! What no file may hold: switched-off lints, unfinished work, paths of somebody's machine.

use crate::repository::SOURCES;
use crate::source::Source;
use crate::{Findings, holds, tells_apart};

/// Written in two halves, so that this file does not hold what it bans.
const BANNED: [(&str, &str); 7] = [
    (concat!("#[al", "low("), "expect a lint with its reason"),
    (concat!("#![al", "low("), "expect a lint with its reason"),
    (concat!("to", "do!("), "unfinished"),
    (concat!("unimple", "mented!("), "unfinished"),
    (concat!("FIX", "ME"), "unfinished"),
    (concat!("#[ig", "nore"), "a test that is not run is no test"),
    (concat!("db", "g!("), "left over from a search"),
];

fn banned_words(sources: &[Source]) -> Findings {
    let mut findings = Findings::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        for (at, line) in source.text.lines().enumerate() {
            let found = BANNED.iter().find(|(word, _)| line.contains(word));
            findings
                .extend(found.map(|(word, why)| source.at(at + 1, format_args!("{word} {why}"))));
        }
    }
    findings
}

fn unwraps(sources: &[Source]) -> Findings {
    let mut findings = Findings::new();
    for source in sources
        .iter()
        .filter(|source| source.is_rust() && !source.is_test())
    {
        let lines = source
            .code()
            .into_iter()
            .filter(|(_, line)| line.contains(".unwrap()"));
        findings.extend(
            lines.map(|(number, _)| source.at(number, "say with expect why it cannot fail")),
        );
    }
    findings
}

/// Kinds of files people write. Tests may name any path.
fn is_written(source: &Source) -> bool {
    const KINDS: [&str; 9] = [
        ".rs", ".md", ".toml", ".sql", ".proto", ".yaml", ".yml", ".xml", ".json",
    ];
    let plain = ["dev", ".ci/run", "deploy/Dockerfile"].contains(&source.path.as_str());
    !source.is_test() && (plain || KINDS.iter().any(|kind| source.path.ends_with(kind)))
}

fn paths_of_a_machine(sources: &[Source]) -> Findings {
    let mut findings = Findings::new();
    for source in sources.iter().filter(|source| is_written(source)) {
        for (number, line) in source.without_tests() {
            let found = ["work", "tmp"]
                .into_iter()
                .find(|root| names_root(line, root));
            findings.extend(found.map(|root| {
                source.at(
                    number,
                    format_args!("a path below /{root} exists on one machine only"),
                )
            }));
        }
    }
    findings
}

/// Whether a line names a path below this root folder: the slash before it begins the path.
fn names_root(line: &str, root: &str) -> bool {
    let folder = format!("/{root}");
    line.match_indices(&folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        let begins = before.is_none_or(|character| {
            !character.is_alphanumeric() && !"._-/*}>~)".contains(character)
        });
        begins && after.is_some_and(|character| character == '/')
    })
}

#[test]
fn nothing_unfinished_and_nothing_switched_off() {
    holds("banned words", &banned_words(&SOURCES));
    let bad: Vec<String> = BANNED
        .iter()
        .map(|(word, _)| format!("    {word}"))
        .collect();
    let bad: Vec<(&str, &str)> = bad
        .iter()
        .map(|text| ("crates/a/src/x.rs", text.as_str()))
        .collect();
    tells_apart(
        banned_words,
        &[("crates/a/src/x.rs", "#[expect(dead_code, reason = \"\")]")],
        &bad,
    );
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    holds("unwrap", &unwraps(&SOURCES));
    tells_apart(
        unwraps,
        &[
            (
                "crates/a/src/x.rs",
                "#[cfg(test)]\nmod tests {\n    x.unwrap();\n}",
            ),
            ("crates/a/tests/x.rs", "x.unwrap();"),
        ],
        &[("crates/a/src/x.rs", "let y = x.unwrap();")],
    );
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    holds("paths", &paths_of_a_machine(&SOURCES));
    let bad = [
        format!("see /{}/main", "work"),
        format!("\"/{}/x\"", "tmp"),
        format!("`/{}/brief`", "tmp"),
    ];
    let bad: Vec<(&str, &str)> = bad
        .iter()
        .map(|text| ("docs/x.md", text.as_str()))
        .collect();
    let good = "${TMPDIR:-/var/tmp}/x /var/tmp/x ../work/x /works/x a/work/b https://host/work/x";
    tells_apart(
        paths_of_a_machine,
        &[("docs/x.md", good), ("tests/x.rs", bad[0].1)],
        &bad,
    );
}
