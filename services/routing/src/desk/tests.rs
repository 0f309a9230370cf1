//! Routing decisions, from what was loaded to the event: every combination that matters.

use case::{CaseId, Command, Event, decide};
use law::Law;

use super::*;
use crate::domain::choice::Delegate;
use crate::domain::enterprise::Status;
use crate::domain::sample::{HEAD_OFFICE, RESPONDENT, directory, filed, filing, noon, uscc};

const PRIOR: Uuid = Uuid::from_u128(3);

fn desk() -> RoutingDesk {
    RoutingDesk::new(Arc::new(directory()))
}

fn loaded(respondent: Option<Status>, delegate: Option<Status>, prior_failed: bool) -> Loaded {
    let delegate = delegate.map(|status| Delegate {
        uscc: uscc(HEAD_OFFICE),
        status,
        version: 2,
    });
    let standing = respondent.map(|status| {
        (
            uscc(RESPONDENT),
            Standing {
                status,
                version: 4,
                delegate,
            },
        )
    });
    Loaded {
        asked: HashSet::from([uscc(RESPONDENT)]),
        standings: standing.into_iter().collect(),
        asked_priors: HashSet::from([PRIOR]),
        failed_priors: prior_failed.then_some(PRIOR).into_iter().collect(),
    }
}

/// Where the case goes: the negotiator and whom it stands for, else the authority.
fn routed(case: &Case, loaded: &Loaded) -> (String, String) {
    let facts = desk()
        .facts(Uuid::nil(), Some(case), &Body::Route, loaded)
        .expect("everything was loaded");
    let command = Command {
        by: case::Actor::system(),
        body: Body::Route,
    };
    let events = decide(Some(case), &command, &facts, &Law::default(), case.at)
        .expect("a filed case is routed");
    match events.as_slice() {
        [Event::RoutedToEnterprise(to)] => (
            to.enterprise.to_string(),
            to.on_behalf_of
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        ),
        [Event::RoutedToAuthority(to)] => (to.authority.to_string(), String::new()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn odr_comes_first_for_who_chose_it_where_it_is_active_and_has_not_failed() {
    use Status::{Admitted, Applied, Removed, Suspended};
    let standings = [
        (None, None, "US-AL", ""),
        (Some(Applied), None, "US-AL", ""),
        (Some(Admitted), None, RESPONDENT, ""),
        (Some(Suspended), None, "US-AL", ""),
        (Some(Removed), None, "US-AL", ""),
        (Some(Applied), Some(Admitted), HEAD_OFFICE, RESPONDENT),
        (Some(Admitted), Some(Suspended), RESPONDENT, ""),
    ];
    let priors = [None, Some(false), Some(true)];
    for (respondent, delegate, to, on_behalf_of) in standings {
        for (chosen, failed, prior) in [true, false].into_iter().flat_map(|c| {
            [true, false]
                .into_iter()
                .flat_map(move |f| priors.map(|p| (c, f, p)))
        }) {
            let mut filing = filing();
            if !chosen {
                filing.consents.odr = None;
            }
            filing.prior_case = prior.map(|_| CaseId(PRIOR));
            let mut case = filed(filing, noon(2026, 11, 24));
            case.odr_failed = failed;
            let open = chosen && !failed && prior != Some(true);
            let expected = if open {
                (to.to_owned(), on_behalf_of.to_owned())
            } else {
                ("US-AL".to_owned(), String::new())
            };
            let found = routed(&case, &loaded(respondent, delegate, prior == Some(true)));
            assert_eq!(
                found, expected,
                "{respondent:?} {delegate:?} chosen {chosen} failed {failed} prior {prior:?}"
            );
        }
    }
}

#[test]
fn what_was_not_loaded_is_not_guessed() {
    let mut filing = filing();
    let case = filed(filing.clone(), noon(2026, 11, 24));
    let desk = desk();
    let facts =
        |case: &Case, loaded: &Loaded| desk.facts(Uuid::nil(), Some(case), &Body::Route, loaded);
    assert!(desk.needs_load(Some(&case), None));
    assert_eq!(facts(&case, &Loaded::default()), None);
    filing.prior_case = Some(CaseId(Uuid::from_u128(99)));
    assert_eq!(
        facts(&filed(filing.clone(), case.at), &loaded(None, None, false)),
        None,
        "the earlier case"
    );
    filing.consents.odr = None;
    let unchosen = filed(filing, case.at);
    assert!(
        !desk.needs_load(Some(&unchosen), None),
        "nobody needs to know"
    );
    assert!(facts(&unchosen, &Loaded::default()).is_some());
}

#[test]
fn routing_by_hand_needs_the_directory_alone() {
    let desk = desk();
    let facts = |id: &str| {
        let body = Body::RouteByHand {
            authority: AuthorityId::parse(id).expect("an id's shape"),
        };
        assert!(!desk.needs_load(None, Some(&body)));
        desk.facts(Uuid::nil(), None, &body, &Loaded::default())
    };
    let Some(Facts::RouteByHand {
        destination: Some(to),
    }) = facts("US-TX")
    else {
        panic!("in the directory")
    };
    assert_eq!((to.authority.as_str(), to.basis), ("US-TX", Basis::ByHand));
    assert_eq!(
        facts("US-XX"),
        Some(Facts::RouteByHand { destination: None })
    );
}
