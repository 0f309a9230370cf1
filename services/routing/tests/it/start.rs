//! A directory that is wrong stops the start, with file, line and reason.

use std::fs;
use std::path::Path;

use chassis::shutdown::Shutdown;
use docket::launch::Listeners;

use super::support::town::{config, directory};

const GOOD: [(&str, &str); 3] = [
    ("regions.csv", "code,name,parent\nAA,Land,\nAB,North,AA\n"),
    (
        "authorities.csv",
        "id,name,level,parent,coverage,receives_first\nS,State,state,,AA,no\nP,North,province,S,AB,yes\n",
    ),
    (
        "units.csv",
        "authority,id,name,kind,receiving\nS,S-1,Intake,department,yes\nP,P-1,Intake,department,yes\n",
    ),
];

fn flags(folder: &Path) -> Vec<String> {
    let settings = [
        "--database-url=postgres://nobody@127.0.0.1:1/nowhere",
        "--kafka=127.0.0.1:1",
        "--mode=sandbox",
        "--listen=127.0.0.1:0",
        "--ops-listen=127.0.0.1:0",
    ];
    settings
        .iter()
        .map(|flag| (*flag).to_owned())
        .chain([format!("--directory={}", folder.display())])
        .collect()
}

/// What `check-config` says of the good directory with one file put in another's place.
fn said_of(file: &str, content: Option<&[u8]>) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("routing-start-{}", uuid::Uuid::new_v4()));
    fs::create_dir(&folder).unwrap();
    for (name, text) in GOOD {
        fs::write(folder.join(name), text).unwrap();
    }
    match content {
        Some(bytes) => fs::write(folder.join(file), bytes).unwrap(),
        None => fs::remove_file(folder.join(file)).unwrap(),
    }
    let said = config(&flags(&folder))
        .validate()
        .map(drop)
        .map_err(|problems| problems.to_string());
    fs::remove_dir_all(folder).unwrap();
    said
}

#[test]
fn every_fault_of_a_directory_is_named_with_file_and_line() {
    let authorities =
        |rows: &str| format!("id,name,level,parent,coverage,receives_first\n{rows}").into_bytes();
    let units = |rows: &str| format!("authority,id,name,kind,receiving\n{rows}").into_bytes();
    let rows: [(&str, Option<Vec<u8>>, &str); 9] = [
        ("regions.csv", None, "regions.csv cannot be read"),
        (
            "regions.csv",
            Some(b"code,name,parent\nAA,\xff,\n".to_vec()),
            "regions.csv line 2: not UTF-8",
        ),
        (
            "regions.csv",
            Some(b"code,name,parent\nAA,Land,AB\nAB,North,AA\n".to_vec()),
            "regions.csv line 2: region AA lies inside itself",
        ),
        (
            "regions.csv",
            Some(b"code,name\nAA,Land\n".to_vec()),
            "regions.csv line 1",
        ),
        (
            "authorities.csv",
            Some(authorities(
                "S,State,state,,AA,no\nP,North,province,X,AB,yes\n",
            )),
            "authorities.csv line 3",
        ),
        (
            "authorities.csv",
            Some(authorities(
                "S,State,state,,AA,no\nP,North,province,S,AA,yes\n",
            )),
            "authorities.csv line 3",
        ),
        (
            "authorities.csv",
            Some(authorities(
                "S,State,state,,AA,no\nP,North,province,,AB,yes\n",
            )),
            "authorities.csv line 3",
        ),
        (
            "units.csv",
            Some(units(
                "S,S-1,Intake,department,yes\nP,P-1,A,department,yes\nP,P-2,B,department,yes\n",
            )),
            "units.csv line 4",
        ),
        (
            "units.csv",
            Some(units(
                "S,S-1,Intake,department,yes\nP,P-1,A,department,no\n",
            )),
            "authorities.csv line 3",
        ),
    ];
    for (file, content, expected) in rows {
        let said = said_of(file, content.as_deref()).expect_err(expected);
        assert!(
            said.contains("ODR_DIRECTORY: ") && said.contains(expected),
            "{said} instead of {expected}"
        );
    }
    assert_eq!(said_of("regions.csv", Some(GOOD[0].1.as_bytes())), Ok(()));
    for name in ["us", "cn"] {
        config(&flags(&directory(name))).validate().unwrap();
    }
}

#[test]
fn a_wrong_directory_is_told_together_with_every_other_fault() {
    let mut flags = flags(Path::new("/nowhere"));
    flags.retain(|flag| !flag.starts_with("--kafka"));
    flags.push("--kafka=nowhere".to_owned());
    let problems = config(&flags).validate().unwrap_err();
    let named: Vec<&str> = problems
        .lines()
        .iter()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(named, ["ODR_KAFKA", "ODR_DIRECTORY"]);
}

#[tokio::test]
async fn a_wrong_directory_starts_nothing() {
    let config = config(&flags(Path::new("/nowhere")));
    let listeners = Listeners::bind(&config.common).await.unwrap();
    let error = routing::run(config, listeners, Shutdown::new())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("/nowhere/regions.csv cannot be read"),
        "{error}"
    );
}
