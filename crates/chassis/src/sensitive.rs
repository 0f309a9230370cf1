//! Keeps personal data out of logs: a wrapper that prints nothing of what it holds.

use std::fmt;

/// A personal value (name, phone, address, free text); `Debug` and `Display` print `[redacted]`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Wraps a personal value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the place that stores or answers it.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Changes the value without unwrapping it.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sensitive<U> {
        Sensitive(change(self.0))
    }
}

impl<T> AsRef<T> for Sensitive<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_printing_shows_the_value() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "read by the derived Debug only")]
        struct Party {
            name: Sensitive<String>,
            phones: Vec<Sensitive<&'static str>>,
        }
        let party = Party {
            name: "Zhang San".to_owned().into(),
            phones: vec![Sensitive::new("13800000000")],
        };
        for printed in [
            format!("{party:?}"),
            format!("{party:#?}"),
            format!("{}", party.name),
        ] {
            assert!(printed.contains("[redacted]"), "{printed}");
            assert!(
                !printed.contains("Zhang") && !printed.contains("138"),
                "{printed}"
            );
        }
        assert_eq!(party.name.map(|name| name.len()).into_inner(), 9);
    }
}
