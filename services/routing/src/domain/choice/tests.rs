//! Who negotiates and who is competent, as tables.

use law::directory::Directory;

use super::*;
use crate::domain::sample::{
    HEAD_OFFICE, RESPONDENT, directory, filed, filing, noon, region, uscc,
};

#[test]
fn the_registry_decides_who_negotiates() {
    use Status::{Admitted, Applied, Removed, Suspended};
    let own = Some((RESPONDENT, None, 3));
    let delegated = Some((HEAD_OFFICE, Some(RESPONDENT), 8));
    let rows = [
        (Admitted, None, own),
        (Applied, None, None),
        (Suspended, None, None),
        (Removed, None, None),
        (Applied, Some(Admitted), delegated),
        (Admitted, Some(Admitted), delegated),
        (Suspended, Some(Admitted), None),
        (Removed, Some(Admitted), None),
        (Admitted, Some(Applied), own),
        (Admitted, Some(Suspended), own),
        (Admitted, Some(Removed), own),
        (Applied, Some(Suspended), None),
    ];
    for (status, delegate, expected) in rows {
        let delegate = delegate.map(|status| Delegate {
            uscc: uscc(HEAD_OFFICE),
            status,
            version: 8,
        });
        let row = format!("{status} {delegate:?}");
        let found = negotiator(
            &uscc(RESPONDENT),
            &Standing {
                status,
                version: 3,
                delegate,
            },
        );
        let found = found.as_ref().map(|found| {
            (
                found.enterprise.as_str(),
                found.on_behalf_of.as_ref().map(Uscc::as_str),
                found.registry_version,
            )
        });
        assert_eq!(found, expected, "{row}");
    }
}

#[test]
fn odr_is_open_once_and_only_to_who_chose_it() {
    for (chosen, failed, known, open) in [
        (true, false, true, true),
        (false, false, true, false),
        (true, true, true, false),
        (true, false, false, false),
    ] {
        let mut filing = filing();
        if !chosen {
            filing.consents.odr = None;
        }
        if !known {
            filing.respondent.uscc = None;
        }
        let mut case = filed(filing, noon(2026, 11, 24));
        case.odr_failed = failed;
        assert_eq!(
            odr_respondent(&case).is_some(),
            open,
            "chosen {chosen} failed {failed} known {known}"
        );
    }
}

/// What a filing names: role, business, domicile, shown address, platform's domicile, place of event.
type Named<'a> = (Role, &'a str, &'a str, &'a str, &'a str, &'a str);

fn decided(named: Named<'_>, set: RuleSet, directory: &Directory) -> (String, &'static str) {
    let (role, business, domicile, shown, platform, place) = named;
    let mut filing = filing();
    filing.respondent.role = role;
    filing.respondent.business = region(business);
    filing.respondent.domicile = region(domicile);
    filing.respondent.shown_address = match shown {
        "" => ShownAddress::Unstated,
        "-" => ShownAddress::NotShown,
        code => ShownAddress::Shown(region(code).expect("a code")),
    };
    filing.respondent.platform_domicile = region(platform);
    filing.place_of_event = region(place);
    match jurisdiction(&filing, set, directory, 1) {
        Jurisdiction::Decided(to) => (to.authority.to_string(), to.basis.code()),
        Jurisdiction::Held { holder, reason } => (holder.to_string(), reason.code()),
    }
}

#[test]
fn the_first_region_that_an_authority_covers_decides() {
    use Role::{Ordinary, OwnSite, Platform, PlatformSeller};
    let (old, new) = (RuleSet::Order20, RuleSet::Order121);
    let directory = directory();
    let rows: [(Named<'_>, RuleSet, &str, &str); 19] = [
        (
            (Ordinary, "AL", "TX", "", "", ""),
            new,
            "US-AL",
            "business_place",
        ),
        ((Ordinary, "", "TX", "", "", ""), new, "US-TX", "domicile"),
        (
            (Ordinary, "US", "", "", "", ""),
            new,
            "US-FED",
            "business_place",
        ),
        // Uncovered: the next in order of preference, else by hand at the nearest authority around the first.
        ((Ordinary, "PR", "TX", "", "", ""), new, "US-TX", "domicile"),
        (
            (Ordinary, "PR", "", "", "", ""),
            new,
            "US-FED",
            "region_not_covered",
        ),
        (
            (Ordinary, "GU", "PR", "", "", ""),
            new,
            "US-FED",
            "region_not_covered",
        ),
        // Only an ordinary operator of whom nothing is known is looked for where it happened.
        (
            (Ordinary, "", "", "", "", "NY"),
            new,
            "US-NY",
            "business_place",
        ),
        (
            (Ordinary, "AL", "", "", "", "NY"),
            new,
            "US-AL",
            "business_place",
        ),
        (
            (Ordinary, "", "", "", "", ""),
            new,
            "US-FED",
            "region_unknown",
        ),
        (
            (Platform, "AL", "TX", "", "", "NY"),
            new,
            "US-TX",
            "domicile",
        ),
        (
            (OwnSite, "AL", "", "", "", "NY"),
            new,
            "US-FED",
            "region_unknown",
        ),
        // Sellers on a platform: what counts changed with Order 121.
        (
            (PlatformSeller, "AL", "", "TX", "CA", ""),
            old,
            "US-AL",
            "business_place",
        ),
        (
            (PlatformSeller, "AL", "", "TX", "CA", ""),
            new,
            "US-TX",
            "shown_address",
        ),
        (
            (PlatformSeller, "AL", "", "-", "CA", ""),
            new,
            "US-CA",
            "platform_domicile",
        ),
        (
            (PlatformSeller, "AL", "", "", "CA", ""),
            new,
            "US-CA",
            "platform_domicile",
        ),
        (
            (PlatformSeller, "AL", "TX", "-", "", "NY"),
            new,
            "US-FED",
            "region_unknown",
        ),
        (
            (PlatformSeller, "", "", "PR", "CA", ""),
            new,
            "US-CA",
            "platform_domicile",
        ),
        // A code that left the directory decides nothing.
        ((Ordinary, "ZZ", "TX", "", "", ""), new, "US-TX", "domicile"),
        (
            (Ordinary, "ZZ", "", "", "", ""),
            new,
            "US-FED",
            "region_unknown",
        ),
    ];
    for (named, set, holder, why) in rows {
        assert_eq!(
            decided(named, set, &directory),
            (holder.to_owned(), why),
            "{named:?} {set:?}"
        );
    }
}

#[test]
fn a_destination_carries_what_others_need_to_decide() {
    let directory = directory();
    let authority = directory
        .authority(&law::directory::AuthorityId::parse("US-AL").unwrap())
        .unwrap();
    let to = destination(&directory, 5, authority, Basis::ByHand);
    let ancestors: Vec<&str> = to.ancestors.iter().map(|id| id.as_str()).collect();
    assert_eq!(
        (ancestors, to.unit.as_str(), to.level.code()),
        (vec!["US-FED"], "US-AL-00", "province")
    );
    assert_eq!((to.basis, to.directory_version), (Basis::ByHand, 5));
}

#[test]
fn the_rules_of_the_day_say_who_is_competent_until_a_receipt_pins_them() {
    for (day, set) in [
        (noon(2016, 3, 1), RuleSet::Order20),
        (noon(2024, 7, 1), RuleSet::Order20Regulation),
        (noon(2026, 4, 14), RuleSet::Order20Regulation),
        (noon(2026, 4, 15), RuleSet::Order121),
    ] {
        assert_eq!(rule_set(&filed(filing(), day)), set, "{day}");
    }
}
