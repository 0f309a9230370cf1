//! Reliefs, terms, offers, agreed terms.

use case::terms::{Agreed, Offer, Relief, Terms};

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::v1;
use crate::scalar::{
    Read, all_listed, day, day_text, fen, hash, id, id_bytes, instant, listed, maybe_text_ref,
    numbers, required, text, timestamp,
};

impl From<&Relief> for v1::Relief {
    fn from(relief: &Relief) -> Self {
        Self {
            kind: relief.kind.number(),
            amount_fen: relief.amount.0,
        }
    }
}

impl TryFrom<v1::Relief> for Relief {
    type Error = DecodeError;

    fn try_from(relief: v1::Relief) -> Read<Self> {
        Ok(Self {
            kind: listed(relief.kind, "Relief.kind")?,
            amount: fen(relief.amount_fen, "Relief.amount_fen")?,
        })
    }
}

impl From<&Terms> for v1::Terms {
    fn from(terms: &Terms) -> Self {
        Self {
            reliefs: terms.reliefs.iter().map(Into::into).collect(),
            payer: terms.payer.number(),
            perform_by: day_text(terms.perform_by),
            text: terms.text.as_ref().map(text),
        }
    }
}

impl TryFrom<v1::Terms> for Terms {
    type Error = DecodeError;

    fn try_from(terms: v1::Terms) -> Read<Self> {
        Ok(Self {
            reliefs: terms
                .reliefs
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Read<_>>()?,
            payer: listed(terms.payer, "Terms.payer")?,
            perform_by: day(&terms.perform_by, "Terms.perform_by")?,
            text: maybe_text_ref(terms.text, "Terms.text")?,
        })
    }
}

impl From<&Offer> for v1::Offer {
    fn from(offer: &Offer) -> Self {
        Self {
            id: id_bytes(offer.id),
            by: offer.by.number(),
            terms: Some((&offer.terms).into()),
            valid_until: Some(timestamp(offer.valid_until)),
            at: Some(timestamp(offer.at)),
            accepted_by: numbers(&offer.accepted_by),
        }
    }
}

impl TryFrom<v1::Offer> for Offer {
    type Error = DecodeError;

    fn try_from(offer: v1::Offer) -> Read<Self> {
        Ok(Self {
            id: id(&offer.id, "Offer.id")?,
            by: listed(offer.by, "Offer.by")?,
            terms: required(offer.terms, "Offer.terms")?.try_into()?,
            valid_until: instant(offer.valid_until, "Offer.valid_until")?,
            at: instant(offer.at, "Offer.at")?,
            accepted_by: all_listed(offer.accepted_by, "Offer.accepted_by")?,
        })
    }
}

impl From<&Agreed> for v1::Agreed {
    fn from(agreed: &Agreed) -> Self {
        Self {
            terms: Some((&agreed.terms).into()),
            document: agreed.document.map(|document| document.to_vec()),
            at: Some(timestamp(agreed.at)),
            signed_by: numbers(&agreed.signed_by),
            waived_by: numbers(&agreed.waived_by),
        }
    }
}

impl TryFrom<v1::Agreed> for Agreed {
    type Error = DecodeError;

    fn try_from(agreed: v1::Agreed) -> Read<Self> {
        let document = agreed
            .document
            .map(|document| hash(&document, "Agreed.document"));
        Ok(Self {
            terms: required(agreed.terms, "Agreed.terms")?.try_into()?,
            document: document.transpose()?,
            at: instant(agreed.at, "Agreed.at")?,
            signed_by: all_listed(agreed.signed_by, "Agreed.signed_by")?,
            waived_by: all_listed(agreed.waived_by, "Agreed.waived_by")?,
        })
    }
}
