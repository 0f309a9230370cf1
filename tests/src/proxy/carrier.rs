//! One connection: two streams of bytes, each on its way, until an end leaves or the connection is cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::naming::Naming;
use super::{End, Order, Way};

/// Read at once.
const PIECE_BYTES: usize = 16 * 1024;
/// Pieces under way in one direction; beyond it the sender waits, as on a slow line.
const PIECES: usize = 256;

/// What every connection of a proxy has in common.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) target: SocketAddr,
    pub(super) way: watch::Sender<Way>,
    pub(super) orders: broadcast::Sender<Order>,
    pub(super) naming: Option<Naming>,
    pub(super) open: Arc<AtomicUsize>,
}

/// Counts a connection as long as it is carried.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Carries a connection until both ends have left, or it is cut.
pub(super) async fn carry(mut client: TcpStream, line: Line) {
    let mut orders = line.orders.subscribe();
    // a client whose server cannot be reached finds its connection closed
    let Ok(mut server) = TcpStream::connect(line.target).await else {
        return;
    };
    line.open.fetch_add(1, Ordering::Relaxed);
    let _counted = Counted(Arc::clone(&line.open));
    for stream in [&client, &server] {
        // only speed is lost where it is refused
        drop(stream.set_nodelay(true));
    }
    let cut = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let both = async {
            tokio::join!(
                pump(from_client, to_server, End::Server, &line, None),
                pump(
                    from_server,
                    to_client,
                    End::Client,
                    &line,
                    line.naming.clone()
                )
            )
        };
        tokio::select! {
            _ = both => false,
            () = ordered(&mut orders, Order::Cut) => true,
        }
    };
    if cut {
        for stream in [&client, &server] {
            // both get a reset instead of an end
            drop(stream.set_zero_linger());
        }
    }
}

/// Takes bytes to one end, each piece on the way of its moment.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    end: End,
    line: &Line,
    mut naming: Option<Naming>,
) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Bytes)>(PIECES);
    let reading = async move {
        let mut buffer = vec![0; PIECE_BYTES];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let piece = match &mut naming {
                None => Bytes::copy_from_slice(&buffer[..count]),
                Some(naming) => naming.rename(&buffer[..count]),
            };
            if !piece.is_empty() && sender.send((Instant::now(), piece)).await.is_err() {
                break;
            }
        }
    };
    let writing = async {
        let (mut orders, mut lost) = (line.orders.subscribe(), line.orders.subscribe());
        let mut way = line.way.subscribe();
        let passing = async {
            while let Some((came, piece)) = pieces.recv().await {
                pass(&mut way, came).await;
                if to.write_all(&piece).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = passing => {}
            () = ordered(&mut orders, Order::HalfClose(end)) => {}
            () = ordered(&mut lost, Order::Lose) => std::future::pending().await,
        }
        // an end that has left needs no telling
        drop(to.shutdown().await);
        pieces.close();
    };
    tokio::join!(reading, writing);
}

/// Waits until what came at that moment may go on.
async fn pass(way: &mut watch::Receiver<Way>, came: Instant) {
    loop {
        let present = *way.borrow_and_update();
        match present {
            Way::Open => return,
            Way::Slow(delay) => return sleep_until(came + delay).await,
            // a proxy that is gone lets nothing through any more
            Way::Silent => {
                if way.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// Waits for an order.
async fn ordered(orders: &mut broadcast::Receiver<Order>, wanted: Order) {
    loop {
        match orders.recv().await {
            Ok(order) if order == wanted => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
