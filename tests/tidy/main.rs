//! The repository's own rules, as tests: who may know whom, how files look, what the pages promise.
//!
//! Every rule is a function from files to findings, so that a bad sample proves that it can fail.

mod arrows;
mod banned;
mod features;
mod imports;
mod observability;
mod pages;
mod released;
mod repository;
mod shape;
mod source;
mod words;

/// What a rule found, one line each: `path:line: what`. Empty when the rule holds.
type Findings = Vec<String>;

/// Fails with everything a rule found.
#[track_caller]
fn holds(rule: &str, findings: &Findings) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

/// Fails unless a rule finds exactly one thing in each bad sample, and nothing in the good one.
#[track_caller]
fn tells_apart(
    rule: impl Fn(&[source::Source]) -> Findings,
    good: &[(&str, &str)],
    bad: &[(&str, &str)],
) {
    for (path, text) in good {
        let found = rule(&[source::Source::new(path, text)]);
        assert!(found.is_empty(), "{path} is good: {found:?}\n{text}");
    }
    for (path, text) in bad {
        let found = rule(&[source::Source::new(path, text)]);
        assert_eq!(found.len(), 1, "{path} is bad once: {found:?}\n{text}");
    }
}
