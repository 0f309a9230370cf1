//! Free loopback ports, below the range from which the kernel takes the ports of outgoing connections:
//! a server that is killed finds its port free when it is started again.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};

const FIRST: u16 = 18_000;
const COUNT: u32 = 14_000;

/// Ports this process has handed out, so that two callers never get the same one before they bind it.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A loopback port on which nobody listens now and which this process has not handed out before.
///
/// # Errors
/// When the whole range is taken.
pub fn free_port() -> Result<u16> {
    let mut given = GIVEN.lock().expect("no holder of this lock can panic");
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    let start = (nanos / 1_000) ^ std::process::id();
    for step in 0..COUNT {
        let port = FIRST + ((start.wrapping_add(step)) % COUNT) as u16;
        if !given.contains(&port) && is_free(port) {
            given.insert(port);
            return Ok(port);
        }
    }
    bail!(
        "no free loopback port between {FIRST} and {}",
        u32::from(FIRST) + COUNT
    )
}

/// Whether nobody listens on this loopback port.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handed_out_ports_differ_and_are_free() {
        let ports: Vec<u16> = (0..20).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), ports.len());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, ports[0])).unwrap();
        assert!(!is_free(ports[0]));
        drop(listener);
    }
}
