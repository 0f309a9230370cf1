//! From a command to events or a refusal.
//!
//! The table of `lifecycle` comes first: does the state take this command, and from such an actor? Then the
//! module of the command's family looks at its content.

mod agreement;
mod asked;
mod authority;
mod filing;
mod mediation;
mod negotiation;
mod offers;
mod performance;
mod requests;
mod routing;

use chrono::{DateTime, Utc};
use law::Law;

use crate::actor::ActorKind;
use crate::command::{Body, Command};
use crate::decide::asked::Asked;
use crate::event::Event;
use crate::facts::Facts;
use crate::lifecycle::{CommandKind, Row, StateKind, row};
use crate::refusal::{Reason, Refusal};
use crate::state::{Case, Service};

pub(crate) use asked::{holds, side_of};

/// Decides a command on a case (`None`: no such case yet). Event time is `now`, but never before the case's last.
///
/// # Errors
/// A refusal with a reason of the closed list; nothing is half done.
pub fn decide(
    case: Option<&Case>,
    command: &Command,
    facts: &Facts,
    law: &Law,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, Refusal> {
    let row = row(command.body.kind());
    let Some(case) = case else {
        let Body::FileComplaint { filing, .. } = &command.body else {
            return Err(Reason::WrongState.into());
        };
        permit(row, command.by.kind)?;
        return filing::file(&command.by, filing, now).map(|event| vec![event]);
    };
    take(row, StateKind::of(&case.state))?;
    permit(row, command.by.kind)?;
    let asked = Asked {
        case,
        by: &command.by,
        law,
        now: now.max(case.at),
    };
    content(&asked, &command.body, facts).map(|event| vec![event])
}

/// Whether `me` may append what a command yields: notices go by command, decisions by the state's owner.
///
/// # Errors
/// `NotOwner`, with the owner's name.
pub fn ensure_owner(case: Option<&Case>, command: CommandKind, me: Service) -> Result<(), Refusal> {
    let owner = match (command, case) {
        (CommandKind::FileComplaint, _) | (_, None) => Service::Intake,
        (CommandKind::RequestWithdrawal | CommandKind::AddEvidence, _) => Service::Intake,
        (CommandKind::ReportHandling, _) => Service::Mediation,
        (_, Some(case)) => case.state.owner(),
    };
    if owner == me {
        Ok(())
    } else {
        Err(Refusal::new(Reason::NotOwner).with("owner", owner))
    }
}

fn take(row: &Row, state: StateKind) -> Result<(), Refusal> {
    if row.from.contains(&state) {
        return Ok(());
    }
    Err(match state {
        _ if row.command == CommandKind::FileComplaint => Reason::CaseExists.into(),
        StateKind::Closed => Reason::CaseClosed.into(),
        _ => Refusal::new(Reason::WrongState).with("state", state),
    })
}

fn permit(row: &Row, actor: ActorKind) -> Result<(), Refusal> {
    if row.by.contains(&actor) {
        Ok(())
    } else {
        Err(Refusal::new(Reason::ActorNotPermitted).with("actor", actor))
    }
}

/// What the table cannot say; the state and the kind of actor fit.
fn content(asked: &Asked<'_>, body: &Body, facts: &Facts) -> Result<Event, Refusal> {
    match body {
        Body::FileComplaint { .. } => Err(Reason::CaseExists.into()),
        Body::Route => routing::route(asked, facts),
        Body::RouteByHand { authority } => routing::by_hand(asked, authority, facts),
        Body::MarkRoutingOverdue => routing::mark_overdue(asked),
        Body::AcknowledgeNegotiation => negotiation::acknowledge(asked),
        Body::AnswerNegotiation { text, machine } => negotiation::answer(asked, *text, *machine),
        Body::ProposeSettlement {
            proposal,
            terms,
            valid_until,
        } => offers::propose(asked, *proposal, terms, *valid_until),
        Body::AcceptProposal { proposal } => offers::accept(asked, *proposal),
        Body::RejectProposal { proposal, text } => offers::reject(asked, *proposal, *text),
        Body::ExpireProposal { proposal } => offers::expire(asked, *proposal),
        Body::ReportHandling {
            handled_at,
            course,
            method,
            result,
        } => negotiation::report(asked, *handled_at, [*course, *method, *result]),
        Body::DeclineNegotiation { reason, text } => negotiation::decline(asked, *reason, *text),
        Body::ExpireNegotiation => negotiation::expire(asked),
        Body::EndNegotiation => negotiation::end(asked),
        Body::Escalate => negotiation::escalate(asked),
        Body::CloseUnescalated => negotiation::close_unescalated(asked),
        Body::AcceptComplaint => authority::accept(asked),
        Body::RefuseComplaint { ground, text } => authority::refuse(asked, *ground, *text),
        Body::ReturnCase { reason, text } => authority::return_case(asked, *reason, *text),
        Body::MarkAcceptanceOverdue => authority::mark_overdue(asked),
        Body::ScheduleSession {
            at,
            online,
            place,
            recusal_days,
        } => mediation::schedule(asked, *at, *online, *place, *recusal_days),
        Body::EndMediation { ground, text } => mediation::end(asked, *ground, *text),
        Body::RecordSelfSettlement => mediation::record_self_settlement(asked),
        Body::MarkMediationOverdue => mediation::mark_overdue(asked),
        Body::SignAgreement { document } => agreement::sign(asked, *document),
        Body::SealAgreement { document } => agreement::seal(asked, *document),
        Body::WaiveAgreement => agreement::waive(asked),
        Body::RecordMediation { text } => agreement::record(asked, *text),
        Body::DeclarePerformance { evidence } => performance::declare(asked, *evidence),
        Body::ConfirmPerformance {
            performed,
            recovered,
        } => performance::confirm(asked, *performed, *recovered),
        Body::ReportBreach { text } => performance::report_breach(asked, *text),
        Body::LapsePerformance => performance::lapse(asked),
        Body::RateHandling { stars } => performance::rate(asked, *stars),
        Body::RequestWithdrawal { reason, text } => requests::ask_withdrawal(asked, *reason, *text),
        Body::Withdraw { reason } => requests::withdraw(asked, *reason),
        Body::RefuseWithdrawal { reason } => requests::refuse_withdrawal(asked, *reason),
        Body::AddEvidence {
            evidence,
            hash,
            media_type,
            size_bytes,
        } => requests::add_evidence(asked, *evidence, *hash, media_type, *size_bytes),
    }
}
