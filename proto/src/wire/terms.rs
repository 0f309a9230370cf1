//! Terms that are offered, and the bytes agreed terms are hashed by.

use case::ids::{Fen, TextRef};
use case::terms::{Payer, Relief, Terms};
use chrono::NaiveDate;
use prost::Message;

use crate::listed::Listed;
use crate::odr::case::v1;
use crate::odr::mediation::v1::OfferedTerms;
use crate::scalar::plain_day;
use crate::wire::FieldError;

/// The most reliefs that terms may have.
const MAX_RELIEFS: usize = 8;

/// The reliefs of a message; paths in errors begin with `reliefs`.
///
/// # Errors
/// None or more than eight, a kind that is not in the list, a negative amount: all that is wrong.
pub fn reliefs(messages: &[v1::Relief]) -> Result<Vec<Relief>, Vec<FieldError>> {
    let mut errors = Vec::new();
    if messages.is_empty() || messages.len() > MAX_RELIEFS {
        errors.push(FieldError::new("reliefs", "must have 1 to 8 entries"));
    }
    let mut reliefs = Vec::new();
    for (place, message) in messages.iter().take(MAX_RELIEFS).enumerate() {
        let kind = Listed::from_number(message.kind);
        if kind.is_none() {
            errors.push(FieldError::new(
                format!("reliefs[{place}].kind"),
                "must be a kind of relief",
            ));
        }
        if message.amount_fen < 0 {
            errors.push(FieldError::new(
                format!("reliefs[{place}].amount_fen"),
                "must be 0 or more",
            ));
        }
        let amount = Fen(message.amount_fen);
        reliefs.extend(kind.map(|kind| Relief { kind, amount }));
    }
    if errors.is_empty() {
        Ok(reliefs)
    } else {
        Err(errors)
    }
}

/// The terms of an offer. `text` refers to its free text, which the caller has taken; `perform_by` counts when the
/// offer names no day.
///
/// # Errors
/// All fields that break a rule, with paths inside the message.
pub fn offered_terms(
    offered: &OfferedTerms,
    text: Option<TextRef>,
    perform_by: NaiveDate,
) -> Result<Terms, Vec<FieldError>> {
    let (reliefs, mut errors) = match reliefs(&offered.reliefs) {
        Ok(reliefs) => (reliefs, Vec::new()),
        Err(errors) => (Vec::new(), errors),
    };
    let payer = match offered.payer {
        0 => Some(Payer::Enterprise),
        number => Payer::from_number(number),
    };
    if payer.is_none() {
        errors.push(FieldError::new("payer", "must be one who pays"));
    }
    let perform_by = match offered.perform_by.as_str() {
        "" => Some(perform_by),
        day => plain_day(day),
    };
    if perform_by.is_none() {
        errors.push(FieldError::new("perform_by", "must be a day YYYY-MM-DD"));
    }
    match (payer, perform_by) {
        (Some(payer), Some(perform_by)) if errors.is_empty() => Ok(Terms {
            reliefs,
            payer,
            perform_by,
            text,
        }),
        _ => Err(errors),
    }
}

/// The bytes of terms, the same for equal terms: what a hash of agreed terms is taken over.
pub fn terms_bytes(terms: &Terms) -> Vec<u8> {
    v1::Terms::from(terms).encode_to_vec()
}
