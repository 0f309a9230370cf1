//! Identifiers and small values: case ids, text references, credit codes, money.

use std::fmt;

use uuid::Uuid;

/// A case's id: UUIDv7 for filed cases, UUIDv5 of parent and ordinal for derived ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId(pub Uuid);

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An opaque reference to a party, kept by intake; it says nothing about the person. 1 to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartyRef(String);

impl PartyRef {
    /// `None` unless 1 to 64 of `[A-Za-z0-9._:-]`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that the service which took it keeps: its id, and the salted hash by which whoever holds the text can verify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextRef {
    /// Id of the text in the database of the service that took it.
    pub id: Uuid,
    /// SHA-256 over salt and text.
    pub hash: [u8; 32],
}

/// A unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters, the last one a check character.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uscc(String);

const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

impl Uscc {
    /// Parses 18 characters of the code's alphabet with a right check character; `None` otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let fits =
            bytes.len() == 18 && Self::check_character(&text[..17])? == *bytes.last()? as char;
        fits.then(|| Self(text.to_owned()))
    }

    /// The check character of the first 17 characters (GB 32100-2015: weights are powers of 3 modulo 31).
    pub fn check_character(first_17: &str) -> Option<char> {
        if first_17.len() != 17 {
            return None;
        }
        let mut weight = 1;
        let mut sum = 0;
        for byte in first_17.bytes() {
            let value = USCC_ALPHABET.iter().position(|b| *b == byte)?;
            sum += value * weight;
            weight = weight * 3 % 31;
        }
        Some(USCC_ALPHABET[(31 - sum % 31) % 31] as char)
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Money in fen (a hundredth of the currency unit); never negative in a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fen(pub i64);

#[cfg(test)]
mod tests {
    use super::Uscc;

    #[test]
    fn credit_codes_are_told_by_their_check_character() {
        for (text, valid) in [
            ("91110000600037341L", true),
            ("91350100M000100Y43", true),
            ("91110000600037341M", false),
            ("9111000060003734IL", false),
            ("91110000600037341", false),
            ("", false),
            ("91110000600037341é", false),
        ] {
            assert_eq!(Uscc::parse(text).is_some(), valid, "{text}");
        }
    }
}
