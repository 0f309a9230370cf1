//! Three HTTP answers for whoever runs the service: `/livez` (the process turns), `/readyz` (send calls here), `/metrics`.
//!
//! Hand-written on a socket: three plain answers to GET need no web framework. It reads nothing but the request line.

mod asking;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

pub use asking::ask;

use crate::metrics;

const HEAD_LIMIT_BYTES: usize = 8_192;
const CONNECTIONS: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);
const PLAIN: &str = "content-type: text/plain\r\n";
const ONLY_GET: &str = "content-type: text/plain\r\nallow: GET\r\n";
const FIGURES: &str = "content-type: text/plain; version=0.0.4; charset=utf-8\r\n";

/// How far the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not caught up yet.
    Starting,
    /// Takes calls.
    Ready,
    /// Stops; never leaves this phase.
    Draining,
}

/// The phase, shared: whoever knows sets it, probes and gRPC health follow it.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<watch::Sender<Phase>>);

impl Readiness {
    /// A service that starts.
    pub fn new() -> Self {
        Self(Arc::new(watch::channel(Phase::Starting).0))
    }

    /// Not ready (again), unless it drains.
    pub fn starting(&self) {
        self.set(Phase::Starting);
    }

    /// Ready, unless it drains.
    pub fn ready(&self) {
        self.set(Phase::Ready);
    }

    /// Drains, for good.
    pub fn draining(&self) {
        self.set(Phase::Draining);
    }

    /// The phase now.
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Follows the phase.
    pub fn subscribe(&self) -> watch::Receiver<Phase> {
        self.0.subscribe()
    }

    fn set(&self, next: Phase) {
        self.0.send_if_modified(|phase| {
            let changes = *phase != Phase::Draining && *phase != next;
            if changes {
                *phase = next;
            }
            changes
        });
    }
}

impl Default for Readiness {
    fn default() -> Self {
        Self::new()
    }
}

/// Answers probes until `finishing` (give it the back row's token, so that `/readyz` can say no during the drain).
///
/// # Errors
/// Never today; the type is that of a task.
pub async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    finishing: CancellationToken,
) -> anyhow::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = finishing.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let (Ok((stream, _)), Ok(place)) = (accepted, places.clone().try_acquire_owned()) else {
            // Out of descriptors or of places: the prober tries again, we do not spin.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let phase = readiness.phase();
        tokio::spawn(async move {
            // A prober that talks slowly or goes away concerns nobody.
            let _ = tokio::time::timeout(PATIENCE, answer(stream, phase)).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, phase: Phase) -> std::io::Result<()> {
    let mut head = Vec::with_capacity(512);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() >= HEAD_LIMIT_BYTES || stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    stream.write_all(respond(&head, phase).as_bytes()).await?;
    stream.shutdown().await
}

fn respond(head: &[u8], phase: Phase) -> String {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let words: Vec<&str> = std::str::from_utf8(line)
        .map(|line| line.split(' ').collect())
        .unwrap_or_default();
    let plain = |status, body: &str| (status, PLAIN, format!("{body}\n"));
    let (status, headers, body) = match words[..] {
        [method, target, version] if version.starts_with("HTTP/1.") => {
            let path = target.split('?').next().unwrap_or_default();
            match (method, path, phase) {
                ("GET", "/livez", _) => plain("200 OK", "alive"),
                ("GET", "/readyz", Phase::Ready) => plain("200 OK", "ready"),
                ("GET", "/readyz", Phase::Starting) => plain("503 Service Unavailable", "starting"),
                ("GET", "/readyz", Phase::Draining) => plain("503 Service Unavailable", "draining"),
                ("GET", "/metrics", _) => ("200 OK", FIGURES, metrics::exposition()),
                (_, "/livez" | "/readyz" | "/metrics", _) => {
                    ("405 Method Not Allowed", ONLY_GET, "GET only\n".to_owned())
                }
                _ => plain("404 Not Found", "only /livez, /readyz and /metrics"),
            }
        }
        _ => plain("400 Bad Request", "not HTTP"),
    };
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\
         cache-control: no-store\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_its_answer() {
        let rows: &[(&str, Phase, &str)] = &[
            (
                "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n",
                Phase::Starting,
                "200",
            ),
            ("GET /livez HTTP/1.0\r\n\r\n", Phase::Draining, "200"),
            ("GET /readyz HTTP/1.1\r\n\r\n", Phase::Starting, "503"),
            ("GET /readyz?verbose HTTP/1.1\r\n\r\n", Phase::Ready, "200"),
            ("GET /readyz HTTP/1.1\r\n\r\n", Phase::Draining, "503"),
            ("POST /readyz HTTP/1.1\r\n\r\n", Phase::Ready, "405"),
            ("GET /metrics HTTP/1.1\r\n\r\n", Phase::Draining, "200"),
            ("PUT /metrics HTTP/1.1\r\n\r\n", Phase::Ready, "405"),
            ("GET / HTTP/1.1\r\n\r\n", Phase::Ready, "404"),
            ("GET /readyz", Phase::Ready, "400"),
            ("PRI * HTTP/2.0\r\n\r\n", Phase::Ready, "400"),
            ("", Phase::Ready, "400"),
        ];
        for (request, phase, status) in rows {
            let response = respond(request.as_bytes(), *phase);
            assert_eq!(
                response.split(' ').nth(1),
                Some(*status),
                "{request:?} {phase:?}"
            );
            let (head, body) = response.split_once("\r\n\r\n").unwrap();
            assert!(
                head.contains(&format!("content-length: {}", body.len())),
                "{response}"
            );
        }
        assert!(respond(b"\xff\xfe GET\r\n\r\n", Phase::Ready).contains("400"));
    }

    #[test]
    fn draining_is_the_last_phase() {
        let readiness = Readiness::new();
        type Step = (fn(&Readiness), Phase);
        let rows: &[Step] = &[
            (Readiness::ready, Phase::Ready),
            (Readiness::starting, Phase::Starting),
            (Readiness::ready, Phase::Ready),
            (Readiness::draining, Phase::Draining),
            (Readiness::ready, Phase::Draining),
            (Readiness::starting, Phase::Draining),
        ];
        for (step, (set, phase)) in rows.iter().enumerate() {
            set(&readiness);
            assert_eq!(readiness.phase(), *phase, "step {step}");
        }
    }
}
