//! A TCP proxy of our own between services and a server: it delays, holds back, cuts and half-closes while they run.
//!
//! Kafka tells its clients where its brokers are. The proxy of a broker puts its own port in place of the broker's into
//! every answer, so that nobody goes round it.

mod carrier;
mod naming;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use devstack::servers::Servers;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use carrier::{Line, carry};
use naming::Naming;

/// How bytes go through at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// At once.
    Open,
    /// So much later, in each direction.
    Slow(Duration),
    /// Not at all: what comes is held until the way is another one, as if packets were lost on it.
    Silent,
}

/// One of the two who speak through a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The service.
    Client,
    /// PostgreSQL or Kafka.
    Server,
}

/// What is done to every connection there is; later ones are not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Both ends are told that the connection is broken.
    Cut,
    /// This end is told that the other one will say no more.
    HalfClose(End),
    /// Nothing goes through any more, and nobody is told.
    Lose,
}

/// A listening proxy; dropping it breaks all connections.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    way: watch::Sender<Way>,
    orders: broadcast::Sender<Order>,
    open: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Before a server at `host:port` that is taken as it is.
    ///
    /// # Errors
    /// When the address cannot be found or no port is free.
    pub async fn before(server: &str) -> Result<Proxy> {
        Proxy::open(server, false).await
    }

    /// Before a Kafka broker at `host:port`, which is the address that it names itself by.
    ///
    /// # Errors
    /// As [`Proxy::before`].
    pub async fn before_broker(server: &str) -> Result<Proxy> {
        Proxy::open(server, true).await
    }

    async fn open(server: &str, broker: bool) -> Result<Proxy> {
        let mut found = tokio::net::lookup_host(server).await?;
        let target: SocketAddr = found.next().context("the server has no address")?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let naming = broker.then(|| Naming::new(server, port)).transpose()?;
        let (way, _) = watch::channel(Way::Open);
        let (orders, _) = broadcast::channel(16);
        let open = Arc::new(AtomicUsize::new(0));
        let line = Line {
            target,
            way: way.clone(),
            orders: orders.clone(),
            naming,
            open: Arc::clone(&open),
        };
        let listening = tokio::spawn(async move {
            // a listener that fails has no more to give: the services notice
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, line.clone()));
            }
        });
        Ok(Proxy {
            port,
            way,
            orders,
            open,
            listening,
        })
    }

    /// The loopback port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections go through it now.
    pub fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// From now on bytes go this way, those that are held too.
    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// Breaks every connection.
    pub fn cut(&self) {
        self.order(Order::Cut);
    }

    /// Tells this end of every connection that the other one will say no more.
    pub fn half_close(&self, end: End) {
        self.order(Order::HalfClose(end));
    }

    /// Loses every connection, as a machine does that has no power: what is said on it goes nowhere, for ever, and neither
    /// end is told. The server's sessions end by its own limits.
    pub fn lose(&self) {
        self.order(Order::Lose);
    }

    fn order(&self, order: Order) {
        // an error says that there is no connection
        drop(self.orders.send(order));
    }
}

/// The lines over which services reach their servers.
#[derive(Debug)]
pub struct Lines {
    /// To PostgreSQL.
    pub database: Proxy,
    /// To Kafka.
    pub broker: Proxy,
}

impl Lines {
    /// A proxy before each of these servers.
    pub(crate) async fn to(servers: &Servers) -> Result<Lines> {
        let address =
            address(&servers.database_url).context("the URL of a database has an address")?;
        Ok(Lines {
            database: Proxy::before(address).await?,
            broker: Proxy::before_broker(&servers.kafka).await?,
        })
    }

    /// The URL of the maintenance database by way of the proxy.
    pub(crate) fn database_url(&self, servers: &Servers) -> String {
        let direct = address(&servers.database_url).unwrap_or_default();
        let line = format!("127.0.0.1:{}", self.database.port());
        servers.database_url.replacen(direct, &line, 1)
    }

    /// Bootstrap servers by way of the proxy.
    pub(crate) fn kafka(&self) -> String {
        format!("127.0.0.1:{}", self.broker.port())
    }
}

/// Host and port of a URL.
fn address(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    Some(authority.rsplit('@').next().unwrap_or(authority))
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut();
    }
}
