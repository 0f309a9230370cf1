//! Settings: what is wrong is told all at once, and nothing secret is printed.

use crate::support::service::config;

const RIGHT: [&str; 2] = [
    "--database-url=postgres://postgres@127.0.0.1:1/none",
    "--kafka=127.0.0.1:1",
];

fn problems(settings: &[&str]) -> Vec<String> {
    let all: Vec<String> = RIGHT
        .iter()
        .chain(settings)
        .map(|setting| (*setting).to_owned())
        .collect();
    let found = config(&all).check().err();
    found
        .map(|problems| problems.lines().to_vec())
        .unwrap_or_default()
}

#[test]
fn each_wrong_setting_is_named() {
    let folder = std::env::temp_dir().join(format!("intake-directory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("regions.csv"),
        "code,name,parent\nCN,中国,\n330106,西湖区,33\n",
    )
    .unwrap();
    std::fs::write(
        folder.join("authorities.csv"),
        "id,name,level,parent,coverage,receives_first\nCN,a,state,,CN,no\n",
    )
    .unwrap();
    std::fs::write(
        folder.join("units.csv"),
        "authority,id,name,kind,receiving\nCN,CN-00,a,department,yes\n",
    )
    .unwrap();
    let wrong = format!("--directory={}", folder.display());
    let rows: [(&[&str], &[&str]); 6] = [
        (&[], &[]),
        (
            &[wrong.as_str()],
            &["ODR_DIRECTORY: regions.csv line 3: the parent region 33 is unknown"],
        ),
        (
            &["--progress-key=00ff"],
            &["ODR_PROGRESS_KEY: must be 64 or more hexadecimal digits"],
        ),
        (
            &["--progress-burst=0"],
            &["ODR_PROGRESS_BURST: must be 1 to 100000"],
        ),
        (
            &["--progress-per-minute=0"],
            &["ODR_PROGRESS_PER_MINUTE: must be 1 to 1000000"],
        ),
        (
            &["--mode=production", "--progress-key=zz"],
            &[
                "ODR_MODE: production needs real verification of principals, which does not exist yet; only sandbox can start",
                "ODR_PROGRESS_KEY: must be 64 or more hexadecimal digits",
            ],
        ),
    ];
    for (settings, expected) in rows {
        assert_eq!(problems(settings), expected, "{settings:?}");
    }
    let missing = problems(&["--directory=/nowhere"]);
    assert!(
        missing.len() == 1 && missing[0].starts_with("ODR_DIRECTORY: /nowhere/regions.csv: "),
        "{missing:?}"
    );
    assert_eq!(
        problems(&["--mode=production"]).last().unwrap(),
        "ODR_PROGRESS_KEY: must be set outside a sandbox"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_key_is_not_printed() {
    let key = "5ec2e7".repeat(12);
    let settings: Vec<String> = RIGHT
        .iter()
        .map(|s| (*s).to_owned())
        .chain([format!("--progress-key={key}")])
        .collect();
    let printed = format!("{:?}", config(&settings));
    assert!(!printed.contains("5ec2e7"), "{printed}");
}
