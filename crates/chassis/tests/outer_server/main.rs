//! The gRPC server from outside: who may call, what is too large, too late or too broken, and how it stops.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a helper here fails the test that called it"
)]

mod bench;

use std::sync::Arc;
use std::time::Duration;

use chassis::probe::Readiness;
use chassis::server::{Server, listen};
use chassis::shutdown::Shutdown;
use chassis::status;
use clap::Parser;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use bench::{Bench, Settings};

const BOUND: Duration = Duration::from_secs(20);
const NAME: &str = "odr.test.v1.Echo";
const ME: &str = "consumer/-/c1";

#[tokio::test]
async fn each_bad_call_has_its_answer_and_the_next_call_works() {
    let bench = Bench::start(&["--message-limit-bytes=1024"]).await;
    let (small, fits, large) = (String::new(), "x".repeat(1_021), "x".repeat(1_022));
    let huge = "x".repeat(3_000_000);
    let rows = [
        ("Say", Some(ME), &small, None, Ok(ME)),
        ("Say", Some("staff"), &small, None, Ok("staff/-/-")),
        ("Say", None, &small, None, Err(Code::Unauthenticated)),
        (
            "Say",
            Some("consumer//c1"),
            &small,
            None,
            Err(Code::Unauthenticated),
        ),
        (
            "Say",
            Some("system"),
            &small,
            None,
            Err(Code::Unauthenticated),
        ),
        ("Say", Some(ME), &fits, None, Ok(ME)),
        ("Say", Some(ME), &large, None, Err(Code::ResourceExhausted)),
        ("Say", Some(ME), &huge, None, Err(Code::ResourceExhausted)),
        ("Panic", Some(ME), &small, None, Err(Code::Internal)),
        ("Say", Some(ME), &small, Some("20S"), Ok(ME)),
    ];
    for (method, principal, body, timeout, expected) in rows {
        let called = bench.call(method, principal, body.clone(), timeout).await;
        let told = called.as_ref().map(String::as_str).map_err(Status::code);
        assert_eq!(
            told,
            expected,
            "{method} {principal:?} {} bytes: {called:?}",
            body.len()
        );
    }
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_answered_by_the_server() {
    let bench = Bench::start(&["--request-timeout-ms=50"]).await;
    let status = bench
        .call("Hang", Some(ME), String::new(), None)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
}

#[tokio::test]
async fn bytes_that_are_no_message_are_the_callers_fault() {
    let bench = Bench::start(&[]).await;
    let rows: &[(&str, &'static [u8], Code)] = &[
        ("a message", &[0, 0, 0, 0, 3, 0x0a, 1, b'x'], Code::Ok),
        ("an empty message", &[0, 0, 0, 0, 0], Code::Ok),
        (
            "no protobuf",
            &[0, 0, 0, 0, 3, 0xff, 0xff, 0xff],
            Code::InvalidArgument,
        ),
        (
            "a string that is no UTF-8",
            &[0, 0, 0, 0, 3, 0x0a, 1, 0xff],
            Code::InvalidArgument,
        ),
        (
            "a field cut off",
            &[0, 0, 0, 0, 2, 0x0a, 9],
            Code::InvalidArgument,
        ),
        (
            "a message cut off",
            &[0, 0, 0, 0, 9, 0x0a],
            Code::InvalidArgument,
        ),
        ("a prefix cut off", &[0, 0], Code::InvalidArgument),
        ("an unknown flag", &[7, 0, 0, 0, 0], Code::InvalidArgument),
        (
            "compressed by nobody knows what",
            &[1, 0, 0, 0, 1, 9],
            Code::InvalidArgument,
        ),
        (
            "a length of four gigabytes",
            &[0, 0xff, 0xff, 0xff, 0xff, 1],
            Code::ResourceExhausted,
        ),
        ("nothing", &[], Code::InvalidArgument),
    ];
    for (name, bytes, code) in rows {
        let status = bench.send_raw(bytes).await;
        assert_eq!(status.code(), *code, "{name}: {status:?}");
    }
}

#[tokio::test]
async fn health_follows_the_phase_of_every_service() {
    let bench = Bench::start(&[]).await;
    let mut health = HealthClient::new(bench.channel.clone());
    let rows = [
        (
            NAME,
            Readiness::ready as fn(&Readiness),
            Ok(ServingStatus::Serving),
        ),
        ("", Readiness::ready, Ok(ServingStatus::Serving)),
        (NAME, Readiness::starting, Ok(ServingStatus::NotServing)),
        ("odr.test.v1.Nobody", Readiness::ready, Err(Code::NotFound)),
    ];
    for (service, set, expected) in rows {
        set(&bench.readiness);
        let check = async {
            loop {
                let request = HealthCheckRequest {
                    service: service.to_owned(),
                };
                let told = health.check(request).await;
                let told = told
                    .map(|answer| answer.into_inner().status())
                    .map_err(|status| status.code());
                if told == expected {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(BOUND, check).await.expect(service);
    }
}

#[tokio::test]
async fn the_drain_says_so_and_lets_calls_finish() {
    let bench = Arc::new(Bench::start(&[]).await);
    let request = HealthCheckRequest {
        service: NAME.to_owned(),
    };
    let mut watch = HealthClient::new(bench.channel.clone())
        .watch(request)
        .await
        .unwrap()
        .into_inner();
    let mut told = async |expected: ServingStatus| {
        let heard = async { while watch.message().await.unwrap().unwrap().status() != expected {} };
        tokio::time::timeout(BOUND, heard)
            .await
            .expect("health is told");
    };
    told(ServingStatus::Serving).await;
    let hanging = bench.hang().await;

    bench.shutdown.begin();
    told(ServingStatus::NotServing).await;
    tokio::time::timeout(BOUND, async {
        while tokio::net::TcpStream::connect(bench.address).await.is_ok() {}
    })
    .await
    .expect("nobody new is let in");
    assert!(!hanging.is_finished());

    bench.echo.release.add_permits(1);
    assert_eq!(hanging.await.unwrap().unwrap(), ME);
    // Far below the time allowed: the watching stream must not hold the server.
    tokio::time::timeout(Duration::from_secs(9), bench.shutdown.drain(BOUND))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_call_that_outstays_the_drain_is_told_to_try_elsewhere() {
    let bench = Arc::new(Bench::start(&["--drain-timeout-ms=200"]).await);
    let hanging = bench.hang().await;
    bench.shutdown.begin();
    bench.shutdown.drain(BOUND).await.unwrap();
    let status = hanging.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(status::retry_after(&status).is_some());
}

#[tokio::test]
async fn in_production_nothing_is_served() {
    let flags = [
        "x",
        "--database-url=postgres://x@localhost/x",
        "--kafka=localhost:9092",
    ];
    let common = Settings::try_parse_from(flags).unwrap().common;
    let listener = listen("127.0.0.1:0".parse().unwrap(), "ODR_LISTEN")
        .await
        .unwrap();
    let server = Server::new(listener, &common, Readiness::new());
    let error = server.serve(Shutdown::new()).await.unwrap_err();
    assert!(error.to_string().contains("production"), "{error}");
}
