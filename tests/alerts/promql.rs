//! The names a PromQL query uses, read as far as that needs: `promtool` checks the rest of its grammar.

use std::collections::BTreeSet;

/// Words that are no names.
const WORDS: [&str; 12] = [
    "and",
    "bool",
    "by",
    "group_left",
    "group_right",
    "ignoring",
    "inf",
    "nan",
    "offset",
    "on",
    "or",
    "unless",
];
/// Words before a list of labels in parentheses.
const BEFORE_LABELS: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];

/// What a query names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Metrics' series.
    pub(crate) series: BTreeSet<String>,
    /// Labels.
    pub(crate) labels: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Mark(char),
}

/// Reads a query.
pub(crate) fn names(query: &str) -> Names {
    let tokens = tokens(query);
    let mut names = Names::default();
    let (mut in_braces, mut in_labels, mut in_range) = (false, false, false);
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let opens_labels =
            matches!(before, Some(Token::Word(word)) if BEFORE_LABELS.contains(&word.as_str()));
        match token {
            Token::Mark('{') => in_braces = true,
            Token::Mark('}') => in_braces = false,
            Token::Mark('[') => in_range = true,
            Token::Mark(']') => in_range = false,
            Token::Mark('(') => in_labels = opens_labels,
            Token::Mark(')') => in_labels = false,
            Token::Mark(_) => {}
            Token::Word(_) if in_range => {}
            Token::Word(word) if in_braces || in_labels => {
                names.labels.insert(word.clone());
            }
            Token::Word(word) => {
                let is_function = tokens.get(at + 1) == Some(&Token::Mark('('));
                let is_aggregation = BEFORE_LABELS
                    .iter()
                    .any(|by| tokens.get(at + 1) == Some(&Token::Word((*by).to_owned())));
                if !is_function && !is_aggregation && !WORDS.contains(&word.as_str()) {
                    names.series.insert(word.clone());
                }
            }
        }
    }
    names
}

/// Words and marks; texts, numbers and durations are left out.
fn tokens(query: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '"' {
            let mut escaped = false;
            for inner in rest.by_ref() {
                if inner == '"' && !escaped {
                    break;
                }
                escaped = inner == '\\' && !escaped;
            }
        } else if character.is_ascii_alphanumeric() || character == '_' || character == '$' {
            let mut word = String::from(character);
            while let Some(more) = rest.next_if(|c| c.is_ascii_alphanumeric() || "_:.".contains(*c))
            {
                word.push(more);
            }
            if !character.is_ascii_digit() {
                tokens.push(Token::Word(word));
            }
        } else if !character.is_whitespace() {
            tokens.push(Token::Mark(character));
        }
    }
    tokens
}

#[test]
fn names_are_found_wherever_they_stand() {
    let query = "histogram_quantile(0.99, sum by (a, le) (rate(x_bucket{b=~\"c_d|e\",f!=\"\"}[5m]))) > 1e3 \
                 and on (g) group_left (h) sum(y offset 5m) by (i) or label_replace(z, \"j\", \"k\", \"\", \"\")";
    let found = names(query);
    let set = |words: &str| words.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(found.series, set("x_bucket y z"));
    assert_eq!(found.labels, set("a b f g h i le"));
}
