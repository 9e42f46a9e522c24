//! A network of its own for a node: a namespace with a line to the database and one to the clients. A line can be cut one way or both, and
//! nobody is told: what is sent goes nowhere.

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

/// Which way nothing gets through, as the node sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// What the node sends is lost.
    Out,
    /// What is sent to it is lost.
    In,
    /// Both.
    Both,
}

/// The end of a line: an address, and the device that has it.
#[derive(Debug)]
struct End {
    address: Ipv4Addr,
    device: String,
}

/// A line from here into a namespace.
#[derive(Debug)]
pub(super) struct Line {
    namespace: String,
    here: End,
    there: End,
}

/// A namespace.
#[derive(Debug)]
pub(super) struct Network {
    /// As `ip netns` knows it.
    pub(super) name: String,
    /// The line to the database.
    pub(super) database: Line,
    /// The line to the clients.
    pub(super) clients: Line,
}

/// An address that no device has: frames to it are dropped by whoever gets them.
const NOWHERE: &str = "02:00:00:00:00:01";

/// Whether there can be networks here; said aloud where not.
pub(super) fn is_possible() -> bool {
    let probe = format!("sevottam-{}-probe", std::process::id());
    let made = ip(&["netns", "add", &probe]);
    let is_possible = made.is_ok() && ip(&["netns", "delete", &probe]).is_ok();
    if let Err(why) = made {
        crate::skip(&format!("network namespaces: {why}"));
    }
    is_possible
}

impl Network {
    /// The network of the node with this number.
    ///
    /// # Panics
    /// When it cannot be made.
    pub(super) fn new(node: u8) -> Self {
        // Several of us may be at work on one machine: names and addresses follow from the process.
        let process = std::process::id();
        let name = format!("sevottam-{process}-{node}");
        done(&["netns", "add", &name]);
        let [_, _, high, low] = process.to_be_bytes();
        let line = |letter: char, first: u8| {
            let end = |letter: char, last: u8| End {
                address: Ipv4Addr::new(10, 64 + high % 64, low, node * 8 + first + last),
                device: format!("s{process}{letter}{node}"),
            };
            Line::new(&name, end(letter, 1), end(letter.to_ascii_uppercase(), 2))
        };
        let (database, clients) = (line('d', 0), line('c', 4));
        Self { name, database, clients }
    }
}

impl Network {
    /// Connections to this port that the node takes to be alive.
    ///
    /// # Panics
    /// When the system does not say.
    pub(super) fn believed(&self, port: u16) -> usize {
        let table = Command::new("ip").args(["netns", "exec", &self.name, "cat", "/proc/net/tcp"]).output().expect("ip runs");
        let is_one = |line: &str| {
            // Number, local address, remote address, state: 01 is established.
            let mut fields = line.split_whitespace().skip(2);
            let is_there = fields.next().is_some_and(|remote| remote.ends_with(&format!(":{port:04X}")));
            is_there && fields.next() == Some("01")
        };
        String::from_utf8_lossy(&table.stdout).lines().filter(|line| is_one(line)).count()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The lines go with it. What cannot be removed is in nobody's way.
        let _ = ip(&["netns", "delete", &self.name]);
    }
}

impl Line {
    fn new(namespace: &str, here: End, there: End) -> Self {
        let (near, far) = (here.device.as_str(), there.device.as_str());
        done(&["link", "add", near, "type", "veth", "peer", "name", far, "netns", namespace]);
        done(&["address", "add", &format!("{}/30", here.address), "dev", near]);
        done(&["link", "set", near, "up"]);
        done(&["-netns", namespace, "address", "add", &format!("{}/30", there.address), "dev", far]);
        done(&["-netns", namespace, "link", "set", far, "up"]);
        Self { namespace: namespace.to_owned(), here, there }
    }

    /// The address of this end.
    pub(super) fn here(&self) -> Ipv4Addr {
        self.here.address
    }

    /// The address of the end in the namespace.
    pub(super) fn there(&self) -> Ipv4Addr {
        self.there.address
    }

    /// From now on nothing gets through that way.
    pub(super) fn cut(&self, way: Way) {
        let lose = |namespace: &[&str], to: &End, from: &End| {
            let to = to.address.to_string();
            let rest = ["neighbour", "replace", &to, "lladdr", NOWHERE, "nud", "permanent", "dev", &from.device];
            done(&[namespace, &rest].concat());
        };
        if way != Way::In {
            lose(&["-netns", &self.namespace], &self.here, &self.there);
        }
        if way != Way::Out {
            lose(&[], &self.there, &self.here);
        }
    }

    /// Everything gets through again.
    pub(super) fn heal(&self) {
        // Whichever end was never cut has nothing to forget.
        let _ =
            ip(&["-netns", &self.namespace, "neighbour", "delete", &self.here.address.to_string(), "dev", &self.there.device]);
        let _ = ip(&["neighbour", "delete", &self.there.address.to_string(), "dev", &self.here.device]);
    }
}

fn done(arguments: &[&str]) {
    if let Err(why) = ip(arguments) {
        panic!("ip {}: {why}", arguments.join(" "));
    }
}

/// Runs `ip`; what it complains about.
fn ip(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(arguments).stdin(Stdio::null()).output().map_err(|error| format!("ip: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}
