//! How pages follow each other: after the last row's due instant and case id, for the same question only.
//!
//! The order is (due instant, case id), what never falls due last. A case whose due instant does not change is met
//! exactly once, whatever is filed or closed between two pages; one whose instant moves is met where it then stands.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::listing::never;

const BYTES: usize = 8 + 16 + 8;

/// The place after a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    /// Due instant of the row, whole microseconds.
    pub(crate) due_at: DateTime<Utc>,
    /// Its case.
    pub(crate) case_id: Uuid,
}

impl Cursor {
    /// Before the first row.
    pub(crate) fn start() -> Self {
        Self {
            due_at: DateTime::UNIX_EPOCH,
            case_id: Uuid::nil(),
        }
    }

    /// The token of this place; `question` tells one list from another.
    pub(crate) fn token(&self, question: [u8; 8]) -> String {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&self.due_at.timestamp_micros().to_be_bytes());
        bytes[8..24].copy_from_slice(self.case_id.as_bytes());
        bytes[24..].copy_from_slice(&question);
        hex::encode(bytes)
    }

    /// The place of a token; `None` unless it was given for the same question.
    pub(crate) fn read(token: &str, question: [u8; 8]) -> Option<Self> {
        let mut bytes = [0; BYTES];
        hex::decode_to_slice(token, &mut bytes).ok()?;
        let (due, rest) = bytes.split_first_chunk::<8>()?;
        let (case_id, asked) = rest.split_first_chunk::<16>()?;
        let cursor = Self {
            due_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*due))?,
            case_id: Uuid::from_bytes(*case_id),
        };
        let fits = (Self::start().due_at..=never()).contains(&cursor.due_at);
        (asked == question && fits).then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: [u8; 8] = [1; 8];

    #[test]
    fn a_token_leads_back_to_its_place() {
        for due_at in [DateTime::UNIX_EPOCH, never()] {
            let case_id = Uuid::from_u128(7);
            let cursor = Cursor { due_at, case_id };
            assert_eq!(
                Cursor::read(&cursor.token(QUESTION), QUESTION),
                Some(cursor)
            );
        }
    }

    #[test]
    fn other_tokens_are_told() {
        let token = Cursor::start().token(QUESTION);
        let far = "ff".repeat(8) + &token[16..];
        for wrong in [
            "",
            "0",
            "zz",
            &token[2..],
            &format!("{token}00"),
            &format!("7{}", &token[1..]),
            &far,
        ] {
            assert_eq!(Cursor::read(wrong, QUESTION), None, "{wrong}");
        }
        assert_eq!(Cursor::read(&token, [2; 8]), None);
    }
}
