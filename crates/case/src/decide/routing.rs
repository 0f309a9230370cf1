//! Every choice of a holder: by rule, by hand.

use law::RuleSet;
use law::directory::AuthorityId;
use law::jurisdiction::Basis;

use crate::decide::asked::Asked;
use crate::event::{Event, RoutedToAuthority, RoutedToEnterprise};
use crate::facts::{ActiveEnterprise, Destination, Facts, Jurisdiction};
use crate::refusal::{Reason, Refusal};
use crate::state::CaseState;

pub(super) fn route(asked: &Asked<'_>, facts: &Facts) -> Result<Event, Refusal> {
    let Facts::Route {
        enterprise,
        jurisdiction,
        prior_odr_failed,
    } = facts
    else {
        return Err(Reason::FactsMissing.into());
    };
    let odr_open =
        asked.case.filing.consents.odr.is_some() && !asked.case.odr_failed && !*prior_odr_failed;
    if let Some(enterprise) = enterprise.as_ref().filter(|_| odr_open) {
        return Ok(to_enterprise(asked, enterprise));
    }
    Ok(match jurisdiction {
        Jurisdiction::Decided(destination) => to_authority(asked, destination, destination.basis),
        Jurisdiction::Held { holder, reason } => Event::RoutingHeld {
            holder: holder.clone(),
            reason: *reason,
            due: asked.law.routing_due(asked.today(), asked.case.rule_set()),
        },
    })
}

/// The clock counts from the day the enterprise receives, by the rules of the day of filing.
fn to_enterprise(asked: &Asked<'_>, chosen: &ActiveEnterprise) -> Event {
    Event::RoutedToEnterprise(RoutedToEnterprise {
        enterprise: chosen.enterprise.clone(),
        on_behalf_of: chosen.on_behalf_of.clone(),
        registry_version: chosen.registry_version,
        due: asked
            .law
            .negotiation_due(asked.today(), asked.case.filing_rule_set()),
    })
}

pub(super) fn by_hand(
    asked: &Asked<'_>,
    authority: &AuthorityId,
    facts: &Facts,
) -> Result<Event, Refusal> {
    let CaseState::HeldForRouting { holder, .. } = &asked.case.state else {
        return Err(Reason::WrongState.into());
    };
    asked.holder(holder)?;
    let destination = match facts {
        Facts::RouteByHand {
            destination: Some(destination),
        } if destination.authority == *authority => destination,
        Facts::RouteByHand { destination: None } => {
            return Err(Refusal::new(Reason::AuthorityUnknown).with("authority", authority));
        }
        _ => return Err(Reason::FactsMissing.into()),
    };
    if destination.authority != *holder && !destination.ancestors.contains(holder) {
        return Err(Refusal::new(Reason::AuthorityNotBelowHolder).with("holder", holder));
    }
    Ok(to_authority(asked, destination, Basis::ByHand))
}

/// Only another authority than the last restarts the time to decide; the rules stay those of the first receipt.
fn to_authority(asked: &Asked<'_>, destination: &Destination, basis: Basis) -> Event {
    let last = asked.case.last_receipt.as_ref();
    let rule_set = last.map_or_else(|| RuleSet::on(asked.today()), |last| last.rule_set);
    let same = last.filter(|last| last.authority == destination.authority);
    let (received_at, decide_by) = match same {
        Some(last) => (last.received_at, last.decide_by.clone()),
        None => (asked.now, asked.law.acceptance_due(asked.today(), rule_set)),
    };
    Event::RoutedToAuthority(RoutedToAuthority {
        authority: destination.authority.clone(),
        level: destination.level,
        ancestors: destination.ancestors.clone(),
        unit: destination.unit.clone(),
        received_at,
        decide_by,
        rule_set,
        basis,
        nth: asked.case.receipts + 1,
        directory_version: destination.directory_version,
    })
}

pub(super) fn mark_overdue(asked: &Asked<'_>) -> Result<Event, Refusal> {
    let CaseState::HeldForRouting {
        due, overdue_at, ..
    } = &asked.case.state
    else {
        return Err(Reason::WrongState.into());
    };
    let due = asked.passed_unrecorded(due, *overdue_at)?;
    Ok(Event::RoutingOverdue { due })
}
