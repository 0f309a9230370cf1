//! The contract keeps to the style of its kind, and its Rust side to what the contract says.

use std::process::{Command, Output};

use prost_reflect::DescriptorPool;

/// `buf` of a fixed version by way of npm; `None` where it cannot be had: no npx, or no registry.
fn buf(arguments: &[&str]) -> Option<Output> {
    let run = |arguments: &[&str]| {
        Command::new("npx")
            .args(["--yes", "@bufbuild/buf@1.75.0"])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .ok()
    };
    run(&["--version"])
        .filter(|version| version.status.success())
        .and_then(|_| run(arguments))
}

#[test]
fn buf_finds_nothing_to_say() {
    for arguments in [["lint", "."], ["format", "--exit-code"]] {
        let Some(output) = buf(&arguments) else {
            eprintln!("buf cannot be run here: the contract was not linted");
            return;
        };
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "buf {arguments:?}:\n{said}");
    }
}

#[test]
fn reflection_knows_every_service() {
    let pool = DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut services: Vec<_> = pool
        .services()
        .map(|service| service.full_name().to_owned())
        .collect();
    services.sort();
    assert_eq!(
        services,
        [
            "odr.analytics.v1.AnalyticsService",
            "odr.intake.v1.IntakeService",
            "odr.mediation.v1.MediationService",
            "odr.routing.v1.RoutingService",
        ]
    );
}

/// Commands have a request id; those on a case also say which, how new it must be, and which revision they read.
#[test]
fn every_command_carries_what_repeating_and_ordering_need() {
    let pool = DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).unwrap();
    let reading = ["Get", "List"];
    for method in pool
        .services()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
    {
        if reading.iter().any(|verb| method.name().starts_with(verb)) {
            continue;
        }
        let input = method.input();
        assert!(
            input.get_field_by_name("request_id").is_some(),
            "{}",
            input.full_name()
        );
        if input.get_field_by_name("case_id").is_some() {
            for (number, name) in [
                (1, "request_id"),
                (2, "case_id"),
                (3, "min_version"),
                (4, "etag"),
            ] {
                let field = input.get_field(number).unwrap();
                assert_eq!(field.name(), name, "{}", input.full_name());
            }
        }
    }
}
