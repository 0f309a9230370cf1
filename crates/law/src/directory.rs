//! The directory of regions and authorities: who covers which region code, who stands above whom.
//!
//! The authority tree is not the region tree: an authority lists the codes it covers. The directory is read from three
//! CSV texts ([`Directory::parse`]) and is either right as a whole or refused with file, line and reason.

mod check;
mod fault;
mod id;
mod read;

use std::collections::HashMap;

pub use fault::{DirectoryError, DirectoryFault, DirectoryFile};
pub use id::{AuthorityId, IdError, RegionCode, UnitId};

/// Rank of an authority; `Ord` runs from the state level down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The state administration.
    State,
    /// A province, autonomous region or municipality under the state.
    Province,
    /// A city with or without counties.
    City,
    /// A county or district.
    County,
}

impl Level {
    /// Every level, highest first.
    pub const ALL: [Level; 4] = [Level::State, Level::Province, Level::City, Level::County];

    /// Name on the wire and in the file.
    pub fn code(self) -> &'static str {
        match self {
            Level::State => "state",
            Level::Province => "province",
            Level::City => "city",
            Level::County => "county",
        }
    }

    /// The level with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// A region that a filing may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code.
    pub code: RegionCode,
    /// Its name for people.
    pub name: String,
    /// The region around it.
    pub parent: Option<RegionCode>,
}

/// What a unit of an authority is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// A department of the authority.
    Department,
    /// A branch office that acts in the authority's name (Order 121 Art 30).
    Office,
}

impl UnitKind {
    /// Every kind.
    pub const ALL: [UnitKind; 2] = [UnitKind::Department, UnitKind::Office];

    /// Name on the wire and in the file.
    pub fn code(self) -> &'static str {
        match self {
            UnitKind::Department => "department",
            UnitKind::Office => "office",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A part of an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id, unique in the whole directory.
    pub id: UnitId,
    /// Its name for people.
    pub name: String,
    /// Department or office.
    pub kind: UnitKind,
}

/// An authority for market regulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its id.
    pub id: AuthorityId,
    /// Its name for people.
    pub name: String,
    /// Its rank.
    pub level: Level,
    /// The authority above it; only the state level has none.
    pub parent: Option<AuthorityId>,
    /// The region codes it covers, none of them covered by another authority.
    pub coverage: Vec<RegionCode>,
    /// Whether complaints come here first, so that its codes also cover what lies beneath them.
    pub receives_first: bool,
    /// The one unit that receives and distributes (Order 121 Art 41).
    pub receiving_unit: UnitId,
    /// All its units, the receiving one included.
    pub units: Vec<Unit>,
}

/// Who is competent for a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Competence<'a> {
    /// This authority covers it.
    Covered(&'a Authority),
    /// Nobody covers it; a case is held by hand at the nearest authority known.
    Uncovered {
        /// The authority that covers the nearest region around it, else the state level.
        deepest_known: &'a Authority,
    },
}

/// The checked directory.
#[derive(Debug, Clone)]
pub struct Directory {
    version: String,
    regions: Vec<Region>,
    authorities: Vec<Authority>,
    region_places: HashMap<RegionCode, usize>,
    authority_places: HashMap<AuthorityId, usize>,
    covered_by: HashMap<RegionCode, usize>,
    state_place: usize,
}

impl Directory {
    /// Reads `regions.csv` (`code,name,parent`), `authorities.csv` (`id,name,level,parent,coverage,receives_first`,
    /// coverage separated by semicolons) and `units.csv` (`authority,id,name,kind,receiving`); yes and no for flags.
    ///
    /// # Errors
    /// The first fault with its file and line; nothing of a wrong directory is loaded.
    pub fn parse(
        regions_csv: &str,
        authorities_csv: &str,
        units_csv: &str,
    ) -> Result<Directory, DirectoryError> {
        read::directory(regions_csv, authorities_csv, units_csv)
    }

    /// Sixteen hexadecimal digits that change with any byte of the three files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The region with this code.
    pub fn region(&self, code: &str) -> Option<&Region> {
        self.region_places
            .get(code)
            .map(|&place| &self.regions[place])
    }

    /// Every region, in the order of the file.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The authority with this id.
    pub fn authority(&self, id: &AuthorityId) -> Option<&Authority> {
        self.authority_places
            .get(id)
            .map(|&place| &self.authorities[place])
    }

    /// Every authority, in the order of the file.
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// The one authority of the state level.
    pub fn state(&self) -> &Authority {
        &self.authorities[self.state_place]
    }

    /// The authorities above this one, nearest first; empty for the state level and for an unknown id.
    pub fn ancestors(&self, id: &AuthorityId) -> Vec<AuthorityId> {
        let parent_of = |id: &AuthorityId| {
            self.authority(id)
                .and_then(|authority| authority.parent.clone())
        };
        std::iter::successors(parent_of(id), parent_of).collect()
    }

    /// Whether `id` is `of` or stands below it; an unknown id stands nowhere.
    pub fn is_at_or_below(&self, id: &AuthorityId, of: &AuthorityId) -> bool {
        let start = self.authority(id);
        std::iter::successors(start, |authority| {
            self.authority(authority.parent.as_ref()?)
        })
        .any(|authority| &authority.id == of)
    }

    /// Who is competent for a region: the authority that covers its code, else the one that covers the nearest region
    /// around it, provided that one receives complaints first.
    ///
    /// A nearer code that belongs to an authority which does not receive first stops the search: the case is held
    /// there. An unknown region is held at the state level.
    pub fn competent(&self, region: &RegionCode) -> Competence<'_> {
        let start = self.region(region.as_str());
        let around = std::iter::successors(start, |region| {
            self.region(region.parent.as_ref()?.as_str())
        });
        for (distance, region) in around.enumerate() {
            if let Some(&place) = self.covered_by.get(&region.code) {
                let authority = &self.authorities[place];
                return if distance == 0 || authority.receives_first {
                    Competence::Covered(authority)
                } else {
                    Competence::Uncovered {
                        deepest_known: authority,
                    }
                };
            }
        }
        Competence::Uncovered {
            deepest_known: self.state(),
        }
    }
}
