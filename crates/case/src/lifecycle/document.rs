//! The lifecycle as a page for people, written from the code.

/// `docs/case-lifecycle.md`.
pub fn document() -> String {
    String::new()
}
