//! Page tokens: where the page before ended, and of which list.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Before every complaint: where a first page begins.
pub(super) fn start() -> (DateTime<Utc>, Uuid) {
    (
        DateTime::from_timestamp(253_402_300_799, 0).expect("the end of the year 9999"),
        Uuid::max(),
    )
}

/// Four bytes that differ between lists.
pub(super) fn list_of(space: &str, scope: (&str, &str), states: &[i32]) -> [u8; 4] {
    let mut digest = Sha256::new();
    for part in [space, scope.0, scope.1] {
        digest.update(part);
        digest.update([0]);
    }
    states
        .iter()
        .for_each(|state| digest.update(state.to_be_bytes()));
    let whole: [u8; 32] = digest.finalize().into();
    [whole[0], whole[1], whole[2], whole[3]]
}

/// The token of the page after this complaint.
pub(super) fn after(list: [u8; 4], filed_at: DateTime<Utc>, subject: Uuid) -> String {
    let mut bytes = Vec::with_capacity(28);
    bytes.extend_from_slice(&list);
    bytes.extend_from_slice(&filed_at.timestamp_micros().to_be_bytes());
    bytes.extend_from_slice(subject.as_bytes());
    hex::encode(bytes)
}

/// The place a token of this list names; `None` for any other text.
pub(super) fn read(list: [u8; 4], token: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let bytes: [u8; 28] = hex::decode(token).ok()?.try_into().ok()?;
    let (own, rest) = bytes.split_first_chunk::<4>()?;
    let (micros, subject) = rest.split_first_chunk::<8>()?;
    let filed_at = DateTime::from_timestamp_micros(i64::from_be_bytes(*micros))
        .filter(|at| *at <= start().0)?;
    (*own == list).then_some((filed_at, Uuid::from_slice(subject).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_place_in_its_own_list_only() {
        let (mine, other) = (
            list_of("main", ("party", "c-1"), &[1]),
            list_of("main", ("party", "c-1"), &[]),
        );
        let place = (
            DateTime::from_timestamp_micros(1_764_000_000_000_001).unwrap(),
            Uuid::from_u128(7),
        );
        let token = after(mine, place.0, place.1);
        assert_eq!(read(mine, &token), Some(place));
        assert_eq!(read(other, &token), None);
        for broken in ["", "zz", &token[2..], &format!("{token}00"), "字"] {
            assert_eq!(read(mine, broken), None, "{broken}");
        }
        assert_ne!(list_of("a", ("bc", ""), &[]), list_of("ab", ("c", ""), &[]));
    }
}
