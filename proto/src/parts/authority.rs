//! Receipts by authorities, and outcomes.

use case::state::{Outcome, Receipt};

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::v1;
use crate::scalar::{
    Read, authorities, authority, authority_texts, garbage, instant, listed, required, timestamp,
    unit,
};

impl From<&Receipt> for v1::Receipt {
    fn from(receipt: &Receipt) -> Self {
        Self {
            authority: receipt.authority.as_str().to_owned(),
            level: receipt.level.number(),
            ancestors: authority_texts(&receipt.ancestors),
            unit: receipt.unit.as_str().to_owned(),
            received_at: Some(timestamp(receipt.received_at)),
            decide_by: Some((&receipt.decide_by).into()),
            rule_set: receipt.rule_set.number(),
            nth: receipt.nth,
        }
    }
}

impl TryFrom<v1::Receipt> for Receipt {
    type Error = DecodeError;

    fn try_from(receipt: v1::Receipt) -> Read<Self> {
        Ok(Self {
            authority: authority(&receipt.authority, "Receipt.authority")?,
            level: listed(receipt.level, "Receipt.level")?,
            ancestors: authorities(&receipt.ancestors, "Receipt.ancestors")?,
            unit: unit(&receipt.unit, "Receipt.unit")?,
            received_at: instant(receipt.received_at, "Receipt.received_at")?,
            decide_by: required(receipt.decide_by, "Receipt.decide_by")?.try_into()?,
            rule_set: listed(receipt.rule_set, "Receipt.rule_set")?,
            nth: receipt.nth,
        })
    }
}

impl From<Outcome> for v1::Outcome {
    fn from(outcome: Outcome) -> Self {
        let mut message = Self::default();
        let kind = match outcome {
            Outcome::SettledDirectly => v1::OutcomeKind::SettledDirectly,
            Outcome::Mediated => v1::OutcomeKind::Mediated,
            Outcome::Refused(ground) => {
                message.refusal_ground = ground.number();
                v1::OutcomeKind::Refused
            }
            Outcome::MediationEnded(ground) => {
                message.ending_ground = ground.number();
                v1::OutcomeKind::MediationEnded
            }
            Outcome::Withdrawn(reason) => {
                message.withdrawal_reason = reason.number();
                v1::OutcomeKind::Withdrawn
            }
            Outcome::NotEscalated => v1::OutcomeKind::NotEscalated,
        };
        message.set_kind(kind);
        message
    }
}

impl TryFrom<v1::Outcome> for Outcome {
    type Error = DecodeError;

    fn try_from(outcome: v1::Outcome) -> Read<Self> {
        let field = "Outcome.kind";
        let kind = v1::OutcomeKind::try_from(outcome.kind)
            .map_err(|_| DecodeError::UnknownValue { field })?;
        let read = match kind {
            v1::OutcomeKind::Unspecified => return Err(DecodeError::UnknownValue { field }),
            v1::OutcomeKind::SettledDirectly => Self::SettledDirectly,
            v1::OutcomeKind::Mediated => Self::Mediated,
            v1::OutcomeKind::Refused => {
                Self::Refused(listed(outcome.refusal_ground, "Outcome.refusal_ground")?)
            }
            v1::OutcomeKind::MediationEnded => {
                Self::MediationEnded(listed(outcome.ending_ground, "Outcome.ending_ground")?)
            }
            v1::OutcomeKind::Withdrawn => Self::Withdrawn(listed(
                outcome.withdrawal_reason,
                "Outcome.withdrawal_reason",
            )?),
            v1::OutcomeKind::NotEscalated => Self::NotEscalated,
        };
        // A ground that belongs to another outcome contradicts the kind.
        if v1::Outcome::from(read) == outcome {
            Ok(read)
        } else {
            Err(garbage("Outcome"))
        }
    }
}
