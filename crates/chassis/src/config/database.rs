//! The database's URL together with a password that came in a file.

use std::fmt::Write;

use super::{Common, Secret};

impl Common {
    /// The URL to connect with.
    pub fn database(&self) -> Secret {
        let url = self.database_url.expose();
        match (&self.database_password, parts(url)) {
            (Some(password), Some((scheme, user, rest))) => {
                let password = escaped(password.expose());
                Secret::from(format!("{scheme}://{user}:{password}@{rest}"))
            }
            _ => self.database_url.clone(),
        }
    }
}

/// Whether the URL names a user and no password.
pub(super) fn takes_a_password(url: &str) -> bool {
    parts(url).is_some_and(|(_, user, _)| !user.is_empty() && !user.contains(':'))
}

/// Scheme, user and what follows the `@`.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let place = rest.split(['/', '?']).next()?;
    let at = place.rfind('@')?;
    Some((scheme, &rest[..at], &rest[at + 1..]))
}

/// Percent-encoded, but for what a URL takes anywhere.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").expect("a String takes everything");
        }
    }
    escaped
}
