//! What an actor may do next with a case: the table, refined by what the case itself says.

use chrono::{DateTime, Utc};
use law::day::day_of;

use crate::actor::{Actor, ActorKind, Side};
use crate::decide::{holds, side_of};
use crate::lifecycle::{CommandKind, ROWS, StateKind};
use crate::state::{Case, CaseState, PARTIES};
use crate::step::{DeadlineKind, deadlines, escalates_by_itself};
use crate::terms::Agreed;

/// The commands the case takes now from this actor, in the order of the table; from anybody but the system for
/// `None`. Contents are not known yet: a command listed here may still be refused for what it says.
pub fn allowed(case: &Case, by: Option<&Actor>, now: DateTime<Utc>) -> Vec<CommandKind> {
    let now = now.max(case.at);
    let state = StateKind::of(&case.state);
    ROWS.iter()
        .filter(|row| row.from.contains(&state))
        .filter(|row| match by {
            Some(actor) => row.by.contains(&actor.kind) && may_act(case, actor, row.command),
            None => row.by.iter().any(|kind| *kind != ActorKind::System),
        })
        .filter(|row| is_open(case, by, row.command, now))
        .map(|row| row.command)
        .collect()
}

/// Whether the case is the actor's to act on.
fn may_act(case: &Case, by: &Actor, command: CommandKind) -> bool {
    match by.kind {
        ActorKind::Enterprise if command == CommandKind::ReportHandling => {
            let negotiated = case.enterprise().map(|uscc| uscc.as_str());
            negotiated.is_some() && by.org.as_deref() == negotiated
        }
        ActorKind::Consumer | ActorKind::Enterprise => side_of(case, by).is_ok(),
        ActorKind::Official => case
            .authority()
            .is_some_and(|authority| holds(by, authority)),
        ActorKind::System => true,
        ActorKind::Staff | ActorKind::Agency | ActorKind::Operator => false,
    }
}

/// Whether the case itself leaves room for the command.
fn is_open(case: &Case, by: Option<&Actor>, command: CommandKind, now: DateTime<Utc>) -> bool {
    let side = by.and_then(|actor| side_of(case, actor).ok());
    let agreed = agreed(case);
    match command {
        CommandKind::AcknowledgeNegotiation => matches!(
            case.state,
            CaseState::InNegotiation {
                acknowledged_at: None,
                ..
            }
        ),
        CommandKind::ProposeSettlement => {
            let by_official = by.is_some_and(|actor| actor.kind == ActorKind::Official);
            agreed.is_none() && (!by_official || side.is_some())
        }
        CommandKind::AcceptProposal => has_offer(case, side, now, true),
        CommandKind::RejectProposal => has_offer(case, side, now, false),
        CommandKind::Escalate => may_escalate(case, by, now),
        CommandKind::ReturnCase => match &case.state {
            CaseState::AtAuthority { receipt, .. } => !receipt.ancestors.is_empty(),
            _ => false,
        },
        CommandKind::SignAgreement | CommandKind::WaiveAgreement => {
            agreed.is_some_and(|agreed| is_undecided(agreed, side))
        }
        CommandKind::SealAgreement => {
            agreed.is_some_and(|agreed| PARTIES.iter().all(|side| agreed.signed_by.contains(side)))
        }
        CommandKind::RecordMediation => agreed.is_some(),
        CommandKind::DeclarePerformance => matches!(
            case.state,
            CaseState::Settled {
                declared_at: None,
                ..
            }
        ),
        CommandKind::ReportBreach => match &case.state {
            CaseState::Settled { terms, .. } => day_of(now) >= terms.perform_by,
            _ => false,
        },
        CommandKind::RequestWithdrawal => case.withdrawals.is_empty(),
        CommandKind::Withdraw | CommandKind::RefuseWithdrawal => !case.withdrawals.is_empty(),
        CommandKind::ReportHandling => case.enterprise().is_some(),
        CommandKind::RateHandling => case.rating.is_none(),
        _ => deadline_of(command).is_none_or(|kind| has_passed(case, kind, now)),
    }
}

/// Whether somebody, or this side, finds an offer of another side that is in time.
fn has_offer(case: &Case, side: Option<Side>, now: DateTime<Utc>, to_accept: bool) -> bool {
    agreed(case).is_none()
        && case.offers().iter().any(|offer| {
            let open_to_side = side.is_none_or(|side| {
                offer.by != side && !(to_accept && offer.accepted_by.contains(&side))
            });
            now < offer.valid_until && open_to_side
        })
}

fn may_escalate(case: &Case, by: Option<&Actor>, now: DateTime<Utc>) -> bool {
    match (&case.state, by) {
        (_, Some(actor)) if actor.kind == ActorKind::System => escalates_by_itself(case),
        (CaseState::NegotiationFailed { escalate_by, .. }, _) => now < escalate_by.at,
        _ => false,
    }
}

/// Whether somebody, or this side, has neither signed nor waived.
fn is_undecided(agreed: &Agreed, side: Option<Side>) -> bool {
    let undecided =
        |side: &Side| !agreed.signed_by.contains(side) && !agreed.waived_by.contains(side);
    match side {
        Some(side) => undecided(&side),
        None => PARTIES.iter().any(undecided),
    }
}

fn agreed(case: &Case) -> Option<&Agreed> {
    match &case.state {
        CaseState::InMediation { agreed, .. } => agreed.as_ref(),
        _ => None,
    }
}

fn deadline_of(command: CommandKind) -> Option<DeadlineKind> {
    Some(match command {
        CommandKind::MarkRoutingOverdue => DeadlineKind::RoutingOverdue,
        CommandKind::ExpireNegotiation => DeadlineKind::Negotiation,
        CommandKind::ExpireProposal => DeadlineKind::Proposal,
        CommandKind::CloseUnescalated => DeadlineKind::Escalation,
        CommandKind::MarkAcceptanceOverdue => DeadlineKind::Acceptance,
        CommandKind::MarkMediationOverdue => DeadlineKind::Mediation,
        CommandKind::LapsePerformance => DeadlineKind::Performance,
        _ => return None,
    })
}

fn has_passed(case: &Case, kind: DeadlineKind, now: DateTime<Utc>) -> bool {
    deadlines(case)
        .iter()
        .any(|deadline| deadline.kind == kind && deadline.at <= now)
}
