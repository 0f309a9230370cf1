//! Choices of a holder.

use chrono::{DateTime, Utc};
use law::Due;
use law::directory::AuthorityId;

use crate::event::{RoutedToAuthority, RoutedToEnterprise};
use crate::milestones::{Handling, Negotiation};
use crate::state::{Case, CaseState, HoldReason, Receipt};

pub(super) fn to_enterprise(case: &mut Case, at: DateTime<Utc>, routed: &RoutedToEnterprise) {
    case.milestones.negotiation = Some(Negotiation {
        enterprise: routed.enterprise.clone(),
        registry_version: routed.registry_version,
        started_at: at,
        due: routed.due.clone(),
        acknowledged_at: None,
        answered_at: None,
        ended_at: None,
        failed: None,
    });
    case.state = CaseState::InNegotiation {
        enterprise: routed.enterprise.clone(),
        on_behalf_of: routed.on_behalf_of.clone(),
        since: at,
        due: routed.due.clone(),
        acknowledged_at: None,
        last_answer_at: None,
        last_act: None,
        offers: Vec::new(),
    };
}

pub(super) fn to_authority(case: &mut Case, routed: &RoutedToAuthority) {
    let receipt = Receipt {
        authority: routed.authority.clone(),
        level: routed.level,
        ancestors: routed.ancestors.clone(),
        unit: routed.unit.clone(),
        received_at: routed.received_at,
        decide_by: routed.decide_by.clone(),
        rule_set: routed.rule_set,
        nth: routed.nth,
    };
    case.milestones.handling = Some(Handling {
        authority: receipt.authority.clone(),
        received_at: receipt.received_at,
        decide_by: receipt.decide_by.clone(),
        decided_at: None,
        accepted_at: None,
        mediation_due: None,
        ended_at: None,
    });
    case.last_receipt = Some(receipt.clone());
    case.receipts = routed.nth;
    case.state = CaseState::AtAuthority {
        receipt,
        overdue_at: None,
    };
}

pub(super) fn held(
    case: &mut Case,
    at: DateTime<Utc>,
    holder: &AuthorityId,
    reason: HoldReason,
    due: &Due,
) {
    case.holds += 1;
    case.state = CaseState::HeldForRouting {
        holder: holder.clone(),
        reason,
        since: at,
        due: due.clone(),
        overdue_at: None,
    };
}

pub(super) fn overdue(case: &mut Case, at: DateTime<Utc>) {
    if let CaseState::HeldForRouting { overdue_at, .. } = &mut case.state {
        overdue_at.get_or_insert(at);
    }
}
