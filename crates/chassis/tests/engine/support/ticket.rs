//! A ticket: a total that two services add to in turn, with a deadline, a wish and a closed list of refusals. Pure.

use chassis::admission::Heads;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Opens tickets, and owns them until they are handed over.
pub(crate) const LEFT: &str = "left";
/// Owns what was handed to it.
pub(crate) const RIGHT: &str = "right";

/// The folded state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) space: String,
    pub(crate) owner: String,
    pub(crate) total: i64,
    pub(crate) open: bool,
    pub(crate) due: Option<DateTime<Utc>>,
    pub(crate) expired: u32,
    pub(crate) wishes: u32,
    pub(crate) answered: u32,
    pub(crate) last: DateTime<Utc>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    Opened {
        total: i64,
    },
    Added {
        amount: i64,
    },
    DueSet {
        due: DateTime<Utc>,
    },
    Expired,
    Handed {
        to: String,
    },
    Wished,
    Answered {
        wishes: u32,
    },
    Closed,
    /// Known from the second release on.
    Doubled,
}

impl Body {
    pub(crate) const fn event_type(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "toy.v1.Opened",
            Self::Added { .. } => "toy.v1.Added",
            Self::DueSet { .. } => "toy.v1.DueSet",
            Self::Expired => "toy.v1.Expired",
            Self::Handed { .. } => "toy.v1.Handed",
            Self::Wished => "toy.v1.Wished",
            Self::Answered { .. } => "toy.v1.Answered",
            Self::Closed => "toy.v1.Closed",
            Self::Doubled => "toy.v1.Doubled",
        }
    }

    /// Notices carry no version.
    pub(crate) const fn is_notice(&self) -> bool {
        matches!(self, Self::Wished)
    }
}

/// An event as its bytes hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) space: String,
    pub(crate) at: DateTime<Utc>,
    /// Source, sequence, chain in hex.
    pub(crate) absorbed: Vec<(String, u64, String)>,
    pub(crate) body: Body,
}

impl Event {
    pub(crate) fn new(space: &str, at: DateTime<Utc>, absorbed: &Heads, body: Body) -> Self {
        let absorbed = absorbed
            .iter()
            .map(|(source, head)| (source.clone(), head.sequence, hex::encode(head.chain)))
            .collect();
        Self {
            space: space.to_owned(),
            at,
            absorbed,
            body,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap()
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Open {
        space: String,
        total: i64,
    },
    Add(i64),
    /// Adds nothing but keeps a text in the service's own table.
    Write(String),
    SetDue(DateTime<Utc>),
    Hand(&'static str),
    Wish,
    Answer,
    Expire,
    Close,
    /// Breaks down while it is decided.
    Panic,
    /// Waits a little while it is decided, so that a batch is in hand.
    Dawdle(std::time::Duration),
}

/// Opens in the space every scenario uses.
pub(crate) fn open(total: i64) -> Command {
    Command::Open {
        space: "main".into(),
        total,
    }
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    OpenAlready,
    NotOwner,
    ClosedAlready,
    NegativeAmount,
    NotDue,
    Unwished,
}

/// Folds an event.
pub(crate) fn evolve(ticket: Option<&Ticket>, event: &Event) -> Result<Ticket, String> {
    if let Body::Opened { total } = event.body {
        return match ticket {
            Some(_) => Err("opened_twice".into()),
            None => Ok(Ticket {
                space: event.space.clone(),
                owner: LEFT.into(),
                total,
                open: true,
                due: None,
                expired: 0,
                wishes: 0,
                answered: 0,
                last: event.at,
            }),
        };
    }
    let mut next = ticket.cloned().ok_or("not_opened")?;
    next.last = next.last.max(event.at);
    match &event.body {
        Body::Opened { .. } => unreachable!("handled above"),
        Body::Added { amount } => {
            next.total = next.total.checked_add(*amount).ok_or("total_overflows")?;
        }
        Body::DueSet { due } => next.due = Some(*due),
        Body::Expired => {
            next.due = None;
            next.expired += 1;
        }
        Body::Handed { to } => next.owner.clone_from(to),
        Body::Wished => next.wishes += 1,
        Body::Answered { wishes } => next.answered = *wishes,
        Body::Closed => next.open = false,
        Body::Doubled => next.total *= 2,
    }
    Ok(next)
}

/// Decides a command as `me`.
pub(crate) fn decide(
    me: &str,
    ticket: Option<&Ticket>,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<Vec<Body>, Refusal> {
    let Some(ticket) = ticket else {
        return match command {
            Command::Open { total, .. } => Ok(vec![Body::Opened { total: *total }]),
            _ => Err(Refusal::NotOwner),
        };
    };
    match command {
        Command::Open { .. } => return Err(Refusal::OpenAlready),
        Command::Wish => return Ok(vec![Body::Wished]),
        Command::Panic => panic!("a defect made on purpose"),
        Command::Dawdle(pause) => {
            std::thread::sleep(*pause);
            return Ok(vec![Body::Added { amount: 0 }]);
        }
        _ if ticket.owner != me => return Err(Refusal::NotOwner),
        _ if !ticket.open => return Err(Refusal::ClosedAlready),
        _ => {}
    }
    let body = match command {
        Command::Add(amount) if *amount < 0 => return Err(Refusal::NegativeAmount),
        Command::Add(amount) => Body::Added { amount: *amount },
        Command::Write(_) => Body::Added { amount: 0 },
        Command::SetDue(due) => Body::DueSet { due: *due },
        Command::Hand(to) => Body::Handed {
            to: (*to).to_owned(),
        },
        Command::Answer if ticket.wishes > ticket.answered => Body::Answered {
            wishes: ticket.wishes,
        },
        Command::Answer => return Err(Refusal::Unwished),
        Command::Expire if ticket.due.is_some_and(|due| due <= now) => Body::Expired,
        Command::Expire => return Err(Refusal::NotDue),
        Command::Close => Body::Closed,
        Command::Open { .. } | Command::Wish | Command::Panic | Command::Dawdle(_) => {
            unreachable!("handled above")
        }
    };
    Ok(vec![body])
}
