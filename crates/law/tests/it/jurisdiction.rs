//! Which places count, by role and rule set (the table of Order 121 Arts 13-14 and its forerunner).

use law::directory::RegionCode;
use law::jurisdiction::{Basis, Places, Role, competent_regions};
use law::rules::RuleSet;

use Basis::*;

fn region(code: &str) -> RegionCode {
    RegionCode::parse(code).expect("tests write codes of the right shape")
}

/// Everything known: business place, domicile, shown address, domicile of the platform.
fn told(role: Role, set: RuleSet, shown_address_known: bool) -> Vec<(Basis, String)> {
    let [business, domicile, shown, platform] =
        ["BUSINESS", "DOMICILE", "SHOWN", "PLATFORM"].map(region);
    let places = Places {
        role,
        business: Some(&business),
        domicile: Some(&domicile),
        shown_address: Some(&shown),
        shown_address_known,
        platform_domicile: Some(&platform),
    };
    competent_regions(&places, set)
        .into_iter()
        .map(|(basis, region)| (basis, region.to_string()))
        .collect()
}

#[test]
fn role_and_rule_set_select_the_places() {
    const OLD: RuleSet = RuleSet::Order20Regulation;
    const NEW: RuleSet = RuleSet::Order121;
    let business = || (BusinessPlace, "BUSINESS".to_owned());
    let domicile = || (Domicile, "DOMICILE".to_owned());
    let shown = || (ShownAddress, "SHOWN".to_owned());
    let platform = || (PlatformDomicile, "PLATFORM".to_owned());
    for (role, set, shown_known, expected) in [
        (Role::Ordinary, OLD, true, vec![business(), domicile()]),
        (Role::Ordinary, NEW, true, vec![business(), domicile()]),
        (Role::Platform, OLD, true, vec![domicile()]),
        (Role::Platform, NEW, true, vec![domicile()]),
        (Role::OwnSite, OLD, true, vec![domicile()]),
        (Role::OwnSite, NEW, true, vec![domicile()]),
        (
            Role::PlatformSeller,
            RuleSet::Order20,
            true,
            vec![business(), platform()],
        ),
        (
            Role::PlatformSeller,
            OLD,
            true,
            vec![business(), platform()],
        ),
        (
            Role::PlatformSeller,
            OLD,
            false,
            vec![business(), platform()],
        ),
        (Role::PlatformSeller, NEW, true, vec![shown(), platform()]),
        (Role::PlatformSeller, NEW, false, vec![platform()]),
    ] {
        assert_eq!(
            told(role, set, shown_known),
            expected,
            "{role:?} under {set:?}, address shown: {shown_known}"
        );
    }
}

#[test]
fn missing_places_are_left_out_and_equal_ones_named_once() {
    let shunde = region("440606");
    let nothing = Places {
        role: Role::Ordinary,
        business: None,
        domicile: None,
        shown_address: None,
        shown_address_known: true,
        platform_domicile: None,
    };
    assert_eq!(competent_regions(&nothing, RuleSet::Order121), []);
    let same = Places {
        business: Some(&shunde),
        domicile: Some(&shunde),
        ..nothing
    };
    assert_eq!(
        competent_regions(&same, RuleSet::Order121),
        [(BusinessPlace, shunde.clone())]
    );
    let seller = Places {
        role: Role::PlatformSeller,
        platform_domicile: Some(&shunde),
        ..nothing
    };
    assert_eq!(
        competent_regions(&seller, RuleSet::Order121),
        [(PlatformDomicile, shunde.clone())]
    );
}
