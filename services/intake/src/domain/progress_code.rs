//! Progress codes: whoever holds one may ask where a case stands, without an account.
//!
//! A code is 100 bits of a keyed HMAC-SHA-256 of the case id, written in five groups of four characters of a
//! base 32 without I, L, O and U. It is in no event and in no stored answer: it can be made again at any time, and is
//! found again by its SHA-256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const DOMAIN_TAG: &[u8] = b"odr.progress.v1";
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code without hyphens, five bits each.
const LENGTH: usize = 20;
const GROUP: usize = 4;

/// Makes progress codes under one key.
pub(crate) struct ProgressCodes {
    keyed: Hmac<Sha256>,
}

impl ProgressCodes {
    /// A maker with its key.
    pub(crate) fn new(key: &[u8]) -> Self {
        let keyed = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self { keyed }
    }

    /// The code of a case, like `7K2M-0Q4X-ZT9A-B3CD-EFGH`.
    pub(crate) fn of(&self, case_id: Uuid) -> String {
        let plain = self.plain(case_id);
        let mut code = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (place, character) in plain.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                code.push('-');
            }
            code.push(*character as char);
        }
        code
    }

    /// What the code of a case is found by.
    pub(crate) fn lookup_hash(&self, case_id: Uuid) -> [u8; 32] {
        Sha256::digest(self.plain(case_id)).into()
    }

    fn plain(&self, case_id: Uuid) -> [u8; LENGTH] {
        let mut mac = self.keyed.clone();
        mac.update(DOMAIN_TAG);
        mac.update(case_id.as_bytes());
        let tag: [u8; 32] = mac.finalize().into_bytes().into();
        let (head, _) = tag.split_first_chunk::<16>().expect("32 bytes hold 16");
        let mut bits = u128::from_be_bytes(*head);
        std::array::from_fn(|_| {
            let five = (bits >> 123) as usize;
            bits <<= 5;
            ALPHABET[five]
        })
    }
}

/// What a code as somebody wrote it is found by: case, hyphens and spaces do not matter, O and I and L are read as the
/// digits they look like. `None` when it cannot be a code.
pub(crate) fn hash_of(written: &str) -> Option<[u8; 32]> {
    if !(16..=40).contains(&written.len()) {
        return None;
    }
    let mut plain = [0; LENGTH];
    let mut length = 0;
    for byte in written.bytes().filter(|byte| !matches!(byte, b'-' | b' ')) {
        let character = match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        if length == LENGTH || !ALPHABET.contains(&character) {
            return None;
        }
        plain[length] = character;
        length += 1;
    }
    (length == LENGTH).then(|| Sha256::digest(plain).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_written() {
        let codes = ProgressCodes::new(&[7; 32]);
        let case_id = Uuid::from_u128(42);
        let code = codes.of(case_id);
        assert_eq!(code.len(), 24);
        let loose = code.to_lowercase().replace('-', "");
        let spaced = format!(" {} ", code.replace('-', "  "));
        let misread = code.replace('0', "O").replace('1', "l");
        for written in [code.clone(), loose, spaced, misread] {
            assert_eq!(
                hash_of(&written),
                Some(codes.lookup_hash(case_id)),
                "{written}"
            );
        }
    }

    #[test]
    fn what_is_no_code_is_not_looked_up() {
        for written in [
            "",
            "7K2M-0Q4X-ZT9A-B3CD",
            "7K2M-0Q4X-ZT9A-B3CD-EFGHJ",
            "7K2M-0Q4X-ZT9A-B3CD-EFGU",
            "7K2M_0Q4X_ZT9A_B3CD_EFGH",
            "7K2M-0Q4X-ZT9A-B3CD-EFG字",
            "7K2M                  0Q4X ZT9A B3CD EFGH",
        ] {
            assert_eq!(hash_of(written), None, "{written}");
        }
    }

    #[test]
    fn codes_differ_by_case_and_by_key() {
        let (one, other) = (ProgressCodes::new(&[1; 32]), ProgressCodes::new(&[2; 32]));
        let codes: std::collections::BTreeSet<String> = (0..1000)
            .map(Uuid::from_u128)
            .flat_map(|id| [one.of(id), other.of(id)])
            .collect();
        assert_eq!(codes.len(), 2000);
        assert!(
            codes
                .iter()
                .all(|code| !code.contains(['I', 'L', 'O', 'U']))
        );
    }
}
