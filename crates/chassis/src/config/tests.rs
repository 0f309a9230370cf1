//! Settings as people give them: flags in, faults out.

use clap::Parser;

use super::{ClockMode, Common, LogFormat, Mode, RelaySettings, Secret, WriterSettings};

#[derive(Debug, Parser)]
struct Program {
    #[command(flatten)]
    common: Common,
}

const GOOD: [&str; 4] = [
    "--database-url=postgres://odr:pw@localhost:5432/intake",
    "--kafka=localhost:9092",
    "--mode=sandbox",
    "--replica=a",
];

fn settings(more: &[&str]) -> Common {
    // A later flag overrides an earlier one nowhere in clap, so a changed flag replaces the good one.
    let flag = |text: &str| text.split('=').next().unwrap_or_default().to_owned();
    let good = GOOD
        .iter()
        .filter(|good| more.iter().all(|more| flag(more) != flag(good)));
    let arguments = ["program"].iter().chain(good).chain(more);
    Program::try_parse_from(arguments)
        .expect("flags parse")
        .common
}

#[test]
fn defaults_are_those_of_the_documentation() {
    let common = settings(&[]);
    assert_eq!(
        (common.mode, common.clock, common.log_format),
        (Mode::Sandbox, ClockMode::Real, LogFormat::Json)
    );
    assert_eq!(
        (common.listen.to_string().as_str(), common.ops_listen.port()),
        ("127.0.0.1:50051", 50_081)
    );
    assert_eq!(
        (common.writer, common.relay),
        (WriterSettings::default(), RelaySettings::default())
    );
    assert_eq!(
        (common.space.as_str(), common.topic_prefix.as_str()),
        ("main", "")
    );
    common.validate().unwrap();
}

#[test]
fn each_bad_setting_is_named_by_its_variable() {
    let rows: &[(&[&str], &[&str])] = &[
        (&["--mode=production"], &["ODR_MODE"]),
        (
            &["--mode=production", "--clock=stepped"],
            &["ODR_MODE", "ODR_CLOCK"],
        ),
        (&["--clock=stepped"], &[]),
        (&["--database-url=mysql://x/y"], &["ODR_DATABASE_URL"]),
        (
            &["--database-url=postgres://x:notaport/y"],
            &["ODR_DATABASE_URL"],
        ),
        (&["--kafka=localhost"], &["ODR_KAFKA"]),
        (&["--kafka=a:1,b:2"], &[]),
        (&["--kafka=a:1,"], &["ODR_KAFKA"]),
        (&["--kafka=a:0"], &["ODR_KAFKA"]),
        (&["--topic-prefix=a b"], &["ODR_TOPIC_PREFIX"]),
        (&["--space="], &["ODR_SPACE"]),
        (&["--replica=张"], &["ODR_REPLICA"]),
        (
            &["--listen=127.0.0.1:7", "--ops-listen=127.0.0.1:7"],
            &["ODR_OPS_LISTEN"],
        ),
        (&["--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0"], &[]),
        (&["--otlp-endpoint=https://c:4317"], &["ODR_OTLP_ENDPOINT"]),
        (&["--otlp-endpoint=http://c:4317"], &[]),
        (&["--trace-ratio=1.5"], &["ODR_TRACE_RATIO"]),
        (&["--trace-ratio=NaN"], &["ODR_TRACE_RATIO"]),
        (&["--trace-ratio=0"], &[]),
        (&["--metrics-interval-ms=99"], &["ODR_METRICS_INTERVAL_MS"]),
        (&["--drain-timeout-ms=0"], &["ODR_DRAIN_TIMEOUT_MS"]),
        (
            &["--message-limit-bytes=4194305"],
            &["ODR_MESSAGE_LIMIT_BYTES"],
        ),
        (
            &["--writer-max-calls=0", "--relay-batch=0"],
            &["ODR_WRITER_MAX_CALLS", "ODR_RELAY_BATCH"],
        ),
        (&["--writer-pace-ms=0", "--relay-pace-ms=0"], &[]),
    ];
    for (flags, expected) in rows {
        let found = settings(flags).validate().err().unwrap_or_default();
        let named: Vec<&str> = found
            .lines()
            .iter()
            .filter_map(|line| line.split(':').next())
            .collect();
        assert_eq!(named, *expected, "{flags:?}");
    }
}

#[test]
fn no_form_of_printing_shows_the_database_password() {
    let common = settings(&[]);
    let faults = settings(&["--database-url=postgres//odr:pw@x"])
        .validate()
        .unwrap_err();
    for printed in [
        format!("{common:?}"),
        common.database_url.to_string(),
        faults.to_string(),
    ] {
        assert!(!printed.contains("pw"), "{printed}");
    }
    assert!(common.database_url.expose().contains("pw"));
}

#[test]
fn password_from_a_file_stands_in_the_url_that_is_connected_to() {
    let file = std::env::temp_dir().join(format!("odr-password-{}", std::process::id()));
    std::fs::write(&file, "p@ss w/rd\nsecond line\n").unwrap();
    let flag = format!("--database-password-file={}", file.display());
    let rows: &[(&str, Result<&str, &str>)] = &[
        (
            "postgres://odr@h:1/d?a=b@c",
            Ok("postgres://odr:p%40ss%20w%2Frd@h:1/d?a=b@c"),
        ),
        ("postgres://odr:pw@h:1/d", Err("ODR_DATABASE_PASSWORD_FILE")),
        ("postgres://h:1/d", Err("ODR_DATABASE_PASSWORD_FILE")),
    ];
    for (url, wanted) in rows {
        let common = settings(&[&format!("--database-url={url}"), &flag]);
        match wanted {
            Ok(whole) => {
                common.validate().unwrap();
                assert_eq!(common.database().expose(), *whole);
            }
            Err(setting) => {
                let problems = common.validate().unwrap_err();
                assert!(problems.to_string().contains(setting), "{url}: {problems}");
            }
        }
    }
    std::fs::write(&file, "\n").unwrap();
    let path = file.display().to_string();
    assert!(Secret::read(&path).unwrap_err().contains("is empty"));
    std::fs::remove_file(&file).unwrap();
    assert!(Secret::read(&path).is_err());
}
