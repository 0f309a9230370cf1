//! How pages of enterprises follow each other: the most complaints first, equals in the order of their codes.
//!
//! Counts move while somebody turns pages. An enterprise whose count does not change is met exactly once.

use case::Uscc;

const CODE: usize = 18;
const BYTES: usize = 8 + CODE + 8;

/// The place after an enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Complaints against it.
    pub(crate) filed: i64,
    /// Its credit code.
    pub(crate) enterprise: String,
}

impl Cursor {
    /// Before the first enterprise.
    pub(crate) const fn start() -> Self {
        Self {
            filed: i64::MAX,
            enterprise: String::new(),
        }
    }

    /// The token of this place; `question` tells one list from another.
    pub(crate) fn token(&self, question: [u8; 8]) -> String {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&self.filed.to_be_bytes());
        bytes.extend_from_slice(self.enterprise.as_bytes());
        bytes.extend_from_slice(&question);
        hex::encode(bytes)
    }

    /// The place of a token; `None` unless it was given for the same question.
    pub(crate) fn read(token: &str, question: [u8; 8]) -> Option<Self> {
        let mut bytes = [0; BYTES];
        hex::decode_to_slice(token, &mut bytes).ok()?;
        let (filed, rest) = bytes.split_first_chunk::<8>()?;
        let (code, asked) = rest.split_first_chunk::<CODE>()?;
        let code = Uscc::parse(std::str::from_utf8(code).ok()?)?;
        let filed = i64::from_be_bytes(*filed);
        (asked == question && filed > 0).then(|| Self {
            filed,
            enterprise: code.as_str().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: [u8; 8] = [1; 8];

    fn cursor(filed: i64) -> Cursor {
        Cursor {
            filed,
            enterprise: "91110000600037341L".to_owned(),
        }
    }

    #[test]
    fn a_token_leads_back_to_its_place() {
        for filed in [1, 12, i64::MAX] {
            let token = cursor(filed).token(QUESTION);
            assert_eq!(Cursor::read(&token, QUESTION), Some(cursor(filed)));
        }
    }

    #[test]
    fn other_tokens_are_told() {
        let token = cursor(3).token(QUESTION);
        let bad_code = token.replacen("39", "38", 1);
        for wrong in ["", "0", "zz", &token[2..], &format!("{token}00"), &bad_code] {
            assert_eq!(Cursor::read(wrong, QUESTION), None, "{wrong}");
        }
        assert_eq!(Cursor::read(&token, [2; 8]), None);
        assert_eq!(Cursor::read(&cursor(0).token(QUESTION), QUESTION), None);
        assert_eq!(Cursor::read(&cursor(-1).token(QUESTION), QUESTION), None);
    }
}
