//! Asks a service whether it is ready: one HTTP request to `/readyz`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const BOUND: Duration = Duration::from_secs(1);

/// Whether `GET /readyz` on this loopback port answers 200 within a second.
pub(super) fn is_ready(port: u16) -> bool {
    ask(port).is_ok_and(|answer| is_success(&answer))
}

fn ask(port: u16) -> std::io::Result<String> {
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), BOUND)?;
    stream.set_read_timeout(Some(BOUND))?;
    stream.set_write_timeout(Some(BOUND))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
    let mut first = [0_u8; 64];
    let length = stream.read(&mut first)?;
    Ok(String::from_utf8_lossy(&first[..length]).into_owned())
}

fn is_success(answer: &str) -> bool {
    answer
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(1..5))
        == Some(" 200")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_status_200_is_ready() {
        for (answer, ready) in [
            ("HTTP/1.1 200 OK\r\n", true),
            ("HTTP/1.0 200 OK\r\n", true),
            ("HTTP/1.1 503 Service Unavailable\r\n", false),
            ("HTTP/1.1 404 200\r\n", false),
            ("", false),
        ] {
            assert_eq!(is_success(answer), ready, "{answer}");
        }
    }

    #[test]
    fn server_that_answers_is_asked_over_tcp() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0_u8; 512];
            let length = stream.read(&mut request).unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                .unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        assert!(is_ready(port));
        assert!(
            server
                .join()
                .unwrap()
                .starts_with("GET /readyz HTTP/1.1\r\n")
        );
        assert!(!is_ready(port));
    }
}
