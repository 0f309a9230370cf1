//! One text file as rules see it: its lines, its code without comments and tests, the paths it uses.

/// A text file of the repository.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Path from the root.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
}

/// A path that code names, `use` trees unfolded: `use a::{b, c::D};` names `a::b` and `a::c::D`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Line, from 1.
    pub(crate) line: usize,
    /// The path, as written.
    pub(crate) path: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The file holds nothing but tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
    }

    /// Lines with their numbers, items behind `#[cfg(test)]` left out.
    pub(crate) fn without_tests(&self) -> Vec<(usize, &str)> {
        let mut kept = Vec::new();
        let mut lines = self
            .text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line));
        while let Some((number, line)) = lines.next() {
            if line.trim() == "#[cfg(test)]" && self.is_rust() {
                skip_item(&mut lines, indentation(line));
            } else {
                kept.push((number, line));
            }
        }
        kept
    }

    /// The same, comments left out too.
    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        let uncommented = |(number, line): (usize, &'_ str)| {
            let mark = if self.path.ends_with(".sql") {
                "--"
            } else {
                "//"
            };
            let code = match line.find(mark) {
                Some(0) => "",
                // `http://` is no comment
                Some(at) if line[..at].ends_with(char::is_whitespace) => &line[..at],
                _ => line,
            };
            (number, code.len())
        };
        let lengths = self
            .without_tests()
            .into_iter()
            .map(|(number, line)| (uncommented((number, line)), line));
        lengths
            .map(|((number, length), line)| (number, &line[..length]))
            .collect()
    }

    /// Every path that the code names.
    pub(crate) fn mentions(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        let mut tree: Option<(usize, String)> = None;
        for (number, line) in self.code() {
            if tree.is_none() {
                match use_tree(line) {
                    Some(start) => tree = Some((number, start.to_owned())),
                    None => found.extend(paths_in(line).map(|path| Mention { line: number, path })),
                }
            } else if let Some((_, text)) = &mut tree {
                text.push_str(line.trim());
            }
            if let Some((start, text)) = tree.take_if(|(_, text)| text.ends_with(';')) {
                let unfolded = unfold("", text.trim_end_matches(';'));
                found.extend(
                    unfolded
                        .into_iter()
                        .map(|path| Mention { line: start, path }),
                );
            }
        }
        found
    }

    /// A finding in this file.
    pub(crate) fn at(&self, line: usize, what: impl std::fmt::Display) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Skips the item behind an attribute: to its semicolon, or to the brace that closes it at the same indentation.
fn skip_item<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>, level: usize) {
    let mut within = false;
    for (_, line) in lines {
        let trimmed = line.trim();
        let closes = trimmed.starts_with('}') && indentation(line) == level;
        let whole = !within
            && (trimmed.ends_with(';') || (trimmed.ends_with('}') && trimmed.contains('{')));
        if closes || whole {
            return;
        }
        within |= trimmed.ends_with('{');
    }
}

fn use_tree(line: &str) -> Option<&str> {
    let line = line.trim();
    let visible = line
        .strip_prefix("pub ")
        .or_else(|| line.strip_prefix("pub(crate) "))
        .or_else(|| line.strip_prefix("pub(super) "))
        .unwrap_or(line);
    visible.strip_prefix("use ")
}

/// The paths of a `use` tree.
fn unfold(before: &str, tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let named = tree.split(" as ").next().unwrap_or(tree);
        let whole = format!("{before}{named}");
        return vec![whole.trim_end_matches("::self").to_owned()];
    };
    let before = format!("{before}{}", &tree[..open]);
    let inner = tree[open + 1..].trim_end().trim_end_matches('}');
    let inner = if tree.matches('{').count() == tree.matches('}').count() {
        &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())]
    } else {
        inner
    };
    let branches = split_at_commas(inner);
    branches
        .into_iter()
        .flat_map(|branch| unfold(&before, branch))
        .collect()
}

fn split_at_commas(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .collect()
}

/// Words with `::` in a line of code.
fn paths_in(line: &str) -> impl Iterator<Item = String> {
    let in_path =
        |character: char| character.is_alphanumeric() || character == '_' || character == ':';
    line.split(move |character| !in_path(character))
        .filter(|word| word.contains("::"))
        .map(|word| word.trim_matches(':').to_owned())
        .collect::<Vec<_>>()
        .into_iter()
}

#[test]
fn tests_and_comments_are_no_code() {
    let text = "//! doc\nuse a::B; // why\n#[cfg(test)]\nmod tests;\nfn f() {}\n    #[cfg(test)]\n    fn g() {\n        x();\n    }\nlet u = \"http://h\";\n#[cfg(test)]\n#[path = \"t.rs\"]\nmod tests {\n    fn h() {\n    }\n}\nfn i() {}";
    let source = Source::new("src/x.rs", text);
    let code: Vec<&str> = source.code().iter().map(|(_, line)| line.trim()).collect();
    assert_eq!(
        code,
        [
            "",
            "use a::B;",
            "fn f() {}",
            "let u = \"http://h\";",
            "fn i() {}"
        ]
    );
}

#[test]
fn use_trees_are_unfolded() {
    let text = "use a::{b, c::{D, e as f}, self};\npub(crate) use x::{\n    y::Z,\n    w,\n};\nfn g(h: i::J) -> Vec<k::l::M> {}";
    let mentions = Source::new("src/x.rs", text).mentions();
    let found: Vec<(usize, &str)> = mentions
        .iter()
        .map(|mention| (mention.line, mention.path.as_str()))
        .collect();
    let wanted = [
        (1, "a::b"),
        (1, "a::c::D"),
        (1, "a::c::e"),
        (1, "a"),
        (2, "x::y::Z"),
        (2, "x::w"),
        (6, "i::J"),
        (6, "k::l::M"),
    ];
    assert_eq!(found, wanted);
}
