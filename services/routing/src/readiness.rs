//! Whether this replica has been ready once: before that its database may be older than what the service said, and acts
//! outside the writer must wait as commands do.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(1);

/// Remembers that the replica's own probe said yes.
#[derive(Debug)]
pub(crate) struct Readiness {
    probes: SocketAddr,
    reached: AtomicBool,
}

impl Readiness {
    pub(crate) fn new(probes: SocketAddr) -> Self {
        Self {
            probes,
            reached: AtomicBool::new(false),
        }
    }

    /// Whether the replica is or was ready.
    pub(crate) async fn reached(&self) -> bool {
        if !self.reached.load(Ordering::Acquire) {
            let answer = tokio::time::timeout(PATIENCE, self.ask()).await;
            let ready = matches!(answer, Ok(Ok(true)));
            self.reached.fetch_or(ready, Ordering::AcqRel);
        }
        self.reached.load(Ordering::Acquire)
    }

    /// What `/readyz` says now.
    async fn ask(&self) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(self.probes).await?;
        let request = b"GET /readyz HTTP/1.1\r\nHost: self\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        Ok(status.ends_with(b" 200"))
    }
}
