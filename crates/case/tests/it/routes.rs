//! Whole ways through the lifecycle, and what a case remembers of them.

use case::state::DeclineReason;
use case::{Actor, Body, CommandKind as C, Facts, Reason as R};
use law::grounds::{EndingGround, RefusalGround};

use crate::support::At;
use crate::support::bodies::{self, end_mediation, refuse, usual};
use crate::support::history::usual_facts;
use crate::support::people::{COUNTY, consumer, enterprise, official, system};
use crate::support::samples;

#[test]
fn a_ground_of_order_121_does_not_exist_before_it() {
    let before = crate::support::History::starting("2016-01-04T02:00:00Z")
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
    use case::state::FailedWhy as W;
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
