//! Filing a complaint (Order 121 Art 10).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use law::day::day_of;

use crate::actor::{Actor, ActorKind};
use crate::decide::offers::MOST_FEN;
use crate::event::Event;
use crate::filing::Filing;
use crate::refusal::{Reason, Refusal};

pub(super) fn file(by: &Actor, filing: &Arc<Filing>, now: DateTime<Utc>) -> Result<Event, Refusal> {
    for (given, reason) in [
        (filing.contains_report, Reason::ReportNotSupported),
        (filing.joint, Reason::JointNotSupported),
        (filing.by_agent, Reason::AgentNotSupported),
    ] {
        if given {
            return Err(reason.into());
        }
    }
    let own = by.subject.as_deref() == Some(filing.complainant.as_str());
    if by.kind == ActorKind::Consumer && !own {
        return Err(Reason::NotPartyToCase.into());
    }
    for (name, amount) in [("paid", filing.paid), ("claimed", filing.claimed)] {
        if !(0..=MOST_FEN).contains(&amount.0) {
            return Err(Refusal::new(Reason::AmountNotPossible).with("field", name));
        }
    }
    for (name, day) in [
        ("disputed_on", filing.disputed_on),
        ("knew_on", filing.knew_on),
    ] {
        if day.is_some_and(|day| day > day_of(now)) {
            return Err(Refusal::new(Reason::DateNotPossible).with("field", name));
        }
    }
    Ok(Event::ComplaintFiled(Arc::clone(filing)))
}
