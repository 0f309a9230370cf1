//! Whole ways through the lifecycle, and what a case remembers of them.

use case::state::{DeclineReason, FailedWhy, Outcome, Performed};
use case::terms::SettledHow;
use case::{
    Actor, Body, CaseState, CommandKind as C, Event, Facts, Fen, Reason as R, StateKind as S,
};
use chrono::TimeDelta;
use law::grounds::{EndingGround, RefusalGround};
use uuid::Uuid;

use crate::support::bodies::{self, end_mediation, refuse, usual};
use crate::support::history::usual_facts;
use crate::support::people::{COUNTY, consumer, enterprise, official, system};
use crate::support::samples;
use crate::support::situations::OFFER;
use crate::support::{At, History};

#[test]
fn a_ground_of_order_121_does_not_exist_before_it() {
    let before = History::starting("2016-01-04T02:00:00Z")
        .filed()
        .route(&usual_facts(&Body::Route));
    let body = refuse(RefusalGround::IdentityMisused);
    let got = before.clone().give(official(COUNTY), body, &Facts::None);
    assert_eq!(got, Err(R::GroundNotInRuleSet));
    let mut mediating = before.then(official(COUNTY), Body::AcceptComplaint);
    let body = end_mediation(EndingGround::PartyGone);
    let got = mediating.give(official(COUNTY), body, &Facts::None);
    assert_eq!(got, Err(R::GroundNotInRuleSet));
}

#[test]
fn why_a_negotiation_failed_follows_from_what_was_done() {
    use FailedWhy as W;
    let decline = |reason| Body::DeclineNegotiation {
        reason,
        text: samples::text(8),
    };
    let reported = || {
        let history = At::Negotiating.history();
        let body = bodies::report(history.now);
        history.then(enterprise(), body)
    };
    let rejected = |at: At, by: Actor| {
        let (_, body) = usual(C::RejectProposal, at.history().now);
        at.history().then(by, body)
    };
    for (history, body, why) in [
        (
            At::Acknowledged.history(),
            Body::ExpireNegotiation,
            W::EnterpriseSilent,
        ),
        (
            At::Asked.history(),
            Body::ExpireNegotiation,
            W::EnterpriseSilent,
        ),
        (reported(), Body::ExpireNegotiation, W::NotAgreedInTime),
        (
            At::Answered.history(),
            Body::ExpireNegotiation,
            W::NotAgreedInTime,
        ),
        (
            At::Offered.history(),
            Body::ExpireNegotiation,
            W::ConsumerSilent,
        ),
        (
            rejected(At::Offered, consumer()),
            Body::ExpireNegotiation,
            W::NotAgreedInTime,
        ),
        (
            rejected(At::Asked, enterprise()),
            Body::ExpireNegotiation,
            W::NotAgreedInTime,
        ),
        (
            At::Acknowledged.history(),
            Body::EndNegotiation,
            W::ConsumerLeftBeforeAnswer,
        ),
        (
            At::Answered.history(),
            Body::EndNegotiation,
            W::ConsumerUnsatisfied,
        ),
        (reported(), Body::EndNegotiation, W::ConsumerUnsatisfied),
        (
            At::Answered.history(),
            decline(DeclineReason::ClaimDisputed),
            W::Declined,
        ),
        (
            At::Answered.history(),
            decline(DeclineReason::WrongRespondent),
            W::WrongRespondent,
        ),
    ] {
        let by = match body {
            Body::ExpireNegotiation => system(),
            Body::EndNegotiation => consumer(),
            _ => enterprise(),
        };
        let failed = history.after_days(20).then(by, body);
        let negotiation = failed.case().milestones.negotiation.clone();
        assert_eq!(
            negotiation.and_then(|negotiation| negotiation.failed),
            Some(why)
        );
    }
}

#[test]
fn odr_takes_an_active_enterprise_the_consumers_choice_and_no_failure_before() {
    let with_prior = || {
        let mut facts = samples::with_enterprise();
        if let Facts::Route {
            prior_odr_failed, ..
        } = &mut facts
        {
            *prior_odr_failed = true;
        }
        facts
    };
    for (chosen, facts, wanted) in [
        (true, samples::with_enterprise(), S::InNegotiation),
        (false, samples::with_enterprise(), S::AtAuthority),
        (true, with_prior(), S::AtAuthority),
        (true, usual_facts(&Body::Route), S::AtAuthority),
    ] {
        let mut filing = samples::filing();
        if !chosen {
            filing.consents.odr = None;
        }
        let history = History::new().file(filing).route(&facts);
        assert_eq!(history.state(), wanted, "chosen: {chosen}");
    }
}

#[test]
fn an_enterprises_offer_outlives_a_failure_unless_it_declined() {
    let (_, decline) = usual(C::DeclineNegotiation, At::Offered.history().now);
    let end = Body::EndNegotiation;
    for (at, by, body, open) in [
        (At::Offered, consumer(), end.clone(), 1),
        (At::Offered, enterprise(), decline, 0),
        // The consumer's own offer falls.
        (At::Asked, consumer(), end, 0),
    ] {
        let failed = at.history().then(by, body);
        assert_eq!(failed.case().offers().len(), open, "{at:?}");
    }
    let escalated = At::FailedWithOffer
        .history()
        .then(consumer(), Body::Escalate);
    assert_eq!(escalated.case().offers(), []);
}

#[test]
fn a_newer_offer_replaces_the_older_of_its_side_only() {
    let mut history = At::Offered.history();
    let newer = Uuid::from_u128(2);
    for (by, proposal, open) in [
        (consumer(), Uuid::from_u128(1), 2),
        (enterprise(), newer, 2),
    ] {
        let body = bodies::propose(proposal, history.now);
        history = history.then(by, body);
        assert_eq!(history.case().offers().len(), open);
    }
    let body = Body::AcceptProposal { proposal: OFFER };
    let got = history.give(consumer(), body, &Facts::None);
    assert_eq!(got, Err(R::ProposalNotOpen));
    let body = Body::AcceptProposal { proposal: newer };
    assert!(history.give(consumer(), body, &Facts::None).is_ok());
}

#[test]
fn the_first_handling_report_counts() {
    let mut history = At::Negotiating.history();
    let first = history.now;
    for _ in 0..2 {
        let body = bodies::report(first);
        history = history.then(enterprise(), body).after_days(1);
    }
    assert_eq!(history.case().handling_reported_at, Some(first));
}

#[test]
fn a_case_remembers_a_direct_settlement() {
    let history = At::Offered.history().after_days(1);
    let settled_at = history.now;
    let body = Body::AcceptProposal { proposal: OFFER };
    let history = history
        .then(consumer(), body)
        .after_days(2)
        .then(consumer(), bodies::confirm(Performed::Partly, 4_000));
    let case = history.case();
    let CaseState::Closed {
        outcome, performed, ..
    } = &case.state
    else {
        panic!("closed");
    };
    assert_eq!(*outcome, Outcome::SettledDirectly);
    assert_eq!(*performed, Performed::Partly);
    assert_eq!(case.recovered, Fen(4_000));
    let negotiation = case.milestones.negotiation.as_ref().expect("negotiated");
    assert_eq!(negotiation.answered_at, Some(negotiation.started_at));
    assert_eq!(negotiation.ended_at, Some(settled_at));
    assert_eq!(negotiation.failed, None);
    let settlement = case.milestones.settlement.as_ref().expect("settled");
    assert_eq!(
        (settlement.how, settlement.at),
        (SettledHow::Direct, settled_at)
    );
    assert_eq!(case.milestones.closed_at, Some(history.now));
    assert_eq!(case.milestones.handling, None);
}

#[test]
fn a_case_remembers_a_mediation_after_a_failed_negotiation() {
    let mut history = At::Escalated.history();
    let escalated_at = history.case().milestones.escalated_at;
    assert_eq!(escalated_at, Some(history.now));
    history.settle_down(&usual_facts(&Body::Route));
    let received_at = history.now;
    let history = history
        .after_days(1)
        .then(official(COUNTY), Body::AcceptComplaint)
        .after_days(1);
    let body = bodies::propose(OFFER, history.now);
    let history = history
        .then(enterprise(), body)
        .then(consumer(), Body::AcceptProposal { proposal: OFFER });
    let document = bodies::DOCUMENT;
    let sealed = history
        .then(consumer(), Body::SignAgreement { document })
        .then(enterprise(), Body::SignAgreement { document })
        .then(official(COUNTY), Body::SealAgreement { document });
    let handling = sealed.case().milestones.handling.as_ref().expect("handled");
    assert_eq!(handling.received_at, received_at);
    assert_eq!(handling.decided_at, Some(received_at + TimeDelta::days(1)));
    assert_eq!(handling.accepted_at, handling.decided_at);
    assert_eq!(handling.ended_at, Some(sealed.now));
    let settlement = sealed.case().milestones.settlement.as_ref();
    assert_eq!(
        settlement.map(|settled| settled.how),
        Some(SettledHow::Mediated)
    );
    let negotiation = sealed.case().milestones.negotiation.as_ref();
    let failed = negotiation.and_then(|negotiation| negotiation.failed);
    assert_eq!(failed, Some(FailedWhy::EnterpriseSilent));
}

#[test]
fn numbers_of_grounds_go_by_the_rules_of_the_case() {
    for (starts, ground, number) in [
        ("2016-01-04T02:00:00Z", RefusalGround::OtherLaw, 6),
        ("2026-05-06T02:00:00Z", RefusalGround::OtherLaw, 7),
        ("2026-05-06T02:00:00Z", RefusalGround::IdentityMisused, 6),
    ] {
        let mut history = History::starting(starts)
            .filed()
            .route(&usual_facts(&Body::Route));
        let event = history.give(official(COUNTY), refuse(ground), &Facts::None);
        let Ok(Event::ComplaintRefused { number: got, .. }) = event else {
            panic!("refused: {event:?}");
        };
        assert_eq!(got, number, "{starts} {ground:?}");
    }
}
