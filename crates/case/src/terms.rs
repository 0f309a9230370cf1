//! What the parties offer and agree: reliefs, offers, terms, documents.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::actor::Side;
use crate::coded::coded;
use crate::ids::{Fen, TextRef};

coded! {
    /// A kind of relief.
    pub enum ReliefKind {
        /// Refund (退款).
        Refund => "refund",
        /// Exchange (更换).
        Exchange => "exchange",
        /// Repair (修理).
        Repair => "repair",
        /// Redo (重作).
        Redo => "redo",
        /// Make up quantity (补足数量).
        MakeUp => "make_up",
        /// Compensation (赔偿).
        Compensation => "compensation",
        /// Apology (道歉).
        Apology => "apology",
        /// Explanation (解释).
        Explanation => "explanation",
        /// Closed without more than an answer.
        Answer => "answer",
        /// Another relief, told in the text.
        Other => "other",
    }
}

impl ReliefKind {
    /// Whether the relief is money.
    pub fn is_monetary(self) -> bool {
        matches!(self, Self::Refund | Self::Compensation)
    }
}

/// One relief; `amount` is zero unless it is money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relief {
    /// What is given.
    pub kind: ReliefKind,
    /// How much, in fen.
    pub amount: Fen,
}

coded! {
    /// Who pays.
    pub enum Payer {
        /// The enterprise itself.
        Enterprise => "enterprise",
        /// An advance-payment pool (先行赔付).
        Pool => "pool",
        /// The maker of the goods.
        Maker => "maker",
        /// The platform.
        Platform => "platform",
    }
}

/// What is offered or agreed. Equal terms have an equal document hash (`docket` computes it from the wire form).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// One to eight reliefs.
    pub reliefs: Vec<Relief>,
    /// Who pays.
    pub payer: Payer,
    /// Last day to perform.
    pub perform_by: NaiveDate,
    /// A text that tells more.
    pub text: Option<TextRef>,
}

impl Terms {
    /// The money in the terms, in fen.
    pub fn amount(&self) -> Fen {
        Fen(self.reliefs.iter().map(|relief| relief.amount.0).sum())
    }
}

/// An open offer. One a side: a newer one replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Id of the proposal.
    pub id: Uuid,
    /// Who made it.
    pub by: Side,
    /// What is offered.
    pub terms: Terms,
    /// Until when it can be accepted (exclusive).
    pub valid_until: DateTime<Utc>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Sides that accepted a mediator's proposal so far.
    pub accepted_by: Vec<Side>,
}

/// Terms agreed in mediation, on their way to an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// What was agreed.
    pub terms: Terms,
    /// Hash of the agreement document both sides sign; the first signature fixes it.
    pub document: Option<[u8; 32]>,
    /// When.
    pub at: DateTime<Utc>,
    /// Sides that signed.
    pub signed_by: Vec<Side>,
    /// Sides that waived a written agreement (Order 121 Art 24).
    pub waived_by: Vec<Side>,
}

coded! {
    /// How a settlement is documented.
    pub enum Document {
        /// Direct settlement: the accepted proposal is the document.
        Proposal => "proposal",
        /// A written mediation agreement, signed and sealed (调解书).
        Agreement => "agreement",
        /// Both sides waived a written agreement.
        Waived => "waived",
        /// The authority recorded the mediation (调解记录).
        Recorded => "recorded",
    }
}

coded! {
    /// How a settlement came about.
    pub enum SettledHow {
        /// Directly between consumer and enterprise (先行和解).
        Direct => "direct",
        /// In mediation (调解).
        Mediated => "mediated",
    }
}
