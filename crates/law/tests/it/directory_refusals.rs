//! Every way in which a directory is refused, with the file and line it points at.

use law::directory::{
    AuthorityId, Directory, DirectoryFault, DirectoryFile, IdError, RegionCode, UnitId,
};
use law::table::TableFault;

use crate::directory::{AUTHORITIES, REGIONS, UNITS};

use DirectoryFault as Fault;
use DirectoryFile::{Authorities, Regions, Units};

fn region(code: &str) -> RegionCode {
    RegionCode::parse(code).expect("tests write codes of the right shape")
}

fn authority(id: &str) -> AuthorityId {
    AuthorityId::parse(id).expect("tests write ids of the right shape")
}

/// Where a refusal points and why.
type Refusal = (DirectoryFile, u64, DirectoryFault);

/// Replaces one piece of one file of the small directory and tells how that is refused.
fn refusal(file: DirectoryFile, piece: &str, by: &str) -> Refusal {
    let change = |name, text: &str| {
        if name != file {
            return text.to_owned();
        }
        assert_eq!(
            text.matches(piece).count(),
            1,
            "{piece:?} stands once in {name}"
        );
        text.replace(piece, by)
    };
    let (regions, authorities) = (change(Regions, REGIONS), change(Authorities, AUTHORITIES));
    match Directory::parse(&regions, &authorities, &change(Units, UNITS)) {
        Ok(_) => panic!("{file}: {piece:?} replaced by {by:?} was accepted"),
        Err(error) => (error.file, error.line, error.reason),
    }
}

/// Rows of file, piece, what replaces it, refusal.
fn check(rows: Vec<(DirectoryFile, &str, &str, Refusal)>) {
    for (file, piece, by, expected) in rows {
        assert_eq!(
            refusal(file, piece, by),
            expected,
            "{file}: {piece:?} replaced by {by:?}"
        );
    }
}

#[test]
fn broken_tables_are_refused() {
    let width = |expected, found| Fault::Table(TableFault::FieldCount { expected, found });
    let missing = |column| Fault::Table(TableFault::MissingColumn(column));
    check(vec![
        (
            Regions,
            REGIONS,
            "",
            (Regions, 1, Fault::Table(TableFault::Empty)),
        ),
        (
            Regions,
            "code,name,parent",
            "code,name",
            (Regions, 1, missing("parent")),
        ),
        (
            Authorities,
            ",receives_first",
            "",
            (Authorities, 1, missing("receives_first")),
        ),
        (
            Units,
            "receiving",
            "receives",
            (Units, 1, missing("receiving")),
        ),
        (
            Regions,
            "Shunde",
            "\"Shunde",
            (Regions, 5, Fault::Table(TableFault::BadQuoting)),
        ),
        (
            Authorities,
            "Dongguan",
            "Dong\"guan",
            (Authorities, 7, Fault::Table(TableFault::BadQuoting)),
        ),
        (
            Units,
            "4419-00,Centre",
            "4419-00,Centre,",
            (Units, 8, width(5, 6)),
        ),
    ]);
}

#[test]
fn wrong_words_are_refused() {
    let shape = |text: &str, error| Fault::Shape {
        text: text.to_owned(),
        error,
    };
    let word = |column, text: &str, allowed| Fault::Word {
        column,
        text: text.to_owned(),
        allowed,
    };
    check(vec![
        (
            Regions,
            "\n440607,",
            "\n4,",
            (Regions, 8, shape("4", IdError::RegionCode)),
        ),
        (
            Regions,
            "Sanshui,440600",
            "Sanshui,44-06",
            (Regions, 8, shape("44-06", IdError::RegionCode)),
        ),
        (
            Authorities,
            "\n4419,",
            "\n44_19,",
            (Authorities, 7, shape("44_19", IdError::AuthorityId)),
        ),
        (
            Authorities,
            "441900,",
            "441900;44-19,",
            (Authorities, 7, shape("44-19", IdError::RegionCode)),
        ),
        (
            Units,
            ",4419-00,",
            ",4419 00,",
            (Units, 8, shape("4419 00", IdError::UnitId)),
        ),
        (Regions, "Sanshui", " ", (Regions, 8, Fault::BlankName)),
        (
            Authorities,
            "State Administration",
            "",
            (Authorities, 2, Fault::BlankName),
        ),
        (Units, "Lecong Office", "", (Units, 6, Fault::BlankName)),
        (
            Authorities,
            "Shunde,county",
            "Shunde,town",
            (
                Authorities,
                5,
                word("level", "town", "state, province, city, county"),
            ),
        ),
        (
            Authorities,
            "441900,yes",
            "441900,true",
            (Authorities, 7, word("receives_first", "true", "yes, no")),
        ),
        (
            Units,
            "office,no",
            "branch,no",
            (Units, 6, word("kind", "branch", "department, office")),
        ),
        (
            Units,
            "office,no",
            "office,",
            (Units, 6, word("receiving", "", "yes, no")),
        ),
    ]);
}

#[test]
fn duplicates_and_overlaps_are_refused() {
    let covered = |code: &str, by: &str| Fault::CoveredTwice {
        region: region(code),
        by: authority(by),
    };
    check(vec![
        (
            Regions,
            "\n440607,",
            "\n440606,",
            (Regions, 8, Fault::RegionTwice(region("440606"))),
        ),
        (
            Authorities,
            "\n4419,",
            "\n4406,",
            (Authorities, 7, Fault::AuthorityTwice(authority("4406"))),
        ),
        (
            Units,
            ",440606-01,",
            ",440606-00,",
            (
                Units,
                6,
                Fault::UnitTwice(UnitId::parse("440606-00").unwrap()),
            ),
        ),
        // the id of another authority's unit
        (
            Units,
            ",440606-01,",
            ",44-00,",
            (Units, 6, Fault::UnitTwice(UnitId::parse("44-00").unwrap())),
        ),
        (
            Authorities,
            "441900,yes",
            "441900;440606,yes",
            (Authorities, 7, covered("440606", "440606")),
        ),
        (
            Authorities,
            "441900,yes",
            "441900; 441900,yes",
            (Authorities, 7, covered("441900", "4419")),
        ),
    ]);
}

#[test]
fn broken_trees_are_refused() {
    check(vec![
        (
            Regions,
            "Foshan,440000",
            "Foshan,990000",
            (Regions, 4, Fault::UnknownParentRegion(region("990000"))),
        ),
        // a circle is told at its first line, though the row before leads into it at its second
        (
            Regions,
            "Guangdong,CN\n440600,Foshan,440000",
            "Guangdong,440606\n440600,Foshan,440606",
            (Regions, 4, Fault::RegionCycle(region("440600"))),
        ),
        (
            Regions,
            "Foshan,440000",
            "Foshan,440606100",
            (Regions, 4, Fault::RegionCycle(region("440600"))),
        ),
        (
            Regions,
            "China,",
            "China,CN",
            (Regions, 2, Fault::RegionCycle(region("CN"))),
        ),
        (
            Authorities,
            "city,44,440600",
            "city,99,440600",
            (
                Authorities,
                4,
                Fault::UnknownParentAuthority(authority("99")),
            ),
        ),
        (
            Authorities,
            "city,44,440600",
            "city,440606,440600",
            (Authorities, 4, Fault::AuthorityCycle(authority("4406"))),
        ),
        (
            Authorities,
            "state,,",
            "state,44,",
            (Authorities, 2, Fault::AuthorityCycle(authority("CN"))),
        ),
        (
            Authorities,
            "county,4406,440606101",
            "county,440606,440606101",
            (Authorities, 6, Fault::LevelOrder(authority("440606"))),
        ),
        (
            Authorities,
            "Foshan,city",
            "Foshan,province",
            (Authorities, 4, Fault::LevelOrder(authority("44"))),
        ),
        (
            Authorities,
            "city,44,441900",
            "city,,441900",
            (Authorities, 7, Fault::NoParent),
        ),
        (
            Authorities,
            "city,44,441900",
            "state,,441900",
            (Authorities, 7, Fault::SecondState(authority("CN"))),
        ),
        (
            Authorities,
            "441900,yes",
            "441999,yes",
            (Authorities, 7, Fault::UnknownCoverage(region("441999"))),
        ),
    ]);
}

#[test]
fn directory_without_a_state_level_is_refused() {
    let header = AUTHORITIES.lines().next().unwrap();
    let error = Directory::parse(REGIONS, header, UNITS).unwrap_err();
    assert_eq!(
        (error.file, error.line, error.reason),
        (Authorities, 1, Fault::NoState)
    );
}

#[test]
fn each_authority_has_exactly_one_receiving_unit() {
    check(vec![
        (
            Units,
            "office,no",
            "office,yes",
            (Units, 6, Fault::SecondReceivingUnit(authority("440606"))),
        ),
        // told where the authority stands
        (
            Units,
            "4419,4419-00,Centre,department,yes\n",
            "",
            (Authorities, 7, Fault::NoReceivingUnit(authority("4419"))),
        ),
        (
            Units,
            "CN,CN-00,Centre,department,yes",
            "CN,CN-00,Centre,department,no",
            (Authorities, 2, Fault::NoReceivingUnit(authority("CN"))),
        ),
        (
            Units,
            "\n4419,4419-00",
            "\n9999,4419-00",
            (Units, 8, Fault::UnknownAuthority(authority("9999"))),
        ),
    ]);
}

#[test]
fn refusal_reads_as_file_line_and_reason() {
    let regions = REGIONS.replace("Foshan,440000", "Foshan,990000");
    let error = Directory::parse(&regions, AUTHORITIES, UNITS).unwrap_err();
    assert_eq!(
        error.to_string(),
        "regions.csv line 4: the parent region 990000 is unknown"
    );
}
