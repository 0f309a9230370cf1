//! A case as one service keeps it: events are admitted as the chassis does, and folded.

use case::event::{Head, Heads};
use case::{Case, Recorded, Service, evolve, invariant};
use chassis::admission::{Admission, Heads as SeenHeads, Position, admit};
use chassis::envelope::Envelope;
use docket::work::decode;

/// Something that must never come about.
pub(crate) type Fault = String;

/// A case as a service keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) position: Position,
    pub(crate) case: Option<Case>,
    /// Events that came before what they build on.
    pub(crate) waiting: Vec<Envelope>,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            position: Position::start(),
            case: None,
            waiting: Vec::new(),
        }
    }
}

/// What an event was that was not taken in before.
pub(crate) enum Judged {
    TakenIn,
    Waits,
}

/// Admits an event as the chassis does; `None`: it was taken in before.
pub(crate) fn judge(
    me: Service,
    row: &mut Row,
    envelope: &Envelope,
) -> Result<Option<Judged>, Fault> {
    let owner = row
        .case
        .as_ref()
        .map_or(Service::Intake, |case| case.state.owner())
        .code();
    let mut admission = admit(&row.position, owner, envelope, &SeenHeads::new());
    let mut decoded = None;
    if admission == Admission::Next {
        let read = decode(envelope)
            .map_err(|error| format!("{me} cannot read {envelope:?}: {error:?}"))?;
        admission = admit(&row.position, owner, envelope, &read.absorbed);
        decoded = Some(read);
    }
    match (admission, decoded) {
        (Admission::Next, Some(decoded)) => {
            fold(me, row, &decoded.event)?;
            row.position.advance(envelope, &decoded.absorbed);
            Ok(Some(Judged::TakenIn))
        }
        (Admission::Duplicate, _) => Ok(None),
        (Admission::Gap | Admission::Next, _) => Ok(Some(Judged::Waits)),
        (Admission::Conflict | Admission::WrongSource | Admission::Broken, _) => Err(format!(
            "{me} finds {admission:?} at version {} of {}: {} {} of {}",
            row.position.version,
            envelope.subject,
            envelope.event_type,
            envelope.sequence,
            envelope.source
        )),
    }
}

/// Folds an event; an error is a broken invariant.
pub(crate) fn fold(me: Service, row: &mut Row, recorded: &Recorded) -> Result<(), Fault> {
    let next = evolve(row.case.take(), recorded).ok_or("the event does not begin a case")?;
    if let Some(broken) = invariant::broken(&next) {
        return Err(format!("{me}: {broken} is broken by {:?}", recorded.event));
    }
    row.case = Some(next);
    Ok(())
}

/// The heads as an event carries them.
pub(crate) fn case_heads(seen: &SeenHeads) -> Heads {
    let head = |seen: &chassis::admission::Head| Head {
        sequence: seen.sequence,
        chain: seen.chain,
    };
    seen.iter()
        .filter_map(|(source, seen)| Some((Service::from_code(source)?, head(seen))))
        .collect()
}
