//! A broker's answers, with the proxy's port where the broker names its own.

use anyhow::{Context, Result};
use bytes::{Buf, Bytes, BytesMut};

/// Bytes of the length that every message of Kafka begins with.
const LENGTH_BYTES: usize = 4;

/// Puts another port behind a host name, message by message; lengths stay as they are.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    /// Host and port as Kafka writes them: the name's bytes, then four of the port.
    own: Vec<u8>,
    port: [u8; 4],
    /// The beginning of a message whose rest has not come yet.
    begun: BytesMut,
}

impl Naming {
    /// For a broker that calls itself `server` (`host:port`) and is to be found at `port`.
    ///
    /// # Errors
    /// When `server` has no port.
    pub(super) fn new(server: &str, port: u16) -> Result<Naming> {
        let (host, own_port) = server.rsplit_once(':').context("a broker has a port")?;
        let own_port: u32 = own_port.parse().context("a broker's port is a number")?;
        Ok(Naming {
            own: [host.as_bytes(), &own_port.to_be_bytes()].concat(),
            port: u32::from(port).to_be_bytes(),
            begun: BytesMut::new(),
        })
    }

    /// The messages that these bytes complete.
    pub(super) fn rename(&mut self, bytes: &[u8]) -> Bytes {
        self.begun.extend_from_slice(bytes);
        let mut whole = 0;
        while let Some(mut length) = self.begun.get(whole..whole + LENGTH_BYTES) {
            let end =
                whole + LENGTH_BYTES + usize::try_from(length.get_u32()).unwrap_or(usize::MAX);
            if self.begun.len() < end {
                break;
            }
            whole = end;
        }
        let mut messages = self.begun.split_to(whole);
        let at_port = self.own.len() - self.port.len();
        let mut at = 0;
        while let Some(found) = find(&messages[at..], &self.own) {
            at += found + self.own.len();
            messages[at - self.own.len() + at_port..at].copy_from_slice(&self.port);
        }
        messages.freeze()
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
