//! The case lifecycle: what a case is, who may do what to it, and what follows.
//!
//! Pure: no clock, no storage, no wire format. Time and facts are arguments.
//! `decide` turns a command into events or a refusal, `evolve` folds an event
//! into the case, `overdue` and `next_step` say what a state asks for by itself.

mod coded;

pub mod actor;
pub mod command;
pub mod decide;
pub mod event;
pub mod evolve;
pub mod facts;
pub mod filing;
pub mod ids;
pub mod invariant;
pub mod lifecycle;
pub mod milestones;
pub mod refusal;
pub mod state;
pub mod step;
pub mod terms;

pub use actor::{Actor, ActorKind, Side};
pub use command::{Body, Command};
pub use decide::decide;
pub use event::{Event, EventMeta, Head, Heads, Kind, Recorded};
pub use evolve::evolve;
pub use facts::Facts;
pub use filing::Filing;
pub use ids::{CaseId, Fen, PartyRef, TextRef, Uscc};
pub use lifecycle::{CommandKind, EventKind, StateKind};
pub use refusal::{Reason, Refusal};
pub use state::{Case, CaseState, Service};
pub use step::{Deadline, DeadlineKind, Step, deadlines, next_step, overdue};
