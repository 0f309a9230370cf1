//! Ids of the directory: texts whose shape has been checked once.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A text that has not the shape of the id asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdError {
    /// Not a region code.
    #[error("a region code is 2 to 12 ASCII letters or digits")]
    RegionCode,
    /// Not the id of an authority.
    #[error("an authority id is 1 to 32 ASCII letters, digits or hyphens")]
    AuthorityId,
    /// Not the id of a unit.
    #[error("a unit id is 1 to 32 ASCII letters, digits or hyphens")]
    UnitId,
}

/// Code of a region: 2 to 12 ASCII letters or digits (GB/T 2260 and deeper, or postal codes).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode(String);

/// Id of an authority: 1 to 32 ASCII letters, digits or hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorityId(String);

/// Id of a unit of an authority: 1 to 32 ASCII letters, digits or hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(String);

impl RegionCode {
    /// Checks the shape.
    ///
    /// # Errors
    /// The text is not 2 to 12 ASCII letters or digits.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let shaped =
            (2..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::RegionCode)
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AuthorityId {
    /// Checks the shape.
    ///
    /// # Errors
    /// The text is not 1 to 32 ASCII letters, digits or hyphens.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if is_name(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::AuthorityId)
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UnitId {
    /// Checks the shape.
    ///
    /// # Errors
    /// The text is not 1 to 32 ASCII letters, digits or hyphens.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if is_name(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::UnitId)
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl Borrow<str> for RegionCode {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AuthorityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RegionCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl FromStr for AuthorityId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl FromStr for UnitId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}
