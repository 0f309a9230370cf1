//! Who may read which case.

use case::Event;
use case::event::RoutedToAuthority;
use case::state::HoldReason;
use law::directory::UnitId;
use law::jurisdiction::Basis;
use law::{Law, RuleSet};

use super::*;
use crate::domain::sample::{HEAD_OFFICE, RESPONDENT, after, directory, filed, filing, noon};

fn actor(kind: ActorKind, org: &str, subject: &str) -> Actor {
    let part = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Actor {
        kind,
        org: part(org),
        subject: part(subject),
    }
}

fn id(text: &str) -> AuthorityId {
    AuthorityId::parse(text).unwrap()
}

/// Filed; held at a state's authority; received by it.
fn cases() -> [Case; 3] {
    let filed = filed(filing(), noon(2026, 11, 24));
    let due = Law::default().routing_due(law::day::day_of(filed.at), RuleSet::Order121);
    let held = after(
        &filed,
        Event::RoutingHeld {
            holder: id("US-AL"),
            reason: HoldReason::RegionNotCovered,
            due: due.clone(),
        },
    );
    let received = after(
        &filed,
        Event::RoutedToAuthority(RoutedToAuthority {
            authority: id("US-AL"),
            level: law::directory::Level::Province,
            ancestors: vec![id("US-FED")],
            unit: UnitId::parse("US-AL-00").unwrap(),
            received_at: filed.at,
            decide_by: due,
            rule_set: RuleSet::Order121,
            basis: Basis::BusinessPlace,
            nth: 1,
            directory_version: 1,
        }),
    );
    [filed, held, received]
}

#[test]
fn a_case_is_read_by_its_parties_and_by_whose_case_it_is() {
    use ActorKind::{Agency, Consumer, Enterprise, Official, Operator, Staff, System};
    let directory = directory();
    let rows = [
        (actor(Consumer, "", "c-1"), [true, true, true]),
        (actor(Consumer, "", "c-2"), [false, false, false]),
        (actor(Enterprise, RESPONDENT, "u"), [true, true, true]),
        (actor(Enterprise, HEAD_OFFICE, "u"), [false, false, false]),
        (actor(Official, "US-AL", "o"), [false, true, true]),
        (actor(Staff, "US-AL", "o"), [false, true, true]),
        (actor(Official, "US-TX", "o"), [false, false, false]),
        (actor(Official, "US-FED", "o"), [true, true, true]),
        (actor(Official, "not an id", "o"), [false, false, false]),
        (actor(Staff, "", ""), [false, false, false]),
        (actor(Agency, "12345", ""), [false, false, false]),
        (actor(Operator, "", "me"), [true, true, true]),
        (actor(System, "", ""), [true, true, true]),
    ];
    for (by, expected) in rows {
        let found = cases().map(|case| may_read(&case, &by, &directory));
        assert_eq!(found, expected, "{by:?}");
    }
}

#[test]
fn what_waits_at_an_authority_is_seen_there_and_above() {
    use ActorKind::{Consumer, Enterprise, Official, Operator, Staff};
    let directory = directory();
    for (by, holder, seen) in [
        (actor(Official, "US-AL", "o"), "US-AL", true),
        (actor(Staff, "US-FED", ""), "US-AL", true),
        (actor(Official, "US-AL", "o"), "US-FED", false),
        (actor(Official, "US-TX", "o"), "US-AL", false),
        // An authority that left the directory still sees its own.
        (actor(Official, "GONE", "o"), "GONE", true),
        (actor(Official, "US-FED", "o"), "GONE", false),
        (actor(Operator, "", "me"), "GONE", true),
        (actor(Consumer, "", "c-1"), "US-AL", false),
        (actor(Enterprise, RESPONDENT, "u"), "US-AL", false),
    ] {
        assert_eq!(
            may_see_held(&by, &id(holder), &directory),
            seen,
            "{by:?} {holder}"
        );
    }
}

#[test]
fn the_registry_is_kept_by_authorities_and_the_operator() {
    for kind in ActorKind::ALL {
        let keeps = matches!(
            kind,
            ActorKind::Official | ActorKind::Staff | ActorKind::Operator
        );
        assert_eq!(
            may_keep_registry(&actor(*kind, "US-AL", "x")),
            keeps,
            "{kind}"
        );
    }
}
