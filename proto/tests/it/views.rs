//! What callers read of a case.

use case::{CommandKind, StateKind};
use proto::v1::case::Detail;
use proto::{v1, view};

use crate::samples::{cases, id};

#[test]
fn a_view_says_state_owner_and_what_may_be_done() {
    let allowed = [CommandKind::Escalate, CommandKind::AcceptProposal];
    for (name, case) in cases() {
        let view = view::case(&case, "7-abc", &allowed);
        let kind = StateKind::of(&case.state);
        assert_eq!(view.state(), view::state_kind(kind), "{name}");
        assert_eq!(view.owner(), case.state.owner().into(), "{name}");
        assert_eq!(view.case_id, case.id.to_string(), "{name}");
        assert_eq!(
            (view.version, view.etag.as_str()),
            (case.version, "7-abc"),
            "{name}"
        );
        assert_eq!(
            view.allowed_commands().collect::<Vec<_>>(),
            [v1::CommandKind::Escalate, v1::CommandKind::AcceptProposal],
            "{name}"
        );
        assert_eq!(view.detail.is_some(), kind != StateKind::Filed, "{name}");
        assert_eq!(view.offers.len(), case.offers().len(), "{name}");
        assert_eq!(
            view.filing.as_ref().unwrap().case_number,
            case.filing.case_number,
            "{name}"
        );
    }
}

#[test]
fn a_view_shows_the_clock_of_its_state() {
    let expected = [
        (StateKind::Filed, None),
        (
            StateKind::HeldForRouting,
            Some(v1::DueDateKind::RoutingOverdue),
        ),
        (StateKind::InNegotiation, Some(v1::DueDateKind::Negotiation)),
        (
            StateKind::NegotiationFailed,
            Some(v1::DueDateKind::Escalation),
        ),
        (StateKind::Escalated, None),
        (StateKind::AtAuthority, Some(v1::DueDateKind::Acceptance)),
        (StateKind::InMediation, Some(v1::DueDateKind::Mediation)),
        (StateKind::Settled, Some(v1::DueDateKind::Performance)),
        (StateKind::Closed, None),
    ];
    for (name, case) in cases() {
        let kind = StateKind::of(&case.state);
        let (_, due) = expected.iter().find(|(state, _)| *state == kind).unwrap();
        let shown = view::due_date(&case).map(|due| due.kind());
        assert_eq!(shown, *due, "{name}");
        let view = view::case(&case, "", &[]);
        assert_eq!(
            view.due_dates.first().map(v1::CaseDueDate::kind),
            *due,
            "{name}"
        );
    }
}

#[test]
fn a_summary_and_a_revision_agree_with_the_view() {
    for (name, case) in cases() {
        let view = view::case(&case, "e", &[]);
        let revision = view::revision(&case, "e");
        let summary = view::summary(&case, "e");
        assert_eq!(
            (revision.case_id, revision.version, revision.state),
            (view.case_id, view.version, view.state)
        );
        assert_eq!(
            (summary.state, summary.version),
            (view.state, view.version),
            "{name}"
        );
        assert_eq!(summary.due_date.as_ref(), view.due_dates.first(), "{name}");
        assert_eq!(
            summary.enterprise,
            view.enterprise.unwrap_or_default(),
            "{name}"
        );
        assert_eq!(
            summary.authority,
            view.authority.unwrap_or_default(),
            "{name}"
        );
        let outcome = match view.detail {
            Some(Detail::Closed(closed)) => closed.outcome,
            _ => None,
        };
        assert_eq!(summary.outcome, outcome, "{name}");
    }
}

#[test]
fn ids_are_shown_as_text() {
    let (_, case) = cases()
        .into_iter()
        .find(|(name, _)| name == "InNegotiation")
        .unwrap();
    let view = view::case(&case, "", &[]);
    assert_eq!(view.offers[0].proposal_id, id(21).to_string());
    let filing = view.filing.unwrap();
    assert_eq!(filing.prior_case_id, Some(id(5).to_string()));
    assert_eq!(filing.text_ids.len(), 2);
}
