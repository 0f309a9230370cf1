//! Who is competent and who stands above whom, in a small directory that has every case once.

use law::directory::{AuthorityId, Competence, Directory, RegionCode, UnitId};

pub(crate) const REGIONS: &str = "\
code,name,parent
CN,China,
440000,Guangdong,CN
440600,Foshan,440000
440606,Shunde,440600
440606100,Lecong,440606
440606101,Beijiao,440606
440607,Sanshui,440600
441900,Dongguan,440000
441900003,Dongcheng,441900
450000,Guangxi,CN
";

pub(crate) const AUTHORITIES: &str = "\
id,name,level,parent,coverage,receives_first
CN,State Administration,state,,,no
44,Guangdong,province,CN,440000,no
4406,Foshan,city,44,440600,no
440606,Shunde,county,4406,440606,yes
440606-BJ,Beijiao Zone,county,4406,440606101,yes
4419,Dongguan,city,44,441900,yes
";

pub(crate) const UNITS: &str = "\
authority,id,name,kind,receiving
CN,CN-00,Centre,department,yes
44,44-00,Centre,department,yes
4406,4406-00,Centre,department,yes
440606,440606-00,Centre,department,yes
440606,440606-01,Lecong Office,office,no
440606-BJ,440606-BJ-00,Centre,department,yes
4419,4419-00,Centre,department,yes
";

fn small() -> Directory {
    Directory::parse(REGIONS, AUTHORITIES, UNITS).expect("the small directory is right")
}

fn id(text: &str) -> AuthorityId {
    AuthorityId::parse(text).expect("tests write ids of the right shape")
}

#[test]
fn nearest_receiving_code_is_competent() {
    let directory = small();
    for (region, covered, authority) in [
        ("440606", true, "440606"),
        // beneath a county
        ("440606100", true, "440606"),
        // a deeper code of another authority
        ("440606101", true, "440606-BJ"),
        // a city and a province by exact code only
        ("440600", true, "4406"),
        ("440000", true, "44"),
        // a county nobody covers: held at the city
        ("440607", false, "4406"),
        // a city without counties covers its towns
        ("441900", true, "4419"),
        ("441900003", true, "4419"),
        // a province nobody covers, the country, and a code nobody knows: held at the state level
        ("450000", false, "CN"),
        ("CN", false, "CN"),
        ("999999", false, "CN"),
    ] {
        let told = match directory.competent(&RegionCode::parse(region).unwrap()) {
            Competence::Covered(authority) => (true, authority.id.as_str()),
            Competence::Uncovered { deepest_known } => (false, deepest_known.id.as_str()),
        };
        assert_eq!(told, (covered, authority), "{region}");
    }
}

#[test]
fn ancestors_are_told_nearest_first() {
    let directory = small();
    for (of, expected) in [
        ("440606", &["4406", "44", "CN"][..]),
        ("44", &["CN"]),
        ("CN", &[]),
        ("unknown", &[]),
    ] {
        let told = directory.ancestors(&id(of));
        assert_eq!(
            told.iter().map(AuthorityId::as_str).collect::<Vec<_>>(),
            expected,
            "{of}"
        );
    }
}

#[test]
fn at_or_below_follows_the_tree() {
    let directory = small();
    for (authority, of, expected) in [
        ("440606", "440606", true),
        ("440606", "4406", true),
        ("440606", "CN", true),
        ("4406", "440606", false),
        ("440606", "4419", false),
        ("440606", "440606-BJ", false),
        ("unknown", "CN", false),
        ("CN", "unknown", false),
    ] {
        assert_eq!(
            directory.is_at_or_below(&id(authority), &id(of)),
            expected,
            "{authority} at or below {of}"
        );
    }
}

#[test]
fn authority_carries_its_units() {
    let directory = small();
    let shunde = directory.authority(&id("440606")).unwrap();
    assert_eq!(shunde.receiving_unit, UnitId::parse("440606-00").unwrap());
    let units: Vec<_> = shunde
        .units
        .iter()
        .map(|unit| (unit.id.as_str(), unit.kind.code()))
        .collect();
    assert_eq!(
        units,
        [("440606-00", "department"), ("440606-01", "office")]
    );
    assert_eq!(directory.state().id, id("CN"));
    assert_eq!(directory.region("440606").unwrap().name, "Shunde");
    assert_eq!(directory.region("999999"), None);
    assert_eq!(directory.authority(&id("unknown")), None);
}

#[test]
fn version_changes_with_every_file_and_only_then() {
    let version = |regions: &str, authorities: &str, units: &str| {
        Directory::parse(regions, authorities, units)
            .unwrap()
            .version()
            .to_owned()
    };
    let first = version(REGIONS, AUTHORITIES, UNITS);
    assert_eq!(first.len(), 16);
    assert_eq!(first, version(REGIONS, AUTHORITIES, UNITS));
    let note = |text: &str| format!("{text}# note\n");
    for other in [
        version(&note(REGIONS), AUTHORITIES, UNITS),
        version(REGIONS, &note(AUTHORITIES), UNITS),
        version(REGIONS, AUTHORITIES, &note(UNITS)),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn ids_have_one_shape() {
    for (text, region, name) in [
        ("", false, false),
        ("A", false, true),
        ("AB", true, true),
        ("440606001001", true, true),
        ("4406060010011", false, true),
        ("US-FED", false, true),
        ("顺德", false, false),
        ("44 06", false, false),
        ("a_b", false, false),
        ("123456789012345678901234567890-2", false, true),
        ("123456789012345678901234567890-23", false, false),
    ] {
        assert_eq!(RegionCode::parse(text).is_ok(), region, "{text:?}");
        assert_eq!(AuthorityId::parse(text).is_ok(), name, "{text:?}");
        assert_eq!(UnitId::parse(text).is_ok(), name, "{text:?}");
    }
}
