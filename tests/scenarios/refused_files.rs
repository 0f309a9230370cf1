//! Files that are wrong stop what reads them, with line and reason, before anything is done.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use e2e::programs;

const REGIONS: &str = "code,name,parent\nUS,United States,\nVA,Virginia,US\nMD,Maryland,US\n";
const AUTHORITIES: &str = "id,name,level,parent,coverage,receives_first\nUS-FED,Federal,state,,US,no\nUS-VA,Virginia,province,US-FED,VA,yes\nUS-MD,Maryland,province,US-FED,MD,yes\n";
const UNITS: &str = "authority,id,name,kind,receiving\nUS-FED,F-1,Intake,department,yes\nUS-VA,V-1,Intake,department,yes\nUS-MD,M-1,Intake,department,yes\n";

/// A folder of this test's own.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("odr-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Runs a reader of the directory on these three files.
async fn reads(service: &str, what: &str, files: [&str; 3]) -> Result<programs::Said> {
    let folder = folder("directory")?.join(what);
    fs::create_dir_all(&folder)?;
    for (name, text) in ["regions.csv", "authorities.csv", "units.csv"]
        .iter()
        .zip(files)
    {
        fs::write(folder.join(name), text)?;
    }
    let variables = [
        // nothing is there: nothing may be reached
        (
            "ODR_DATABASE_URL",
            "postgres://nobody@127.0.0.1:1/none".to_owned(),
        ),
        ("ODR_KAFKA", "127.0.0.1:1".to_owned()),
        ("ODR_MODE", "sandbox".to_owned()),
        ("ODR_DIRECTORY", folder.to_string_lossy().into_owned()),
        ("ODR_LISTEN", "127.0.0.1:0".to_owned()),
        ("ODR_OPS_LISTEN", "127.0.0.1:0".to_owned()),
    ];
    let said = programs::run(service, &[what], &variables).await?;
    fs::remove_dir_all(&folder)?;
    Ok(said)
}

#[tokio::test]
async fn wrong_directory_stops_its_readers_with_line_and_reason() -> Result<()> {
    let good = [REGIONS, AUTHORITIES, UNITS];
    for service in ["routing", "intake"] {
        let said = reads(service, "check-config", good).await?;
        ensure!(
            said.success,
            "{service} refuses a right directory:\n{}",
            said.text
        );
    }
    let rows = [
        (
            0,
            "VA,Virginia,US\nMD,Maryland,US",
            "VA,Virginia,MD\nMD,Maryland,VA",
            "regions.csv line 3",
            "lies inside itself",
        ),
        (
            0,
            "Maryland,US",
            "Maryland,XX",
            "regions.csv line 4",
            "the parent region XX is unknown",
        ),
        (
            0,
            "MD,Maryland,US",
            "VA,Maryland,US",
            "regions.csv line 4",
            "region VA has two rows",
        ),
        (
            1,
            "US-FED,VA,yes",
            "US-XX,VA,yes",
            "authorities.csv line 3",
            "the parent authority US-XX is unknown",
        ),
        (
            1,
            "US-FED,MD,yes",
            "US-FED,VA,yes",
            "authorities.csv line 4",
            "region VA is already covered by US-VA",
        ),
        (
            1,
            "US-FED,MD,yes",
            "US-FED,ZZ,yes",
            "authorities.csv line 4",
            "the covered region ZZ is unknown",
        ),
        (
            2,
            "US-MD,M-1",
            "US-VA,M-1",
            "units.csv line 4",
            "authority US-VA has a second receiving unit",
        ),
        (
            2,
            "M-1,Intake,department,yes",
            "M-1,Intake,department,no",
            "authorities.csv line 4",
            "authority US-MD has no receiving unit",
        ),
        (
            2,
            "US-MD,M-1",
            "US-MD,\"M-1",
            "units.csv line 4",
            "broken quoting",
        ),
    ];
    for (file, piece, by, place, reason) in rows {
        let mut files = good.map(str::to_owned);
        ensure!(files[file].contains(piece), "{piece}");
        files[file] = files[file].replace(piece, by);
        let files = [files[0].as_str(), files[1].as_str(), files[2].as_str()];
        for (service, what) in [
            ("routing", "check-config"),
            ("routing", "serve"),
            ("intake", "check-config"),
            ("intake", "serve"),
        ] {
            let said = reads(service, what, files).await?;
            let told = !said.success && said.text.contains(place) && said.text.contains(reason);
            ensure!(
                told,
                "{service} {what} does not refuse {by:?} with {place}, {reason}:\n{}",
                said.text
            );
        }
    }
    Ok(())
}

const HEADER: &str = "Date received,Product,Issue,Company,State,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?";
const ROW: &str = "7/29/2013,Loan,Fees,Bank,VA,Web,7/30/2013,Closed,Yes,No";

#[tokio::test]
async fn wrong_replay_file_is_refused_before_anything_is_filed() -> Result<()> {
    let good = format!("{HEADER}\n{ROW}\n");
    let with = |row: &str| format!("{good}{row}\n").into_bytes();
    let rows = [
        (
            good.replace("Company,State", "State").into_bytes(),
            "line 1: column `Company` is missing",
        ),
        (
            with(&ROW.replace("7/29/2013", "29.7.2013")),
            "line 3: column `Date received`",
        ),
        (
            with(&ROW.replace("7/30/2013", "2/30/2013")),
            "line 3: column `Date sent to company`",
        ),
        (
            with(&ROW.replace("Bank", "\"Bank")),
            "line 3: broken quoting",
        ),
        (
            with("7/29/2013,Loan"),
            "line 3: 2 fields where the header has 10",
        ),
        (with(&ROW.replace("VA", "ZZ")), "line 3: column `State`"),
        (
            with(&ROW.replace("Web", "Pigeon")),
            "line 3: column `Submitted via`",
        ),
        (
            [good.as_bytes(), b"\xff\xfe\n"].concat(),
            "line 3: invalid UTF-8",
        ),
        (
            format!("{HEADER}\n").into_bytes(),
            "the file holds no complaint",
        ),
    ];
    let folder = folder("replay")?;
    let file = folder.join("replay.csv");
    let name = file.to_string_lossy().into_owned();
    // servers of nobody: whoever tried to start something would fail otherwise than by the file
    let variables = [
        (
            "ODR_DATABASE_URL",
            "postgres://nobody@127.0.0.1:1/none".to_owned(),
        ),
        ("ODR_KAFKA", "127.0.0.1:1".to_owned()),
        (
            "ODR_STATE_DIR",
            folder.join("state").to_string_lossy().into_owned(),
        ),
    ];
    for (bytes, reason) in rows {
        fs::write(&file, bytes)?;
        let said = programs::run("devstack", &["demo", "--replay", &name], &variables).await?;
        let told = !said.success && said.text.contains("is refused") && said.text.contains(reason);
        ensure!(told, "demo does not refuse with {reason}:\n{}", said.text);
    }
    ensure!(!folder.join("state").exists(), "something was started");
    fs::remove_dir_all(folder)?;
    Ok(())
}
