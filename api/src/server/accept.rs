//! The accept loop: connections within limits, and an orderly stop.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use engine::store::planted::{self, Bug};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::app::streams::Stopping;

/// What connections are held to.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long the head of a request may take, also the first and the next on a kept connection.
    pub head_time: Duration,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// Header fields of a request.
    pub head_fields: usize,
    /// Connections.
    pub connections: usize,
    /// Connections of one address; loopback may have all, a proxy stands there.
    pub connections_of_one: usize,
    /// How long a client may take nothing of what is sent to it.
    pub take_time: Duration,
    /// How long requests under way may take once the program stops.
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_time: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            head_fields: 100,
            connections: 512,
            connections_of_one: 64,
            take_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(10),
        }
    }
}

/// Connections by address. One that goes takes itself off.
#[derive(Debug, Default, Clone)]
struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

struct Seat {
    peers: Peers,
    address: IpAddr,
}

impl Peers {
    fn take(&self, address: IpAddr, most: usize) -> Option<Seat> {
        let address = address.to_canonical();
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = peers.entry(address).or_default();
        if *count >= most && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Seat { peers: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut peers = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = peers.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                peers.remove(&self.address);
            }
        }
    }
}

/// Serves until `stop` turns true or its sender is gone.
pub(super) async fn run(
    router: Router,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
    limits: Limits,
) -> std::io::Result<()> {
    let (places, peers, graceful) = (Arc::new(Semaphore::new(limits.connections)), Peers::default(), GracefulShutdown::new());
    let stopping = Stopping(stop.clone());
    let stopped = async move { while !*stop.borrow_and_update() && stop.changed().await.is_ok() {} };
    tokio::pin!(stopped);
    loop {
        // Without a place the kernel keeps the next connection waiting.
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stopped => break,
            next = next => next,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, or the peer was gone already: neither ends the program.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(seat) = peers.take(address.ip(), limits.connections_of_one) else { continue };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        // The kernel ends a connection whose client is gone, or reads no more.
        let take_time = u32::try_from(limits.take_time.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(&stream, take_time) {
            tracing::debug!(%error, "a connection may be left hanging");
        }
        let connection = graceful.watch(connect(router.clone(), stream, (address, stopping.clone()), &limits));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended badly");
            }
            drop((place, seat));
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.stop_time, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way when the program stopped");
    }
    Ok(())
}

fn connect(
    router: Router,
    stream: TcpStream,
    (address, stopping): (SocketAddr, Stopping),
    limits: &Limits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        request.extensions_mut().insert(stopping.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(if planted::is(Bug::ReadAnyHead) { usize::MAX } else { limits.head_bytes })
        .max_headers(limits.head_fields)
        .keep_alive(true)
        .serve_connection(TokioIo::new(stream), service)
}
