//! Where a complaint may be taken: the regions whose authority is competent, by the respondent's role
//! (Order 20 Arts 12-13, Order 121 Arts 13-14).

use crate::directory::RegionCode;
use crate::rules::RuleSet;

/// What the respondent is in the disputed sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// An operator with a place of business.
    Ordinary,
    /// The operator of an e-commerce platform.
    Platform,
    /// An operator that sells over a website of its own.
    OwnSite,
    /// A seller on somebody else's platform.
    PlatformSeller,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [
        Role::Ordinary,
        Role::Platform,
        Role::OwnSite,
        Role::PlatformSeller,
    ];

    /// Name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Role::Ordinary => "ordinary",
            Role::Platform => "platform",
            Role::OwnSite => "own_site",
            Role::PlatformSeller => "platform_seller",
        }
    }

    /// The role with this name on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Which rule made an authority competent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The respondent's actual place of business.
    BusinessPlace,
    /// The respondent's domicile.
    Domicile,
    /// The domicile of the operator of the platform.
    PlatformDomicile,
    /// The seller's address as the platform shows it.
    ShownAddress,
    /// No rule: a receiving unit sent it on by hand.
    ByHand,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Basis; 5] = [
        Basis::BusinessPlace,
        Basis::Domicile,
        Basis::PlatformDomicile,
        Basis::ShownAddress,
        Basis::ByHand,
    ];

    /// Name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Basis::BusinessPlace => "business_place",
            Basis::Domicile => "domicile",
            Basis::PlatformDomicile => "platform_domicile",
            Basis::ShownAddress => "shown_address",
            Basis::ByHand => "by_hand",
        }
    }

    /// The basis with this name on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.code() == code)
    }
}

/// What a filing tells about where the respondent can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places<'a> {
    /// The respondent's role.
    pub role: Role,
    /// Region of the actual place of business.
    pub business: Option<&'a RegionCode>,
    /// Region of the domicile.
    pub domicile: Option<&'a RegionCode>,
    /// Region of the address the platform shows.
    pub shown_address: Option<&'a RegionCode>,
    /// Whether the platform shows an address at which the seller can be reached.
    pub shown_address_known: bool,
    /// Region of the platform operator's domicile.
    pub platform_domicile: Option<&'a RegionCode>,
}

/// The regions whose authority is competent, in order of preference, each region once with its first basis.
///
/// Empty if the filing names none of the places that count for this role. That the first one named is tried first is
/// inferred: the rules let the consumer choose, and the authority that received first keeps the case.
pub fn competent_regions(places: &Places<'_>, set: RuleSet) -> Vec<(Basis, RegionCode)> {
    let business = (Basis::BusinessPlace, places.business);
    let domicile = (Basis::Domicile, places.domicile);
    let platform = (Basis::PlatformDomicile, places.platform_domicile);
    let shown = (
        Basis::ShownAddress,
        places.shown_address.filter(|_| places.shown_address_known),
    );
    let candidates = match (places.role, set) {
        (Role::Ordinary, _) => [Some(business), Some(domicile)],
        (Role::Platform | Role::OwnSite, _) => [Some(domicile), None],
        (Role::PlatformSeller, RuleSet::Order20 | RuleSet::Order20Regulation) => {
            [Some(business), Some(platform)]
        }
        (Role::PlatformSeller, RuleSet::Order121) => [Some(shown), Some(platform)],
    };
    let mut regions: Vec<(Basis, RegionCode)> = Vec::new();
    for (basis, region) in candidates.into_iter().flatten() {
        if let Some(region) =
            region.filter(|&region| regions.iter().all(|(_, seen)| seen != region))
        {
            regions.push((basis, region.clone()));
        }
    }
    regions
}
