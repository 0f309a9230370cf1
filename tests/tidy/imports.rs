//! Which module may name what: read from paths and `use` trees, tests left out.

use crate::repository::SOURCES;
use crate::source::{Mention, Source};
use crate::{Findings, holds, tells_apart};

/// Where inside its service a file lies (`store/read.rs`), for files of services.
fn in_service(source: &Source) -> Option<&str> {
    let below = source.path.strip_prefix("services/")?;
    let (_, inner) = below.split_once("/src/")?;
    (source.is_rust() && !source.is_test()).then_some(inner)
}

/// `grpc.rs`, or below `grpc/`.
fn is_module(inner: &str, name: &str) -> bool {
    inner
        .strip_prefix(name)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Mentions in files that `applies` chooses for which `forbidden` says why they must not be.
fn mentions(
    sources: &[Source],
    applies: impl Fn(&Source) -> bool,
    forbidden: impl Fn(&Source, &Mention) -> Option<String>,
) -> Findings {
    let mut findings = Findings::new();
    for source in sources
        .iter()
        .filter(|source| source.is_rust() && !source.is_test() && applies(source))
    {
        for mention in source.mentions() {
            findings.extend(forbidden(source, &mention).map(|why| source.at(mention.line, why)));
        }
    }
    findings
}

/// A path's prefix, whole segments or not: `sqlx::query` is a prefix of `sqlx::query_as`.
fn starts(mention: &Mention, prefixes: &[&str]) -> bool {
    prefixes
        .iter()
        .any(|prefix| mention.path.starts_with(prefix))
}

fn sql_outside_store(sources: &[Source]) -> Findings {
    const SQL: [&str; 4] = [
        "sqlx::query",
        "sqlx::raw_sql",
        "sqlx::QueryBuilder",
        "sqlx::Executor",
    ];
    let applies =
        |source: &Source| in_service(source).is_some_and(|inner| !is_module(inner, "store"));
    mentions(sources, applies, |_, mention| {
        starts(mention, &SQL).then(|| format!("{}: SQL belongs to store", mention.path))
    })
}

fn status_outside_grpc(sources: &[Source]) -> Findings {
    let applies = |source: &Source| {
        in_service(source)
            .is_some_and(|inner| !["grpc", "error"].iter().any(|name| is_module(inner, name)))
    };
    let pure = |source: &Source| {
        ["crates/law/", "crates/case/"]
            .iter()
            .any(|root| source.path.starts_with(root))
    };
    mentions(
        sources,
        |source| applies(source) || pure(source),
        |_, mention| {
            starts(mention, &["tonic::Status"])
                .then(|| "tonic::Status belongs to grpc and error".to_owned())
        },
    )
}

fn wire_types_outside_the_edges(sources: &[Source]) -> Findings {
    const GENERATED: [&str; 6] = [
        "proto::v1",
        "proto::odr",
        "proto::intake",
        "proto::routing",
        "proto::mediation",
        "proto::analytics",
    ];
    const EDGES: [&str; 4] = ["grpc", "consumer", "store", "desk"];
    let applies = |source: &Source| {
        in_service(source).is_some_and(|inner| !EDGES.iter().any(|name| is_module(inner, name)))
    };
    mentions(sources, applies, |source, mention| {
        // the composition root adds the service's own server
        let server =
            mention.path.contains("_service_server::") && in_service(source) == Some("app.rs");
        (starts(mention, &GENERATED) && !server)
            .then(|| format!("{}: generated types belong to {EDGES:?}", mention.path))
    })
}

fn wall_clock_outside_the_clock(sources: &[Source]) -> Findings {
    const CLOCKS: [&str; 6] = [
        "Utc::now",
        "Local::now",
        "chrono::Utc::now",
        "chrono::Local::now",
        "SystemTime::now",
        "std::time::SystemTime",
    ];
    const EXCEPT: [&str; 4] = [
        "crates/chassis/src/clock",
        "crates/devstack/",
        "crates/odrctl/",
        "tests/",
    ];
    let applies = |source: &Source| !EXCEPT.iter().any(|place| source.path.starts_with(place));
    mentions(sources, applies, |_, mention| {
        starts(mention, &CLOCKS)
            .then(|| format!("{}: time comes from chassis::clock", mention.path))
    })
}

fn effects_in_pure_code(sources: &[Source]) -> Findings {
    const EFFECTS: [&str; 12] = [
        "tokio::",
        "sqlx::",
        "tonic::",
        "rdkafka::",
        "tracing::",
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "std::time::SystemTime",
        "std::time::Instant::now",
        "Instant::now",
    ];
    let applies = |source: &Source| {
        ["crates/law/src/", "crates/case/src/"]
            .iter()
            .any(|root| source.path.starts_with(root))
            || in_service(source).is_some_and(|inner| is_module(inner, "domain"))
    };
    mentions(sources, applies, |_, mention| {
        starts(mention, &EFFECTS).then(|| format!("{}: this code is pure", mention.path))
    })
}

/// Services meet in the log: no service names a client of another.
fn calls_between_services(sources: &[Source]) -> Findings {
    mentions(
        sources,
        |source| in_service(source).is_some(),
        |_, mention| {
            mention
                .path
                .contains("_service_client")
                .then(|| format!("{}: services never call each other", mention.path))
        },
    )
}

#[test]
fn sql_of_services_stands_in_store() {
    holds("SQL", &sql_outside_store(&SOURCES));
    tells_apart(
        sql_outside_store,
        &[
            ("services/a/src/store/read.rs", "sqlx::query!(\"select 1\")"),
            ("services/a/src/store.rs", "use sqlx::query;"),
            ("crates/chassis/src/x.rs", "sqlx::query!(\"select 1\")"),
            ("services/a/tests/it/x.rs", "sqlx::query(\"select 1\")"),
            (
                "services/a/src/desk.rs",
                "use sqlx::PgConnection;\n// sqlx::query!",
            ),
        ],
        &[
            (
                "services/a/src/desk.rs",
                "let x = sqlx::query_as!(Row, \"select 1\");",
            ),
            ("services/a/src/stored.rs", "use sqlx::{PgPool, query};"),
            ("services/a/src/grpc/list.rs", "sqlx::raw_sql(\"select 1\")"),
        ],
    );
}

#[test]
fn grpc_statuses_stand_at_the_edge() {
    holds("tonic::Status", &status_outside_grpc(&SOURCES));
    tells_apart(
        status_outside_grpc,
        &[
            (
                "services/a/src/grpc/list.rs",
                "use tonic::{Request, Status};",
            ),
            ("services/a/src/error.rs", "fn f() -> tonic::Status {"),
            ("crates/docket/src/error.rs", "use tonic::Status;"),
        ],
        &[
            (
                "services/a/src/domain/x.rs",
                "use tonic::{Request, Status};",
            ),
            ("crates/case/src/x.rs", "use tonic::Status;"),
        ],
    );
}

#[test]
fn wire_types_stand_at_the_edges() {
    holds("generated types", &wire_types_outside_the_edges(&SOURCES));
    tells_apart(
        wire_types_outside_the_edges,
        &[
            ("services/a/src/grpc.rs", "use proto::v1::Case;"),
            ("services/a/src/store/x.rs", "use proto::intake::v1::Party;"),
            (
                "services/a/src/app.rs",
                "use proto::intake::v1::intake_service_server::IntakeServiceServer;",
            ),
            (
                "services/a/src/handlers/x.rs",
                "use proto::store::STATE_FORMAT;",
            ),
        ],
        &[
            ("services/a/src/domain.rs", "use proto::v1::Case;"),
            (
                "services/a/src/handlers/x.rs",
                "fn f(p: proto::intake::v1::Party) {",
            ),
            ("services/a/src/app.rs", "use proto::intake::v1::Party;"),
        ],
    );
}

#[test]
fn the_wall_clock_is_read_in_one_place() {
    holds("wall clock", &wall_clock_outside_the_clock(&SOURCES));
    tells_apart(
        wall_clock_outside_the_clock,
        &[
            ("crates/chassis/src/clock.rs", "chrono::Utc::now()"),
            ("crates/devstack/src/x.rs", "Utc::now()"),
            ("services/a/tests/it/x.rs", "Utc::now()"),
            (
                "services/a/src/x.rs",
                "use std::time::{Duration, Instant};\nInstant::now()",
            ),
        ],
        &[
            ("crates/chassis/src/relay.rs", "let now = Utc::now();"),
            ("crates/chassis/src/ops.rs", "chrono::Utc::now()"),
            (
                "services/a/src/x.rs",
                "use std::time::{Duration, SystemTime};",
            ),
        ],
    );
}

#[test]
fn pure_code_has_no_effects() {
    holds("pure code", &effects_in_pure_code(&SOURCES));
    tells_apart(
        effects_in_pure_code,
        &[
            ("crates/law/src/x.rs", "use std::collections::BTreeMap;"),
            ("crates/law/tests/it/x.rs", "use std::fs;"),
            ("services/a/src/store.rs", "use tokio::time::sleep;"),
        ],
        &[
            (
                "crates/law/src/x.rs",
                "use std::{collections::BTreeMap, fs};",
            ),
            ("crates/case/src/x.rs", "tokio::spawn(x)"),
            ("services/a/src/domain/x.rs", "use sqlx::PgConnection;"),
        ],
    );
}

#[test]
fn services_meet_in_the_log_only() {
    holds("calls between services", &calls_between_services(&SOURCES));
    tells_apart(
        calls_between_services,
        &[(
            "crates/odrctl/src/x.rs",
            "use proto::intake::v1::intake_service_client::IntakeServiceClient;",
        )],
        &[(
            "services/a/src/grpc.rs",
            "use proto::intake::v1::intake_service_client::IntakeServiceClient;",
        )],
    );
}
