//! Where a stored case stands: one message a state.

use case::CaseState;
use case::terms::Offer;

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::store::v1;
use crate::odr::case::store::v1::case::State;
use crate::odr::case::v1 as shared;
use crate::parts::{heads, notice_heads};
use crate::scalar::{
    Read, authority, instant, listed, maybe_instant, maybe_uscc, required, timestamp, uscc,
};

impl From<&CaseState> for State {
    fn from(state: &CaseState) -> Self {
        match state {
            CaseState::Filed => Self::Filed(v1::Filed {}),
            CaseState::HeldForRouting {
                holder,
                reason,
                since,
                due,
                overdue_at,
            } => Self::HeldForRouting(v1::HeldForRouting {
                holder: holder.as_str().to_owned(),
                reason: reason.number(),
                since: Some(timestamp(*since)),
                due: Some(due.into()),
                overdue_at: overdue_at.map(timestamp),
            }),
            CaseState::InNegotiation {
                enterprise,
                on_behalf_of,
                since,
                due,
                acknowledged_at,
                last_answer_at,
                last_act,
                offers,
            } => Self::InNegotiation(v1::InNegotiation {
                enterprise: enterprise.as_str().to_owned(),
                on_behalf_of: on_behalf_of.as_ref().map(|uscc| uscc.as_str().to_owned()),
                since: Some(timestamp(*since)),
                due: Some(due.into()),
                acknowledged_at: acknowledged_at.map(timestamp),
                last_answer_at: last_answer_at.map(timestamp),
                last_act: last_act.map(Listed::number),
                offers: offer_messages(offers),
            }),
            CaseState::NegotiationFailed {
                why,
                at,
                escalate_by,
                offer_open,
            } => Self::NegotiationFailed(v1::NegotiationFailed {
                why: why.number(),
                at: Some(timestamp(*at)),
                escalate_by: Some(escalate_by.into()),
                offer_open: offer_open.as_ref().map(Into::into),
            }),
            CaseState::Escalated { at } => Self::Escalated(v1::Escalated {
                at: Some(timestamp(*at)),
            }),
            CaseState::AtAuthority {
                receipt,
                overdue_at,
            } => Self::AtAuthority(v1::AtAuthority {
                receipt: Some(receipt.into()),
                overdue_at: overdue_at.map(timestamp),
            }),
            CaseState::InMediation {
                receipt,
                accepted_at,
                due,
                overdue_at,
                sessions,
                offers,
                agreed,
            } => Self::InMediation(Box::new(v1::InMediation {
                receipt: Some(receipt.into()),
                accepted_at: Some(timestamp(*accepted_at)),
                due: Some(due.into()),
                overdue_at: overdue_at.map(timestamp),
                sessions: *sessions,
                offers: offer_messages(offers),
                agreed: agreed.as_ref().map(Into::into),
            })),
            CaseState::Settled {
                how,
                terms,
                document,
                at,
                declared_at,
                lapse,
            } => Self::Settled(v1::Settled {
                how: how.number(),
                terms: Some(terms.into()),
                document: document.number(),
                at: Some(timestamp(*at)),
                declared_at: declared_at.map(timestamp),
                lapse: Some(lapse.into()),
            }),
            CaseState::Closed {
                outcome,
                performed,
                at,
                heads,
            } => Self::Closed(v1::Closed {
                outcome: Some((*outcome).into()),
                performed: performed.number(),
                at: Some(timestamp(*at)),
                heads: notice_heads(heads),
            }),
        }
    }
}

fn offer_messages(offers: &[Offer]) -> Vec<shared::Offer> {
    offers.iter().map(Into::into).collect()
}

fn offers(messages: Vec<shared::Offer>) -> Read<Vec<Offer>> {
    messages.into_iter().map(TryInto::try_into).collect()
}

impl TryFrom<State> for CaseState {
    type Error = DecodeError;

    fn try_from(state: State) -> Read<Self> {
        match state {
            State::Filed(v1::Filed {}) => Ok(Self::Filed),
            State::HeldForRouting(held) => held.try_into(),
            State::InNegotiation(negotiation) => negotiation.try_into(),
            State::NegotiationFailed(failed) => failed.try_into(),
            State::Escalated(escalated) => Ok(Self::Escalated {
                at: instant(escalated.at, "Escalated.at")?,
            }),
            State::AtAuthority(at) => Ok(Self::AtAuthority {
                receipt: required(at.receipt, "AtAuthority.receipt")?.try_into()?,
                overdue_at: maybe_instant(at.overdue_at, "AtAuthority.overdue_at")?,
            }),
            State::InMediation(mediation) => (*mediation).try_into(),
            State::Settled(settled) => settled.try_into(),
            State::Closed(closed) => Ok(Self::Closed {
                outcome: required(closed.outcome, "Closed.outcome")?.try_into()?,
                performed: listed(closed.performed, "Closed.performed")?,
                at: instant(closed.at, "Closed.at")?,
                heads: heads(closed.heads)?,
            }),
        }
    }
}

impl TryFrom<v1::HeldForRouting> for CaseState {
    type Error = DecodeError;

    fn try_from(held: v1::HeldForRouting) -> Read<Self> {
        Ok(Self::HeldForRouting {
            holder: authority(&held.holder, "HeldForRouting.holder")?,
            reason: listed(held.reason, "HeldForRouting.reason")?,
            since: instant(held.since, "HeldForRouting.since")?,
            due: required(held.due, "HeldForRouting.due")?.try_into()?,
            overdue_at: maybe_instant(held.overdue_at, "HeldForRouting.overdue_at")?,
        })
    }
}

impl TryFrom<v1::InNegotiation> for CaseState {
    type Error = DecodeError;

    fn try_from(negotiation: v1::InNegotiation) -> Read<Self> {
        let last_act = negotiation
            .last_act
            .map(|act| listed(act, "InNegotiation.last_act"));
        Ok(Self::InNegotiation {
            enterprise: uscc(&negotiation.enterprise, "InNegotiation.enterprise")?,
            on_behalf_of: maybe_uscc(negotiation.on_behalf_of, "InNegotiation.on_behalf_of")?,
            since: instant(negotiation.since, "InNegotiation.since")?,
            due: required(negotiation.due, "InNegotiation.due")?.try_into()?,
            acknowledged_at: maybe_instant(
                negotiation.acknowledged_at,
                "InNegotiation.acknowledged_at",
            )?,
            last_answer_at: maybe_instant(
                negotiation.last_answer_at,
                "InNegotiation.last_answer_at",
            )?,
            last_act: last_act.transpose()?,
            offers: offers(negotiation.offers)?,
        })
    }
}

impl TryFrom<v1::NegotiationFailed> for CaseState {
    type Error = DecodeError;

    fn try_from(failed: v1::NegotiationFailed) -> Read<Self> {
        Ok(Self::NegotiationFailed {
            why: listed(failed.why, "NegotiationFailed.why")?,
            at: instant(failed.at, "NegotiationFailed.at")?,
            escalate_by: required(failed.escalate_by, "NegotiationFailed.escalate_by")?
                .try_into()?,
            offer_open: failed.offer_open.map(TryInto::try_into).transpose()?,
        })
    }
}

impl TryFrom<v1::InMediation> for CaseState {
    type Error = DecodeError;

    fn try_from(mediation: v1::InMediation) -> Read<Self> {
        Ok(Self::InMediation {
            receipt: required(mediation.receipt, "InMediation.receipt")?.try_into()?,
            accepted_at: instant(mediation.accepted_at, "InMediation.accepted_at")?,
            due: required(mediation.due, "InMediation.due")?.try_into()?,
            overdue_at: maybe_instant(mediation.overdue_at, "InMediation.overdue_at")?,
            sessions: mediation.sessions,
            offers: offers(mediation.offers)?,
            agreed: mediation.agreed.map(TryInto::try_into).transpose()?,
        })
    }
}

impl TryFrom<v1::Settled> for CaseState {
    type Error = DecodeError;

    fn try_from(settled: v1::Settled) -> Read<Self> {
        Ok(Self::Settled {
            how: listed(settled.how, "Settled.how")?,
            terms: required(settled.terms, "Settled.terms")?.try_into()?,
            document: listed(settled.document, "Settled.document")?,
            at: instant(settled.at, "Settled.at")?,
            declared_at: maybe_instant(settled.declared_at, "Settled.declared_at")?,
            lapse: required(settled.lapse, "Settled.lapse")?.try_into()?,
        })
    }
}
