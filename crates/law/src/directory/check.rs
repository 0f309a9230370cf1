//! Checks that need a whole file: the tree of authorities and what they cover.

use std::collections::HashMap;

use super::Level;
use super::fault::{DirectoryError, DirectoryFault, DirectoryFile};
use super::id::{AuthorityId, RegionCode};

/// Where a key stands in the order of its file.
pub(super) type Placing<K> = HashMap<K, usize>;

/// A region or authority with the line it stands on.
pub(super) struct Placed<T> {
    pub(super) line: u64,
    pub(super) value: T,
}

/// An authority before its units are known.
pub(super) struct Bare {
    pub(super) id: AuthorityId,
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) parent: Option<AuthorityId>,
    pub(super) coverage: Vec<RegionCode>,
    pub(super) receives_first: bool,
}

/// Orphans, circles, level order, one state level; returns the place of the state level.
pub(super) fn check_tree(
    authorities: &[Placed<Bare>],
    places: &Placing<AuthorityId>,
) -> Result<usize, DirectoryError> {
    let refuse = |line, reason| DirectoryError {
        file: DirectoryFile::Authorities,
        line,
        reason,
    };
    let mut parents = Vec::with_capacity(authorities.len());
    for Placed { line, value } in authorities {
        let parent = value.parent.as_ref().map(|parent| {
            let unknown = || {
                refuse(
                    *line,
                    DirectoryFault::UnknownParentAuthority(parent.clone()),
                )
            };
            places.get(parent).copied().ok_or_else(unknown)
        });
        parents.push(parent.transpose()?);
    }
    if let Some(place) = first_on_a_circle(&parents) {
        let Placed { line, value } = &authorities[place];
        return Err(refuse(
            *line,
            DirectoryFault::AuthorityCycle(value.id.clone()),
        ));
    }
    let mut state = None;
    for (place, Placed { line, value }) in authorities.iter().enumerate() {
        match parents[place].map(|parent| &authorities[parent].value) {
            Some(parent) if parent.level >= value.level => {
                return Err(refuse(*line, DirectoryFault::LevelOrder(parent.id.clone())));
            }
            None if value.level != Level::State => {
                return Err(refuse(*line, DirectoryFault::NoParent));
            }
            Some(_) => {}
            None => {
                if let Some(first) = state.replace(place) {
                    let first: &Placed<Bare> = &authorities[first];
                    return Err(refuse(
                        *line,
                        DirectoryFault::SecondState(first.value.id.clone()),
                    ));
                }
            }
        }
    }
    state.ok_or_else(|| refuse(1, DirectoryFault::NoState))
}

pub(super) fn check_coverage(
    authorities: &[Placed<Bare>],
    regions: &Placing<RegionCode>,
) -> Result<Placing<RegionCode>, DirectoryError> {
    let mut covered_by = HashMap::new();
    for (place, Placed { line, value }) in authorities.iter().enumerate() {
        let refuse = |reason| DirectoryError {
            file: DirectoryFile::Authorities,
            line: *line,
            reason,
        };
        for code in &value.coverage {
            if !regions.contains_key(code) {
                return Err(refuse(DirectoryFault::UnknownCoverage(code.clone())));
            }
            if let Some(first) = covered_by.insert(code.clone(), place) {
                let by = authorities[first].value.id.clone();
                return Err(refuse(DirectoryFault::CoveredTwice {
                    region: code.clone(),
                    by,
                }));
            }
        }
    }
    Ok(covered_by)
}

/// The lowest place that lies on a circle of parents.
pub(super) fn first_on_a_circle(parents: &[Option<usize>]) -> Option<usize> {
    let mut settled = vec![false; parents.len()];
    for start in 0..parents.len() {
        let mut path = Vec::new();
        let mut next = Some(start);
        while let Some(place) = next.filter(|&place| !settled[place]) {
            if let Some(from) = path.iter().position(|&seen| seen == place) {
                return path[from..].iter().copied().min();
            }
            path.push(place);
            next = parents[place];
        }
        path.into_iter().for_each(|place| settled[place] = true);
    }
    None
}
