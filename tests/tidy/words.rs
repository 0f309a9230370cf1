//! Words that code must not have: those of cases in the chassis.

use crate::repository::SOURCES;
use crate::source::Source;
use crate::{Findings, holds, tells_apart};

/// Words of a dispute. "Consumer" is left out: Kafka has consumers too.
const CASE_WORDS: [&str; 10] = [
    "case",
    "complaint",
    "enterprise",
    "authority",
    "negotiation",
    "mediation",
    "settlement",
    "withdrawal",
    "escalation",
    "jurisdiction",
];

/// What the chassis says nevertheless: the span field, the operations API, which people use, and SQL's own word.
const EXCEPT: [&str; 6] = [
    "case.id",
    "case_id",
    "unblock_case",
    "UnblockCase",
    "\"case\"",
    "case when",
];

fn case_words_in_chassis(sources: &[Source]) -> Findings {
    let mut findings = Findings::new();
    for source in sources.iter().filter(|source| applies(source)) {
        for (number, line) in source.code() {
            let cleaned = EXCEPT
                .iter()
                .fold(line.to_owned(), |line, word| line.replace(word, ""));
            let found = words(&cleaned).find(|word| CASE_WORDS.contains(&word.as_str()));
            findings.extend(
                found.map(|word| source.at(number, format_args!("the chassis knows no {word}"))),
            );
        }
    }
    findings
}

/// Who acts is told by kind, so the principal alone knows what an enterprise is.
fn applies(source: &Source) -> bool {
    let in_chassis = source.path.starts_with("crates/chassis/src/")
        || source.path.starts_with("crates/chassis/migrations/");
    in_chassis && !source.is_test() && !source.path.contains("/src/principal")
}

/// The words of a line: identifiers taken apart at `_` and at capitals, in small letters.
fn words(line: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut small_before = false;
    for character in line.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && small_before) {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            let last = words.last_mut().expect("it begins with one");
            last.extend(character.to_lowercase());
        }
        small_before = character.is_lowercase();
    }
    words.into_iter().filter(|word| !word.is_empty())
}

#[test]
fn the_chassis_knows_no_case() {
    holds("words of a case", &case_words_in_chassis(&SOURCES));
    tells_apart(
        case_words_in_chassis,
        &[
            (
                "crates/chassis/src/x.rs",
                "tracing::info!(case.id = %subject); // a case\nlet lower_cases = to_uppercase();",
            ),
            (
                "crates/chassis/src/ops.rs",
                "async fn unblock_case(&self, request: Request<pb::UnblockCaseRequest>)",
            ),
            ("crates/chassis/src/principal.rs", "Enterprise,"),
            ("crates/docket/src/x.rs", "use case::Case;"),
        ],
        &[
            ("crates/chassis/src/x.rs", "struct CaseRow;"),
            ("crates/chassis/src/x.rs", "let next_complaint = 1;"),
            (
                "crates/chassis/migrations/0001_x.sql",
                "create table chassis.enterprise (",
            ),
        ],
    );
}
