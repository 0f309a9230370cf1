//! The other side of the probes: one program asks the other, since a slim image holds no HTTP client.

use std::io::{Error, Read, Result, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const BOUND: Duration = Duration::from_secs(2);

/// Asks `/readyz` of the service on this machine whose probes listen there.
///
/// # Errors
/// When nobody answers within two seconds, or the answer is not 200.
pub fn ask(listen: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&reachable(listen), BOUND)?;
    stream.set_read_timeout(Some(BOUND))?;
    stream.set_write_timeout(Some(BOUND))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4_096).read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        Ok(())
    } else {
        let said = answer.lines().last().unwrap_or_default();
        Err(Error::other(format!("not ready: {status} {said}")))
    }
}

/// Where to reach a listener that may listen everywhere.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let address = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        named => named,
    };
    SocketAddr::new(address, listen.port())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::probe::{Readiness, serve};

    #[tokio::test]
    async fn only_a_ready_service_is_well() {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
        let (address, readiness) = (listener.local_addr().unwrap(), Readiness::new());
        let finishing = CancellationToken::new();
        let server = tokio::spawn(serve(listener, readiness.clone(), finishing.clone()));
        let asked = || async move {
            let answer = tokio::task::spawn_blocking(move || ask(address)).await;
            answer.unwrap().map_err(|error| error.to_string())
        };
        let refused = asked().await.unwrap_err();
        assert!(refused.contains("503 starting"), "{refused}");
        readiness.ready();
        asked().await.unwrap();
        finishing.cancel();
        server.await.unwrap().unwrap();
        assert!(asked().await.is_err());
    }
}
