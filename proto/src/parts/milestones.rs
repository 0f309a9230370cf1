//! When what happened in a case.

use case::milestones::{Handling, Milestones, Negotiation, Settlement};

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::v1;
use crate::scalar::{Read, authority, instant, listed, maybe_instant, required, timestamp, uscc};

impl From<&Negotiation> for v1::Negotiation {
    fn from(negotiation: &Negotiation) -> Self {
        Self {
            enterprise: negotiation.enterprise.as_str().to_owned(),
            registry_version: negotiation.registry_version,
            started_at: Some(timestamp(negotiation.started_at)),
            due: Some((&negotiation.due).into()),
            acknowledged_at: negotiation.acknowledged_at.map(timestamp),
            answered_at: negotiation.answered_at.map(timestamp),
            ended_at: negotiation.ended_at.map(timestamp),
            failed: negotiation.failed.map(Listed::number),
        }
    }
}

impl TryFrom<v1::Negotiation> for Negotiation {
    type Error = DecodeError;

    fn try_from(negotiation: v1::Negotiation) -> Read<Self> {
        let failed = negotiation
            .failed
            .map(|why| listed(why, "Negotiation.failed"));
        Ok(Self {
            enterprise: uscc(&negotiation.enterprise, "Negotiation.enterprise")?,
            registry_version: negotiation.registry_version,
            started_at: instant(negotiation.started_at, "Negotiation.started_at")?,
            due: required(negotiation.due, "Negotiation.due")?.try_into()?,
            acknowledged_at: maybe_instant(
                negotiation.acknowledged_at,
                "Negotiation.acknowledged_at",
            )?,
            answered_at: maybe_instant(negotiation.answered_at, "Negotiation.answered_at")?,
            ended_at: maybe_instant(negotiation.ended_at, "Negotiation.ended_at")?,
            failed: failed.transpose()?,
        })
    }
}

impl From<&Handling> for v1::Handling {
    fn from(handling: &Handling) -> Self {
        Self {
            authority: handling.authority.as_str().to_owned(),
            received_at: Some(timestamp(handling.received_at)),
            decide_by: Some((&handling.decide_by).into()),
            decided_at: handling.decided_at.map(timestamp),
            accepted_at: handling.accepted_at.map(timestamp),
            mediation_due: handling.mediation_due.as_ref().map(Into::into),
            ended_at: handling.ended_at.map(timestamp),
        }
    }
}

impl TryFrom<v1::Handling> for Handling {
    type Error = DecodeError;

    fn try_from(handling: v1::Handling) -> Read<Self> {
        Ok(Self {
            authority: authority(&handling.authority, "Handling.authority")?,
            received_at: instant(handling.received_at, "Handling.received_at")?,
            decide_by: required(handling.decide_by, "Handling.decide_by")?.try_into()?,
            decided_at: maybe_instant(handling.decided_at, "Handling.decided_at")?,
            accepted_at: maybe_instant(handling.accepted_at, "Handling.accepted_at")?,
            mediation_due: handling.mediation_due.map(TryInto::try_into).transpose()?,
            ended_at: maybe_instant(handling.ended_at, "Handling.ended_at")?,
        })
    }
}

impl From<&Settlement> for v1::Settlement {
    fn from(settlement: &Settlement) -> Self {
        Self {
            how: settlement.how.number(),
            at: Some(timestamp(settlement.at)),
            reliefs: settlement.reliefs.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<v1::Settlement> for Settlement {
    type Error = DecodeError;

    fn try_from(settlement: v1::Settlement) -> Read<Self> {
        Ok(Self {
            how: listed(settlement.how, "Settlement.how")?,
            at: instant(settlement.at, "Settlement.at")?,
            reliefs: settlement
                .reliefs
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Read<_>>()?,
        })
    }
}

impl From<&Milestones> for v1::Milestones {
    fn from(milestones: &Milestones) -> Self {
        Self {
            filed_at: Some(timestamp(milestones.filed_at)),
            negotiation: milestones.negotiation.as_ref().map(Into::into),
            escalated_at: milestones.escalated_at.map(timestamp),
            handling: milestones.handling.as_ref().map(Into::into),
            settlement: milestones.settlement.as_ref().map(Into::into),
            closed_at: milestones.closed_at.map(timestamp),
        }
    }
}

impl TryFrom<v1::Milestones> for Milestones {
    type Error = DecodeError;

    fn try_from(milestones: v1::Milestones) -> Read<Self> {
        Ok(Self {
            filed_at: instant(milestones.filed_at, "Milestones.filed_at")?,
            negotiation: milestones.negotiation.map(TryInto::try_into).transpose()?,
            escalated_at: maybe_instant(milestones.escalated_at, "Milestones.escalated_at")?,
            handling: milestones.handling.map(TryInto::try_into).transpose()?,
            settlement: milestones.settlement.map(TryInto::try_into).transpose()?,
            closed_at: maybe_instant(milestones.closed_at, "Milestones.closed_at")?,
        })
    }
}
