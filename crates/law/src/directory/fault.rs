//! Why a directory is refused: a closed list, each with the file and line to look at.

use std::fmt;

use thiserror::Error;

use super::id::{AuthorityId, IdError, RegionCode, UnitId};
use crate::table::TableFault;

/// Which of the three files a fault lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DirectoryFile {
    /// `regions.csv`.
    Regions,
    /// `authorities.csv`.
    Authorities,
    /// `units.csv`.
    Units,
}

impl fmt::Display for DirectoryFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DirectoryFile::Regions => "regions.csv",
            DirectoryFile::Authorities => "authorities.csv",
            DirectoryFile::Units => "units.csv",
        })
    }
}

/// Where and why a directory was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file} line {line}: {reason}")]
pub struct DirectoryError {
    /// The file.
    pub file: DirectoryFile,
    /// Line in it, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub reason: DirectoryFault,
}

/// What can be wrong with a directory.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DirectoryFault {
    /// The table itself is broken.
    #[error("{0}")]
    Table(TableFault),
    /// An id or code has the wrong shape.
    #[error("`{text}`: {error}")]
    Shape {
        /// The text as written.
        text: String,
        /// The shape it misses.
        error: IdError,
    },
    /// A name is blank.
    #[error("the name is blank")]
    BlankName,
    /// A word is not one of a closed list.
    #[error("column `{column}`: `{text}` is none of {allowed}")]
    Word {
        /// The column.
        column: &'static str,
        /// The text as written.
        text: String,
        /// The words allowed.
        allowed: &'static str,
    },
    /// A region code has two rows.
    #[error("region {0} has two rows")]
    RegionTwice(RegionCode),
    /// An authority id has two rows.
    #[error("authority {0} has two rows")]
    AuthorityTwice(AuthorityId),
    /// A unit id has two rows.
    #[error("unit {0} has two rows")]
    UnitTwice(UnitId),
    /// A region's parent is not a region of the file.
    #[error("the parent region {0} is unknown")]
    UnknownParentRegion(RegionCode),
    /// An authority's parent is not an authority of the file.
    #[error("the parent authority {0} is unknown")]
    UnknownParentAuthority(AuthorityId),
    /// An authority below the state level has no parent.
    #[error("an authority below the state level needs a parent")]
    NoParent,
    /// Regions lie inside one another in a circle.
    #[error("region {0} lies inside itself")]
    RegionCycle(RegionCode),
    /// Authorities stand above one another in a circle.
    #[error("authority {0} stands above itself")]
    AuthorityCycle(AuthorityId),
    /// An authority's parent is not of a higher level.
    #[error("the parent authority {0} is not of a higher level")]
    LevelOrder(AuthorityId),
    /// The file holds no authority of the state level.
    #[error("no authority of the state level")]
    NoState,
    /// The file holds a second authority of the state level.
    #[error("a second authority of the state level, after {0}")]
    SecondState(AuthorityId),
    /// An authority covers a region that is not in the file.
    #[error("the covered region {0} is unknown")]
    UnknownCoverage(RegionCode),
    /// A region code is in the coverage of two authorities, or twice in one.
    #[error("region {region} is already covered by {by}")]
    CoveredTwice {
        /// The code.
        region: RegionCode,
        /// The authority that named it first.
        by: AuthorityId,
    },
    /// A unit belongs to an authority that is not in the file.
    #[error("the authority {0} of the unit is unknown")]
    UnknownAuthority(AuthorityId),
    /// An authority has no receiving unit.
    #[error("authority {0} has no receiving unit")]
    NoReceivingUnit(AuthorityId),
    /// An authority has a second receiving unit.
    #[error("authority {0} has a second receiving unit")]
    SecondReceivingUnit(AuthorityId),
}
