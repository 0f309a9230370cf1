//! Probes and signals as the machinery that runs a service sees them.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a helper here fails the test that called it"
)]

use std::time::Duration;

use chassis::probe::{self, Readiness};
use chassis::server::listen;
use chassis::shutdown::Shutdown;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const BOUND: Duration = Duration::from_secs(20);

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    // In two pieces, as a network may deliver it.
    let (first, rest) = request.split_at(9);
    stream.write_all(first.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_signal_turns_ready_off_and_the_probe_answers_to_the_end() {
    let (readiness, shutdown) = (Readiness::new(), Shutdown::new());
    shutdown.on_signals().unwrap();
    let listener = listen("127.0.0.1:0".parse().unwrap(), "ODR_OPS_LISTEN")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    shutdown.spawn_back(
        "probe",
        probe::serve(listener, readiness.clone(), shutdown.finishing()),
    );
    let (stopping, follows) = (shutdown.stopping(), readiness.clone());
    let release = std::sync::Arc::new(tokio::sync::Notify::new());
    let released = release.clone();
    shutdown.spawn("front", async move {
        stopping.cancelled().await;
        follows.draining();
        released.notified().await;
        Ok(())
    });

    assert_eq!(
        (get(address, "/livez").await, get(address, "/readyz").await),
        ("200".into(), "503".into())
    );
    readiness.ready();
    assert_eq!(get(address, "/readyz").await, "200");

    let sent = std::process::Command::new("sh")
        .args(["-c", "kill -TERM $PPID"])
        .status()
        .unwrap();
    assert!(sent.success());
    let mut phases = readiness.subscribe();
    let draining = phases.wait_for(|phase| *phase == probe::Phase::Draining);
    tokio::time::timeout(BOUND, draining)
        .await
        .expect("the signal is heard")
        .unwrap();
    assert_eq!(
        (get(address, "/livez").await, get(address, "/readyz").await),
        ("200".into(), "503".into())
    );

    release.notify_one();
    shutdown.drain(BOUND).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_prober_that_sends_nothing_keeps_nobody_waiting() {
    let (readiness, shutdown) = (Readiness::new(), Shutdown::new());
    let listener = listen("127.0.0.1:0".parse().unwrap(), "ODR_OPS_LISTEN")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    shutdown.spawn_back(
        "probe",
        probe::serve(listener, readiness, shutdown.finishing()),
    );
    let _silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(
        tokio::time::timeout(BOUND, get(address, "/livez"))
            .await
            .unwrap(),
        "200"
    );
    shutdown.begin();
    shutdown.drain(BOUND).await.unwrap();
}
