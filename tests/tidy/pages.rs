//! What the pages promise: links lead somewhere, every service has its page, the glossary and the lifecycle fit the code.

use std::collections::BTreeSet;

use case::StateKind;

use crate::repository::SOURCES;
use crate::source::Source;
use crate::{Findings, holds, tells_apart};

fn dead_links(sources: &[Source], exists: impl Fn(&str) -> bool) -> Findings {
    let mut findings = Findings::new();
    for source in sources.iter().filter(|source| source.path.ends_with(".md")) {
        let mut fenced = false;
        for (at, line) in source.text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            if fenced {
                continue;
            }
            let dead = links(line).filter(|link| !exists(&target(&source.path, link)));
            findings.extend(dead.map(|link| source.at(at + 1, format_args!("nothing at {link}"))));
        }
    }
    findings
}

/// Relative links of a line, without what follows `#`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let ends = line.match_indices("](").map(move |(at, _)| &line[at + 2..]);
    ends.filter_map(|rest| rest.split(')').next())
        .map(|link| link.split(['#', ' ']).next().unwrap_or_default())
        .filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"))
}

/// Where a link of a page leads, from the root.
fn target(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

fn services_without_a_page(paths: &[&str]) -> Findings {
    let of_services = paths
        .iter()
        .filter_map(|path| path.strip_prefix("services/")?.split('/').next());
    let services: BTreeSet<&str> = of_services.collect();
    let lacks = |service: &&str| !paths.contains(&format!("services/{service}/README.md").as_str());
    services
        .into_iter()
        .filter(lacks)
        .map(|service| format!("services/{service}/README.md is missing"))
        .collect()
}

/// Words in backticks of the glossary that are in no source; and states that the glossary leaves out.
fn strange_glossary(glossary: &str, sources: &[Source], states: &[&str]) -> Findings {
    let is_code = |source: &&Source| {
        [".rs", ".proto", ".sql", ".yaml", ".csv"]
            .iter()
            .any(|kind| source.path.ends_with(kind))
    };
    let code: Vec<&Source> = sources.iter().filter(is_code).collect();
    let known = |word: &str| code.iter().any(|source| source.text.contains(word));
    let words: BTreeSet<&str> = glossary
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| !word.contains('/'))
        .collect();
    let strange = words.iter().filter(|word| !known(word));
    let mut findings: Findings = strange
        .map(|word| format!("docs/glossary.md: `{word}` is no word of the code"))
        .collect();
    let missing = states.iter().filter(|state| !words.contains(*state));
    findings
        .extend(missing.map(|state| format!("docs/glossary.md: the state `{state}` is missing")));
    findings
}

fn page(path: &str) -> &'static str {
    let found = SOURCES.iter().find(|source| source.path == path);
    found.map_or("", |source| source.text.as_str())
}

#[test]
fn links_lead_somewhere() {
    let files: BTreeSet<&str> = SOURCES.iter().map(|source| source.path.as_str()).collect();
    let exists = |path: &str| {
        let folder = format!("{path}/");
        path.is_empty()
            || files.contains(path)
            || files.iter().any(|file| file.starts_with(&folder))
    };
    holds("dead links", &dead_links(&SOURCES, exists));
    let known = |path: &str| ["docs/a.md", "b.md", "docs/adr", ""].contains(&path);
    tells_apart(
        |sources| dead_links(sources, known),
        &[(
            "docs/x.md",
            "[a](a.md) [b](../b.md#part) [c](https://h/c) [d](#here) [e](adr/) [f](..)\n```\n[g](none.md)\n```",
        )],
        &[
            ("docs/x.md", "see [a](b.md)"),
            ("x.md", "[b](docs/b.md#part)"),
            ("x.md", "[b](./docs/c/)"),
        ],
    );
}

#[test]
fn every_service_has_its_page() {
    let paths: Vec<&str> = SOURCES.iter().map(|source| source.path.as_str()).collect();
    holds("pages of services", &services_without_a_page(&paths));
    let bad = ["services/a/src/lib.rs", "services/b/README.md"];
    assert_eq!(
        services_without_a_page(&bad),
        ["services/a/README.md is missing"]
    );
}

#[test]
fn glossary_and_code_have_the_same_words() {
    let states: Vec<String> = StateKind::ALL
        .iter()
        .map(|state| format!("{state:?}"))
        .collect();
    let states: Vec<&str> = states.iter().map(String::as_str).collect();
    holds(
        "glossary",
        &strange_glossary(page("docs/glossary.md"), &SOURCES, &states),
    );
    let code = [Source::new("a/x.rs", "struct Escalated;")];
    assert_eq!(
        strange_glossary("`Escalated`", &code, &["Escalated"]),
        Findings::new()
    );
    assert_eq!(
        strange_glossary("`Escalated` `Raised`", &code, &["Escalated"]).len(),
        1
    );
    assert_eq!(strange_glossary("", &code, &["Escalated"]).len(), 1);
}

#[test]
fn the_lifecycles_page_is_the_codes() {
    assert!(
        page("docs/case-lifecycle.md") == case::lifecycle::document(),
        "run the test `document` of crate `case` with ODR_UPDATE=1"
    );
}
