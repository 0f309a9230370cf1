//! Reading the three files of a directory, row by row.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::check::{Bare, Placed, Placing, check_coverage, check_tree, first_on_a_circle};
use super::fault::{DirectoryError, DirectoryFault, DirectoryFile};
use super::id::{AuthorityId, IdError, RegionCode, UnitId};
use super::{Authority, Directory, Level, Region, Unit, UnitKind};
use crate::table::{self, Row};

/// The units of one authority as they are found.
#[derive(Default)]
struct Units {
    receiving: Option<UnitId>,
    all: Vec<Unit>,
}

pub(super) fn directory(
    regions: &str,
    authorities: &str,
    units: &str,
) -> Result<Directory, DirectoryError> {
    let version = version(&[regions, authorities, units]);
    let (regions, region_places) = read_regions(regions)?;
    let (bare, authority_places) = read_authorities(authorities)?;
    let state_place = check_tree(&bare, &authority_places)?;
    let covered_by = check_coverage(&bare, &region_places)?;
    let units = read_units(units, &authority_places)?;
    let authorities = bare
        .into_iter()
        .zip(units)
        .map(complete)
        .collect::<Result<_, _>>()?;
    Ok(Directory {
        version,
        regions,
        authorities,
        region_places,
        authority_places,
        covered_by,
        state_place,
    })
}

fn version(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn read_regions(text: &str) -> Result<(Vec<Region>, Placing<RegionCode>), DirectoryError> {
    let file = DirectoryFile::Regions;
    let mut regions = Vec::new();
    let mut places = HashMap::new();
    for row in rows(file, text, &["code", "name", "parent"])? {
        let refuse = |reason| DirectoryError {
            file,
            line: row.line,
            reason,
        };
        let code = shaped(&row.fields[0], RegionCode::parse).map_err(refuse)?;
        let name = named(&row.fields[1]).map_err(refuse)?;
        let parent = optional(&row.fields[2], RegionCode::parse).map_err(refuse)?;
        if places.insert(code.clone(), regions.len()).is_some() {
            return Err(refuse(DirectoryFault::RegionTwice(code)));
        }
        regions.push(Placed {
            line: row.line,
            value: Region { code, name, parent },
        });
    }
    let mut parents = Vec::with_capacity(regions.len());
    for Placed { line, value } in &regions {
        let parent = value.parent.as_ref().map(|parent| {
            let reason = || DirectoryFault::UnknownParentRegion(parent.clone());
            places.get(parent).copied().ok_or_else(|| DirectoryError {
                file,
                line: *line,
                reason: reason(),
            })
        });
        parents.push(parent.transpose()?);
    }
    if let Some(place) = first_on_a_circle(&parents) {
        let Placed { line, value } = &regions[place];
        return Err(DirectoryError {
            file,
            line: *line,
            reason: DirectoryFault::RegionCycle(value.code.clone()),
        });
    }
    Ok((
        regions.into_iter().map(|placed| placed.value).collect(),
        places,
    ))
}

fn read_authorities(
    text: &str,
) -> Result<(Vec<Placed<Bare>>, Placing<AuthorityId>), DirectoryError> {
    let file = DirectoryFile::Authorities;
    let columns = [
        "id",
        "name",
        "level",
        "parent",
        "coverage",
        "receives_first",
    ];
    let mut authorities = Vec::new();
    let mut places = HashMap::new();
    for row in rows(file, text, &columns)? {
        let refuse = |reason| DirectoryError {
            file,
            line: row.line,
            reason,
        };
        let authority = bare(&row.fields).map_err(refuse)?;
        if places
            .insert(authority.id.clone(), authorities.len())
            .is_some()
        {
            return Err(refuse(DirectoryFault::AuthorityTwice(authority.id)));
        }
        authorities.push(Placed {
            line: row.line,
            value: authority,
        });
    }
    Ok((authorities, places))
}

fn bare(fields: &[String]) -> Result<Bare, DirectoryFault> {
    let level = Level::from_code(&fields[2]).ok_or_else(|| DirectoryFault::Word {
        column: "level",
        text: fields[2].clone(),
        allowed: "state, province, city, county",
    })?;
    let codes = fields[4]
        .split(';')
        .map(str::trim)
        .filter(|code| !code.is_empty());
    Ok(Bare {
        id: shaped(&fields[0], AuthorityId::parse)?,
        name: named(&fields[1])?,
        level,
        parent: optional(&fields[3], AuthorityId::parse)?,
        coverage: codes
            .map(|code| shaped(code, RegionCode::parse))
            .collect::<Result<_, _>>()?,
        receives_first: flag("receives_first", &fields[5])?,
    })
}

fn read_units(text: &str, places: &Placing<AuthorityId>) -> Result<Vec<Units>, DirectoryError> {
    let file = DirectoryFile::Units;
    let mut units: Vec<Units> = places.iter().map(|_| Units::default()).collect();
    let mut seen = HashMap::new();
    for row in rows(
        file,
        text,
        &["authority", "id", "name", "kind", "receiving"],
    )? {
        let refuse = |reason| DirectoryError {
            file,
            line: row.line,
            reason,
        };
        let (authority, unit, receiving) = unit(&row.fields).map_err(refuse)?;
        let Some(&place) = places.get(&authority) else {
            return Err(refuse(DirectoryFault::UnknownAuthority(authority)));
        };
        if seen.insert(unit.id.clone(), ()).is_some() {
            return Err(refuse(DirectoryFault::UnitTwice(unit.id)));
        }
        if receiving && units[place].receiving.replace(unit.id.clone()).is_some() {
            return Err(refuse(DirectoryFault::SecondReceivingUnit(authority)));
        }
        units[place].all.push(unit);
    }
    Ok(units)
}

fn unit(fields: &[String]) -> Result<(AuthorityId, Unit, bool), DirectoryFault> {
    let kind = UnitKind::from_code(&fields[3]).ok_or_else(|| DirectoryFault::Word {
        column: "kind",
        text: fields[3].clone(),
        allowed: "department, office",
    })?;
    let unit = Unit {
        id: shaped(&fields[1], UnitId::parse)?,
        name: named(&fields[2])?,
        kind,
    };
    Ok((
        shaped(&fields[0], AuthorityId::parse)?,
        unit,
        flag("receiving", &fields[4])?,
    ))
}

fn complete((bare, units): (Placed<Bare>, Units)) -> Result<Authority, DirectoryError> {
    let Placed { line, value } = bare;
    let receiving_unit = units.receiving.ok_or_else(|| DirectoryError {
        file: DirectoryFile::Authorities,
        line,
        reason: DirectoryFault::NoReceivingUnit(value.id.clone()),
    })?;
    Ok(Authority {
        id: value.id,
        name: value.name,
        level: value.level,
        parent: value.parent,
        coverage: value.coverage,
        receives_first: value.receives_first,
        receiving_unit,
        units: units.all,
    })
}

fn rows(
    file: DirectoryFile,
    text: &str,
    columns: &[&'static str],
) -> Result<Vec<Row>, DirectoryError> {
    table::read(text, columns).map_err(|error| DirectoryError {
        file,
        line: error.line,
        reason: DirectoryFault::Table(error.fault),
    })
}

fn shaped<T>(text: &str, parse: impl Fn(&str) -> Result<T, IdError>) -> Result<T, DirectoryFault> {
    parse(text).map_err(|error| DirectoryFault::Shape {
        text: text.to_owned(),
        error,
    })
}

fn optional<T>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, IdError>,
) -> Result<Option<T>, DirectoryFault> {
    if text.is_empty() {
        Ok(None)
    } else {
        shaped(text, parse).map(Some)
    }
}

fn named(text: &str) -> Result<String, DirectoryFault> {
    if text.trim().is_empty() {
        Err(DirectoryFault::BlankName)
    } else {
        Ok(text.to_owned())
    }
}

fn flag(column: &'static str, text: &str) -> Result<bool, DirectoryFault> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(DirectoryFault::Word {
            column,
            text: other.to_owned(),
            allowed: "yes, no",
        }),
    }
}
