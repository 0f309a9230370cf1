//! The commands of a runbook, as they stand on its page.

use anyhow::{Context, Result, ensure};
use devstack::root;

/// The indented lines under a heading of `docs/runbooks/PAGE.md`.
pub(crate) fn commands(page: &str, heading: &str) -> Result<String> {
    let path = root().join("docs/runbooks").join(format!("{page}.md"));
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let title = format!("## {heading}");
    let section = text.lines().skip_while(|line| *line != title).skip(1);
    let lines: Vec<&str> = section
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("    "))
        .collect();
    ensure!(!lines.is_empty(), "{page} has no commands under {heading}");
    Ok(lines.join("\n"))
}
