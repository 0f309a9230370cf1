//! Standard output that whoever reads it may close early: `odrctl … | head` is no error.

use std::io::Write;

/// Writes text; a reader that has gone misses the rest.
pub(crate) fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _gone = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Writes a line.
pub(crate) fn line(text: impl std::fmt::Display) {
    out(&format!("{text}\n"));
}
