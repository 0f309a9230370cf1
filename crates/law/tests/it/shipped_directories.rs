//! The directories shipped for deployment load, and answer what they were made for.

use law::directory::{AuthorityId, Competence, Directory, Level, RegionCode};

fn shipped(folder: &str) -> Directory {
    let read = |file: &str| {
        let path = format!(
            "{}/../../deploy/directories/{folder}/{file}",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{folder}/{file}: {error}"))
    };
    Directory::parse(
        &read("regions.csv"),
        &read("authorities.csv"),
        &read("units.csv"),
    )
    .unwrap_or_else(|error| panic!("{folder}: {error}"))
}

fn told(directory: &Directory, region: &str) -> (bool, String) {
    let region = RegionCode::parse(region).expect("tests write codes of the right shape");
    match directory.competent(&region) {
        Competence::Covered(authority) => (true, authority.id.to_string()),
        Competence::Uncovered { deepest_known } => (false, deepest_known.id.to_string()),
    }
}

#[test]
fn china_has_one_authority_for_each_county_city_and_province() {
    let directory = shipped("cn");
    for (level, expected) in [
        (Level::State, 1),
        (Level::Province, 31),
        (Level::City, 333),
        (Level::County, 2_974),
    ] {
        let count = directory
            .authorities()
            .iter()
            .filter(|authority| authority.level == level)
            .count();
        assert_eq!(count, expected, "{level:?}");
    }
    for (region, authority, name) in [
        ("440606", "440606", "佛山市顺德区市场监督管理局"),
        ("440600", "4406", "佛山市市场监督管理局"),
        ("440000", "44", "广东省市场监督管理局"),
        ("CN", "CN", "国家市场监督管理总局"),
        // counties of a municipality, and one run directly by its province
        ("110101", "110101", "北京市东城区市场监督管理局"),
        ("419001", "419001", "河南省济源市市场监督管理局"),
        // cities without counties
        ("441900", "4419", "东莞市市场监督管理局"),
        ("620201", "6202", "嘉峪关市市场监督管理局"),
    ] {
        assert_eq!(
            told(&directory, region),
            (true, authority.to_owned()),
            "{region}"
        );
        assert_eq!(
            directory
                .authority(&AuthorityId::parse(authority).unwrap())
                .unwrap()
                .name,
            name
        );
    }
    let above = directory.ancestors(&AuthorityId::parse("440606").unwrap());
    assert_eq!(
        above.iter().map(AuthorityId::as_str).collect::<Vec<_>>(),
        ["4406", "44", "CN"]
    );
}

#[test]
fn every_chinese_region_is_covered() {
    let directory = shipped("cn");
    for region in directory.regions() {
        assert!(told(&directory, region.code.as_str()).0, "{}", region.code);
    }
}

#[test]
fn states_receive_and_territories_are_held_at_the_federal_level() {
    let directory = shipped("us");
    assert_eq!(directory.authorities().len(), 52);
    assert_eq!(told(&directory, "US"), (true, "US-FED".to_owned()));
    for state in ["CA", "NY", "DC", "WY"] {
        assert_eq!(told(&directory, state), (true, format!("US-{state}")));
    }
    for territory in [
        "AA", "AE", "AP", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI",
    ] {
        assert!(directory.region(territory).is_some(), "{territory}");
        assert_eq!(
            told(&directory, territory),
            (false, "US-FED".to_owned()),
            "{territory}"
        );
    }
}
