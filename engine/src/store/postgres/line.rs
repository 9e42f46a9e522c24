//! Lines to the server that are dead are noticed within seconds, so that who waits for an answer that cannot come is told.
//!
//! Without this the kernel sends again for a quarter of an hour what the network has lost, and waits for ever for an answer that was lost on
//! its way. The library does not hand out its sockets, so they are found among the process's own: those whose other end has the port of the
//! server. A server that is merely slow answers the kernel's questions all the same.

use sqlx::postgres::PgConnectOptions;

use crate::store::planted::{self, Bug};

/// The way to the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// The server's port, where it is reached over a network.
    port: Option<u16>,
}

impl Line {
    /// The way that such connections take.
    pub(super) fn of(connect: &PgConnectOptions) -> Self {
        let is_local = connect.get_socket().is_some() || connect.get_host().starts_with('/');
        Self { port: (!is_local && !planted::is(Bug::TrustLine)).then(|| connect.get_port()) }
    }

    /// Connections that there are now end by themselves once they are dead for five seconds.
    pub(super) async fn watch(self) {
        #[cfg(target_os = "linux")]
        if let Some(port) = self.port {
            // The process may have thousands of sockets to look at.
            let watched = tokio::task::spawn_blocking(move || linux::watch(port)).await;
            if let Ok(Err(error)) = watched {
                tracing::warn!(%error, "a dead line to the database may be noticed late");
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::net::SocketAddr;
    use std::time::Duration;

    use rustix::fd::{BorrowedFd, OwnedFd, RawFd};
    use rustix::io::{Errno, fcntl_dupfd_cloexec};
    use rustix::net::sockopt::{
        set_socket_keepalive, set_tcp_keepcnt, set_tcp_keepidle, set_tcp_keepintvl, set_tcp_user_timeout, socket_keepalive,
        socket_type,
    };
    use rustix::net::{SocketType, getpeername};

    /// After so long without a sign of the server the kernel asks whether it is there, so often, so long apart.
    const QUIET: Duration = Duration::from_secs(2);
    const APART: Duration = Duration::from_secs(1);
    const TIMES: u32 = 3;
    /// Milliseconds that what was sent may stay without an acknowledgement by the server's kernel.
    pub(super) const UNHEARD: u32 = 5_000;

    /// Sets the limits on each of this process's sockets that leads to that port and has none yet.
    pub(super) fn watch(port: u16) -> io::Result<()> {
        let mut watched = Ok(());
        for entry in std::fs::read_dir("/proc/self/fd")? {
            let entry = entry?;
            let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let is_socket =
                std::fs::read_link(entry.path()).is_ok_and(|to| to.as_os_str().as_encoded_bytes().starts_with(b"socket:"));
            match is_socket.then(|| duplicate(number).and_then(|socket| limit(&socket, port))) {
                // What was closed meanwhile is not there any more.
                None | Some(Ok(()) | Err(Errno::BADF)) => {}
                // The others are looked at all the same.
                Some(Err(error)) => watched = Err(error.into()),
            }
        }
        watched
    }

    /// The socket with this number, as our own.
    #[expect(unsafe_code, reason = "the library that made the socket does not hand it out")]
    fn duplicate(number: RawFd) -> Result<OwnedFd, Errno> {
        // SAFETY: the number is one of this process's, read a moment ago, and is borrowed for one call that duplicates what it stands for. If it
        // was closed meanwhile, that call fails; if it was given to another file, that is duplicated, looked at and left as it is.
        let socket = unsafe { BorrowedFd::borrow_raw(number) };
        fcntl_dupfd_cloexec(socket, 0)
    }

    fn limit(socket: &OwnedFd, port: u16) -> Result<(), Errno> {
        if peer(socket) != Some(port) || socket_type(socket)? != SocketType::STREAM || socket_keepalive(socket)? {
            return Ok(());
        }
        set_tcp_keepidle(socket, QUIET)?;
        set_tcp_keepintvl(socket, APART)?;
        set_tcp_keepcnt(socket, TIMES)?;
        set_tcp_user_timeout(socket, UNHEARD)?;
        set_socket_keepalive(socket, true)
    }

    /// The port of the other end; none of what is not connected, or not by TCP.
    fn peer(socket: &OwnedFd) -> Option<u16> {
        let address = getpeername(socket).ok()??;
        SocketAddr::try_from(address).ok().map(|address| address.port())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use rustix::net::sockopt::{socket_keepalive, tcp_user_timeout};

    use super::linux::{UNHEARD, watch};

    #[test]
    fn connections_to_the_server_are_watched_and_no_others() {
        let listen = || TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let connect = |to: &TcpListener| TcpStream::connect(to.local_addr().expect("an address")).expect("it listens");
        let (server, other) = (listen(), listen());
        let (to_server, to_other) = (connect(&server), connect(&other));
        watch(server.local_addr().expect("an address").port()).expect("its own sockets");
        assert!(socket_keepalive(&to_server).expect("a socket"));
        assert_eq!(tcp_user_timeout(&to_server).expect("a socket"), UNHEARD);
        assert!(!socket_keepalive(&to_other).expect("a socket"));
        // A socket of another kind to the same port is in nobody's way.
        let datagrams = std::net::UdpSocket::bind(("127.0.0.1", 0)).expect("a free port");
        datagrams.connect(server.local_addr().expect("an address")).expect("it need not be there");
        let later = connect(&server);
        watch(server.local_addr().expect("an address").port()).expect("its own sockets");
        assert!(socket_keepalive(&later).expect("a socket"));
    }
}
