//! The services as processes, with stand-ins for the programs: this test program itself, run under their names.
#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its own functions too"
)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use devstack::servers::{PrivateServers, Servers};
use devstack::services::{self, Stack, StackOptions};
use devstack::{Identity, Lifetime};

const BOUND: Duration = Duration::from_secs(10);

/// What a stand-in does: nothing when the test runner calls it, a service's part when a stack runs it.
#[test]
fn stand_in_for_a_service() {
    match std::env::var("STAND_IN").as_deref() {
        Ok("migrate") => assert!(std::env::var("FAIL_MIGRATION").is_err(), "asked to fail"),
        Ok("serve") => {
            assert!(std::env::var("FAIL_SERVE").is_err(), "asked to fail");
            let listener = TcpListener::bind(std::env::var("ODR_OPS_LISTEN").unwrap()).unwrap();
            for mut stream in listener.incoming().map_while(Result::ok) {
                // a caller that went away is no concern of a stand-in
                if stream.read(&mut [0; 512]).is_ok() {
                    drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
                }
            }
        }
        _ => {}
    }
}

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        let directory =
            PathBuf::from("/var/tmp").join(format!("devstack-services-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Scratch(directory)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        services::stop_recorded(&self.0, BOUND).unwrap();
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn options(servers: &PrivateServers, directory: &Path) -> StackOptions {
    let binaries = directory.join("bin");
    std::fs::create_dir_all(&binaries).unwrap();
    let own = std::env::current_exe().unwrap();
    for service in ["intake", "routing"] {
        let text = format!(
            "#!/bin/sh\nSTAND_IN=\"$1\" exec '{}' --exact --nocapture stand_in_for_a_service\n",
            own.display()
        );
        let program = binaries.join(service);
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    StackOptions {
        names: vec!["intake".into(), "routing".into()],
        replicas: 2,
        partitions: Some(1),
        binaries: Some(binaries),
        state_directory: directory.to_owned(),
        ..StackOptions::new(&servers.addresses(), "stand_in")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_are_started_killed_paused_ended_and_found_again() {
    let scratch = Scratch::new();
    let servers = Servers::private(&scratch.0).unwrap();
    let options = options(&servers, &scratch.0);

    let mut stack = Stack::start(options.clone()).await.unwrap();
    assert_ne!(stack.endpoint("intake", 0), stack.endpoint("intake", 1));
    assert!(stack.database_url("routing").ends_with("/stand_in_routing"));

    let endpoint = stack.endpoint("intake", 0);
    stack.kill("intake", 0).unwrap();
    assert!(!stack.is_running("intake", 0) && stack.is_ready("intake", 1));
    stack.restart("intake", 0).await.unwrap();
    assert_eq!(stack.endpoint("intake", 0), endpoint);

    stack.stop("routing", 1).unwrap();
    assert!(stack.is_running("routing", 1) && !stack.is_ready("routing", 1));
    stack.cont("routing", 1).unwrap();
    stack.wait_ready("routing", 1).await.unwrap();

    stack.terminate("routing", 0, BOUND).await.unwrap();
    stack.stop("routing", 1).unwrap();
    let left = Identity::of(stack.pid("intake", 1)).unwrap();
    stack.shutdown(BOUND).await.unwrap();
    assert!(!left.is_alive() && !stack.is_running("routing", 1));
    stack.remove_data().await.unwrap();

    dropped_stack_leaves_no_process(options.clone()).await;
    detached_stack_is_found_and_stopped(options.clone()).await;
    failures_name_service_and_log(&options).await;
}

async fn dropped_stack_leaves_no_process(options: StackOptions) {
    let stack = Stack::start(options).await.unwrap();
    let process = Identity::of(stack.pid("routing", 1)).unwrap();
    drop(stack);
    assert!(!process.is_alive());
}

async fn detached_stack_is_found_and_stopped(options: StackOptions) {
    let directory = options.state_directory.clone();
    drop(
        Stack::start(StackOptions {
            lifetime: Lifetime::Detached,
            ..options
        })
        .await
        .unwrap(),
    );
    let found = services::recorded(&directory).unwrap();
    assert!(found.len() == 4 && found.iter().all(services::RecordedReplica::is_ready));
    services::stop_recorded(&directory, BOUND).unwrap();
    assert!(found.iter().all(|replica| !replica.identity.is_alive()));
    assert!(services::recorded(&directory).unwrap().is_empty());
}

async fn failures_name_service_and_log(options: &StackOptions) {
    for (service, variable, wanted) in [
        ("routing", "FAIL_MIGRATION", "routing migrate failed"),
        ("intake", "FAIL_SERVE", "intake-0 has ended; its log"),
    ] {
        let failing = options
            .clone()
            .variable_of(service, variable, 1)
            .variable("RUST_BACKTRACE", 0);
        let message = Stack::start(failing).await.unwrap_err().to_string();
        assert!(
            message.contains(wanted) && message.contains("asked to fail"),
            "{message}"
        );
    }
}
